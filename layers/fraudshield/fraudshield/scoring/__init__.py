"""Scoring: the one path of a transaction, from its features to its stored decision."""
