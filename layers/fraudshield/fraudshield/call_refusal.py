"""What the transactions of one call, or of one message, were refused for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from fraudshield.arrival import Arrival
from fraudshield.errors import Fault, QueueUnavailable, TransactionConflict
from fraudshield.refusal import Refusal
from fraudshield.score_call import Rejected
from fraudshield.scoring import Answer
from fraudshield.transaction import Transaction


def refusals(rejected: Mapping[int, Rejected], source: str, at: datetime, request_id: str) -> list[Refusal]:
    """Those of one call, by their place in it. What only could not be queued is not the data's fault."""
    return [
        Refusal(f"{request_id}#{index}", source, at, one.transaction_id, one.faults)
        for index, one in rejected.items()
        if one.faults[0].code != QueueUnavailable.code
    ]


def conflict(arrival: Arrival, source: str, error: TransactionConflict) -> Refusal:
    """Of a message: its id was taken by another content. Told again, it is the same refusal."""
    name = arrival.transaction.transaction_id
    fault = Fault("/transaction_id", str(error), error.code)
    return Refusal(f"{arrival.request_id}#{name}", source, arrival.received_at, name, (fault,))


def rejected(
    items: Sequence[Transaction | Rejected], answers: Sequence[Answer | TransactionConflict]
) -> dict[int, Rejected]:
    """Those of a scoring call, by their place in it; `answers` belong to the readable items, in order."""
    return dict(_rejected(items, answers))


def _rejected(
    items: Sequence[Transaction | Rejected], answers: Sequence[Answer | TransactionConflict]
) -> Iterator[tuple[int, Rejected]]:
    remaining = iter(answers)
    for index, item in enumerate(items):
        answer = item if isinstance(item, Rejected) else next(remaining)
        if isinstance(answer, Rejected):
            yield index, answer
        elif isinstance(answer, TransactionConflict) and isinstance(item, Transaction):
            yield index, Rejected(item.transaction_id, (Fault("/transaction_id", str(answer), answer.code),))
