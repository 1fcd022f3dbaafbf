"""Figures that responses are made of."""
