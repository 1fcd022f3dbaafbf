"""A file of payments of any event type, as columns, with what is known of their truth."""
