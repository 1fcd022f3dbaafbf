"""Aggregates worked out over a whole file at once: for each row only what was known before it."""
