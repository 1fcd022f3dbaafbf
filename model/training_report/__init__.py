"""The report of a training: one HTML page and the same in Markdown."""
