"""Event types: what a payment of yours looks like, as versioned documents."""
