"""Files whose payments are of an event type of one's own."""
