"""Ingest: transactions accepted to be scored later, and the quality of the received data."""
