"""History: transactions that are stored, listed and exported, with the predictions that followed their decision."""
