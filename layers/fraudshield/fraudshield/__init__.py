"""FraudShield's own code, shipped to every function as one Lambda layer."""

__version__ = "0.1.0"
