"""`fraudshield train`."""
