"""Batch: files of transactions, from their bytes to scored files. No AWS here; numpy in the modules of a chunk."""
