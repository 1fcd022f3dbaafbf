"""The features that the shipped model reads, of a payment by itself."""

from fraudshield.transaction.transaction import Transaction
from model.feature import FEATURES
from tests.fakes import NOW

FEATURE_NAMES = FEATURES.names
NO_SHARE = -1.0  # of an empty or overdrawn balance


def features(transaction: Transaction) -> tuple[float, ...]:
    """The numbers in the order of `FEATURE_NAMES`."""
    return FEATURES.of(transaction, NOW)
