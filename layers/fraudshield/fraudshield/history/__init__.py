"""History: transactions that are kept, listed and exported, with what came after their decision."""
