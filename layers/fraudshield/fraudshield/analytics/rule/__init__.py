"""Statistics of rules."""
