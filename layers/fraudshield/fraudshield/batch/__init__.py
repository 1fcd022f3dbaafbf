"""Batch: files of transactions, scored chunk by chunk as jobs."""
