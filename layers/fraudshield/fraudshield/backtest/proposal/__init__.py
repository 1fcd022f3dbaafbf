"""Thresholds that follow the traffic: proposed from stored risks, without training."""
