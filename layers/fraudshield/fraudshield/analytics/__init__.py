"""Analytics: counters of what was stored, and the trends, patterns and measures read from them."""
