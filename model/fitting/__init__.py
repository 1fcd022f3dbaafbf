"""From a table of payments to trees, a calibration and thresholds, for any event type."""
