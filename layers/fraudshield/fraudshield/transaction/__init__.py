"""Transactions: what arrives, its fields and quality."""
