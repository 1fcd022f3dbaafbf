"""What several concepts must know alike: where transactions are, for how long, and where they are counted."""

from typing import Annotated

from pydantic import Field

from fraudshield.aws.probe import table
from fraudshield.dependency import Dependency
from fraudshield.settings import Settings, settings


class TransactionSettings(Settings):
    """The table of transactions and their decisions."""

    transactions_table: str


class RetentionSettings(Settings):
    """Days after which a transaction ages out; 0 keeps it."""

    retention_days: Annotated[int, Field(ge=0, le=36500)] = 0


class AggregateSettings(Settings):
    """The table of counts."""

    aggregates_table: str


def transactions_needed() -> Dependency:
    """The table of transactions, to be asked whether it answers."""
    return table("transactions", settings(TransactionSettings).transactions_table, "transaction_id", "record")


def aggregates_needed() -> Dependency:
    """The table of counts, to be asked whether it answers."""
    return table("counts", settings(AggregateSettings).aggregates_table, "series", "bucket")
