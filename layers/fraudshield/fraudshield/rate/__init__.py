"""Rates: what a unit of each currency is worth, and since when."""
