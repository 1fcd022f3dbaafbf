"""Payments that are sent, one after another or side by side, and what their aggregates should be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from functions.database import app as database
from functions.policy import app as policy
from tests.aggregates.oracle import counted_again
from tests.aggregates.shop import AGGREGATES, SHOP, Paid
from tests.caller import Caller
from tests.conftest import README_TRANSACTION

TYPE = "shop_payment"


def put_type(document: Any = SHOP) -> None:
    """Puts the event type."""
    made = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", _plain(document))
    assert made.status == 201, made.text


def payments(number: int, seed: str, cards: int = 40) -> Iterator[dict[str, Any]]:
    """Payments of the last two days in no order of time, a fifth of them sent again at some time."""
    chance, now = Random(seed), datetime.now(UTC)
    sent: list[dict[str, Any]] = []
    for at in range(number):
        if sent and chance.random() < 0.2:
            yield chance.choice(sent)
            continue
        occurred = now - timedelta(microseconds=chance.randrange(2 * 86_400_000_000))
        made = README_TRANSACTION | {
            "transaction_id": f"{seed}-{at}",
            "occurred_at": occurred.isoformat(),
            "amount": chance.randrange(100_000) / 100,
            "nameOrig": f"C{chance.randrange(cards)}",
            "nameDest": f"M{chance.randrange(cards)}",
            "card": f"card-{chance.randrange(cards)}",
        }
        made |= {"device": f"device-{chance.randrange(cards)}"} if chance.random() < 0.9 else {}
        sent.append(made)
        yield made


@dataclass
class Recorded:
    """All payments that were decided, in the order in which they were, and how often a value was another one."""

    paid: dict[str, Paid] = field(default_factory=dict)
    by_entity: dict[tuple[str, str], dict[str, Paid]] = field(default_factory=lambda: defaultdict(dict))
    entries: dict[str, Any] = field(default_factory=dict)
    compared: int = 0
    differing: list[str] = field(default_factory=list)

    def note(self, sent: Any, entry: Any, documents: Any = AGGREGATES) -> None:
        """Compares what an answer says with a count of all that was decided before; a repeat has its first answer."""
        name = sent["transaction_id"]
        if name in self.entries:
            assert entry == self.entries[name]
            return
        one = as_paid(sent, entry)
        for aggregate, document in documents.items():
            self.compared += 1
            there = self.by_entity[document["over"], one.entities.get(document["over"], "")]
            expected = counted_again(there.values(), one, document)
            if not is_shown(entry["aggregates"][aggregate], expected):
                self.differing.append(f"{name} {aggregate}: {entry['aggregates'][aggregate]}, not {expected}")
        self.entries[name] = entry
        self._keep(one)

    def label(self, name: str, truth: str) -> None:
        """Says what a payment was."""
        path = f"/api/v1/database/transactions/{name}/label"
        at = datetime.now(UTC)
        label = {"label": truth, "labelled_at": at.isoformat()}
        said = Caller(handler=database.lambda_handler).send("PUT", path, label)
        assert said.status == 200, said.text
        self._keep(replace(self.paid[name], label=truth, labelled_at=at))

    def _keep(self, one: Paid) -> None:
        self.paid[one.transaction_id] = one
        for entity, value in one.entities.items():
            self.by_entity[entity, value][one.transaction_id] = one


def as_paid(sent: Any, entry: Any) -> Paid:
    """A payment as the count knows it."""
    entities = {name: sent[name] for name in ("card", "device", "nameOrig", "nameDest") if name in sent}
    shown = {name: sent[name] for name in ("card", "device") if name in sent}
    return Paid(
        sent["transaction_id"],
        datetime.fromisoformat(sent["occurred_at"]),
        datetime.fromisoformat(entry["decided_at"]),
        Decimal(repr(sent["amount"])),
        entities,
        entry["decision"],
        shown=shown,
    )


def is_shown(shown: Any, expected: Decimal | float | None) -> bool:
    """Whether an answer says this number, to the last digit."""
    if shown is None or expected is None:
        return shown is expected
    return isinstance(shown, int | float) and float(shown) == float(expected)


def send(caller: Caller, *sent: Any) -> Sequence[Any]:
    """The answers to payments of the type."""
    found: Sequence[Any] = caller.score(*sent, event_type=TYPE).json["results"]
    return found


def _plain(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _plain(one) for name, one in document.items()}
    return float(document) if isinstance(document, Decimal) else document
