"""Files without erased accounts."""
