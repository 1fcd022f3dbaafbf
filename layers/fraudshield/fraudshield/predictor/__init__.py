"""Predictors: the model and the rules in its place, and exact reasons."""
