"""FraudShield's own code, shipped to every function as one Lambda layer."""

__version__ = "1.4.0"
