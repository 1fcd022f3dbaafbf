"""Models against each other on stored payments: who would have caught more, at the same share of reviews."""
