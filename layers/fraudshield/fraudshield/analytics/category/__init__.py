"""Analytics by event type and category field."""
