"""Labels: what a payment turned out to be."""
