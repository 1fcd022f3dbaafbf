"""Erasure: one person's data forgotten, with a receipt."""
