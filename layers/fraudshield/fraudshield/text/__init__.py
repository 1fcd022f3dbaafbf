"""Text: strict JSON, parameters, times, cells of CSV, signatures and faults."""
