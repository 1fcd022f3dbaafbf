"""Payments that are blocked, and what the stream's consumer is told of them."""

from collections.abc import Iterator, Sequence
from itertools import count as numbers
from typing import Any

from fraudshield.event_type.dynamo import next_in_force
from fraudshield.event_type.in_force import BreakerState, InForce
from fraudshield.policy import wiring as policy_wiring
from fraudshield.scoring import wiring as scoring_wiring
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack, client
from tests.stream_history import Item, change, count

DRAINED = {"type": "TRANSFER", "amount": 5000.0, "newbalanceOrig": 0.0}  # of some risk, as any transfer


def put_breaker(breaker: BreakerState, event_type: str = "payment") -> None:
    """Puts it in force, as the consumer does."""
    table = policy_wiring.policy_store().table
    found = client("dynamodb").get_item(TableName=table, Key={"name": {"S": "in_force"}, "version": {"N": "0"}})
    before = InForce.model_validate_json(found["Item"]["body"]["S"]) if "Item" in found else InForce()
    client("dynamodb").put_item(**next_in_force(table, before.with_breaker(event_type, breaker)))


def another_process() -> None:
    """Forgets all that this one knows and has blocked."""
    policy_wiring.policies.cache_clear()
    scoring_wiring.connected.cache_clear()


class Payments:
    """Sends payments, and delivers what was stored to the consumer."""

    def __init__(self, stack: Stack, caller: Caller) -> None:
        self.stack, self.caller = stack, caller
        self.ids: Iterator[int] = numbers()
        self.told = list[str]()

    def send(self, number: int, **changes: Any) -> list[Any]:
        """The results of one call."""
        sent = [
            README_TRANSACTION | DRAINED | {"transaction_id": f"b-{next(self.ids)}"} | changes for _ in range(number)
        ]
        results: list[Any] = self.caller.score(*sent).json["results"]
        return results

    def count(self, source: str = "api") -> None:
        """Delivers what was not delivered before, and then all of it again."""
        new = [one for one in self.stack.items() if one["transaction_id"]["S"] not in self.told and "outcome" in one]
        batch = records(new, len(self.told), source)
        self.told += [one["transaction_id"]["S"] for one in new]
        for _ in range(2):
            count("shardId-000000", batch)


def records(items: Sequence[Item], first: int = 0, source: str = "api") -> list[Any]:
    """What the stream says of stored payments."""
    made = [change(None, one | {"source": {"S": source}}) for one in items]
    return [
        {**one, "dynamodb": one["dynamodb"] | {"SequenceNumber": f"{first + at + 1:021d}"}}
        for at, one in enumerate(made)
    ]


def outcomes(results: Sequence[Any]) -> list[tuple[str, str, list[str]]]:
    """The outcome of each, what decided it, and what is said beside."""
    return [(one["decision"], one["decided_by"], one["degraded"]) for one in results]
