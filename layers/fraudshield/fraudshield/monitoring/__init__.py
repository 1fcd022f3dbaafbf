"""Monitoring: health checks, metrics, alarms, logs and usage."""
