"""The model: simulate, train, evaluate, export. Nothing here is imported when a transaction is scored."""
