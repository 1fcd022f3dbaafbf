"""A worked example: card payments, from a simulated year's half to a trained model."""
