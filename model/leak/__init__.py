"""Columns that know the answer: what a file has that no payment has before it is decided."""
