"""Fields of event types of one's own: their values day by day, and how far they drift."""
