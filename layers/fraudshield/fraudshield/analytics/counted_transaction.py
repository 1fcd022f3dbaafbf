"""A stored transaction as far as it is counted, and a change of one: what counter deltas are worked out from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from fraudshield.text.stored_number import summand

# As `policy.Outcome` spells them; its module would load pydantic into the stream's consumer for two words.
FLAGGED = frozenset({"review", "block"})


@dataclass(frozen=True, slots=True)
class CountedDecision:
    """The first decision on a transaction; `features` in the order that the model reads them. No model, no risk.

    `held_to` are the codes of rules that blocked it, or would have without a breaker; None where nothing did that one
    could hold back.
    """

    outcome: str
    risk: Decimal | None
    prediction: Decimal
    model_version: str
    features: tuple[float, ...]
    quality: tuple[str, ...]
    policy_version: int = 1
    decided_at: str = ""
    held_to: tuple[str, ...] | None = None

    @property
    def flagged(self) -> bool:
        """Whether it was to be reviewed or blocked."""
        return self.outcome in FLAGGED


@dataclass(frozen=True, slots=True)
class CountedLabel:
    """The label in force: `fraud` or `genuine`, and how long after the transaction it was said."""

    truth: str
    lag: timedelta


@dataclass(frozen=True, slots=True)
class BusyEntity:
    """A busy entity of a decided transaction: the key of its counters, and when it was decided and called fraud."""

    key: str
    decided_at: str
    fraud_at: str | None = None


@dataclass(frozen=True, slots=True)
class CountedTransaction:
    """`occurred_at` is the text that is stored, RFC 3339 UTC of one width: its first characters name day and hour.

    `type` is the transaction's; of an event type that has no such field it is the event type's name. An amount that is
    not known, in the currency that its type reports in, counts as 0 and is not `priced`. `event_type` is None of the
    built-in one; `verdict` is that of its review. `came_on` is the day on which we took it. `rules` are the codes of
    those that held, `unread_rules` of those that were not evaluated. `texts` and `numbers` are its own fields', as its
    type's version has them.
    """

    transaction_id: str
    source: str
    occurred_at: str
    type: str
    amount: Decimal
    destination: str | None
    decision: CountedDecision | None = None
    label: CountedLabel | None = None
    busy: tuple[BusyEntity, ...] = ()
    priced: bool = True
    event_type: str | None = None
    verdict: str | None = None
    came_on: str = ""
    event_type_version: int = 1
    sender: str | None = None
    rules: tuple[str, ...] = ()
    unread_rules: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def money(self) -> Decimal:
        """The amount as it is added up."""
        return summand(self.amount)

    @property
    def day(self) -> str:
        """As in `2026-11-24`."""
        return self.occurred_at[:10]

    @property
    def hour(self) -> str:
        """As in `2026-11-24T10`."""
        return self.occurred_at[:13]


@dataclass(frozen=True, slots=True)
class TransactionChange:
    """A transaction before and after a write; None where there was none, or where it does not count.

    `inserted` is whether the write made it. Removals change nothing: counts are history, and hold nothing about a
    person.
    """

    before: CountedTransaction | None = None
    after: CountedTransaction | None = None
    inserted: bool = False
