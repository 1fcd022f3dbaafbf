"""Aggregates: what earlier payments say of a payment's card, device or account, by both clocks, kept with it."""
