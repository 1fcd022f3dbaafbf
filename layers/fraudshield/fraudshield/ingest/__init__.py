"""Ingest: transactions taken in to be scored later, and the quality of what came."""
