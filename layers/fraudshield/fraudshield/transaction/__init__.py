"""Transactions: what arrives, its fields, features and quality."""
