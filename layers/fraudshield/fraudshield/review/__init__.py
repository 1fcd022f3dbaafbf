"""Review: flagged payments that people decide, one person at a time, and what became of each."""
