"""Counting what is blocked, and opening and closing the breakers of what blocks too much."""
