"""Categories: what is counted apart for each value of an event type's category fields.

A value has an item of its own for each day, source and model version, with all that trends, patterns, risks and
performance are told from. An open field may have any number of values: the first `MOST_VALUES` of them have a place of
their own, for good, and the rest are counted together. This is read where streams are counted, so it needs no pydantic.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from typing_extensions import TypeIs

from fraudshield.analytics.counted_transaction import CountedTransaction, TransactionChange
from fraudshield.analytics.delta import counters_of
from fraudshield.analytics.series import (
    BATCH,
    DAYS,
    FLAGGED_HOURS,
    ONE,
    PATTERNS,
    SCORES,
    TRUTH,
    UNDECIDED,
    UNREPORTED,
    Bucket,
    Counts,
    Sums,
)

BUILT_IN = "payment"
UNSAID = "-"  # before the counters of what nobody reported, which have the names of what labels say
OF_BUILT_IN = ("type",)  # its category fields, which every type that extends it has too
EVENT_TYPE = "event_type"  # in place of a field: all payments of another type than the built-in one
REST = "*"  # in place of a value: all that have no place of their own
MOST_FIELDS = 8  # of a type, the first of its document: each takes a write for every value in a batch
MOST_VALUES = 50  # of a field
EVERY_FIELD = "*"  # in place of a field's name: since when the values of all of a type's fields are counted
NUMBERS = frozenset({"number", "money", "integer"})
AMOUNTS = (None, "amount", "reported_amount")  # the roles that a counted number has: others name somebody
BALANCES = frozenset({"step", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest"})
PREFIX = "category#"
KEPT = frozenset({DAYS, PATTERNS, FLAGGED_HOURS, SCORES, TRUTH})  # the series whose counters a category's item has


@dataclass(frozen=True, slots=True)
class Category:
    """A value of a category field of an event type, or `REST`."""

    event_type: str
    field: str
    value: str

    @property
    def series(self) -> str:
        """The series of its counters."""
        return f"{PREFIX}{self.event_type}#{self.field}#{self.value}"


@dataclass(frozen=True, slots=True)
class CategoryRegister:
    """The values of a field that are counted apart, and the day from which on: what came before was not."""

    counted_from: str | None = None
    values: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_full(self) -> bool:
        """Whether every further value is counted with the rest."""
        return len(self.values) >= MOST_VALUES

    def place(self, value: str) -> str | None:
        """Where a value is counted; None where that is not settled yet. What is settled never changes."""
        if value in self.values:
            return value
        return REST if value == REST or self.is_full else None


@dataclass(frozen=True, slots=True)
class CountedFields:
    """The fields of a type's version whose values are counted day by day."""

    categories: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the order that counts them."""
        return (*self.categories, *self.numbers)


class Categories(Protocol):
    """Which categories a stored transaction is counted in."""

    def fields(self, one: CountedTransaction, day: str) -> CountedFields:
        """Whose values it is counted by, from `day` on; none of the built-in type. Raises StoreUnavailable."""

    def of(self, one: CountedTransaction, day: str) -> Sequence[Category]:
        """The same at every call for the same transaction. Raises StoreUnavailable.

        A field that was never counted is counted from `day` on.
        """


def category_delta(change: TransactionChange, categories: Iterable[Category]) -> Counts:
    """What a change moves in these categories: only what is not zero."""
    sums = Sums()
    for one, times in ((change.after, ONE), (change.before, -ONE)):
        if is_counted(one):
            bucket, counters = _item(one)
            for category in categories:
                sums.add({(category.series, bucket): counters}, times)
    return sums.counts()


def is_counted(one: CountedTransaction | None) -> TypeIs[CountedTransaction]:
    """Whether there is one that counts by category: a batch job's summary has none."""
    return one is not None and one.source != BATCH


def counted_fields(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that are counted by their values, of a type's document as it is stored.

    What is personal is not: counters outlive the person.
    """
    return _fields(document, lambda one: one["kind"] == "category")


def fields_of(document: Mapping[str, Any]) -> CountedFields:
    """The category fields that are counted, and as many numbers that are neither personal nor told later.

    What a type inherits of the built-in one is left out but for the amount: it is stored apart.
    """
    apart = BALANCES if BUILT_IN in document.get("lineage", ()) else frozenset()
    names = _fields(document, _is_number, apart)
    return CountedFields(counted_fields(document), names)


def _is_number(one: Mapping[str, Any]) -> bool:
    return one["kind"] in NUMBERS and one.get("role") in AMOUNTS and not one.get("entity")


def _fields(
    document: Mapping[str, Any], is_meant: Callable[[Mapping[str, Any]], bool], apart: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    fields = {**document.get("inherited", {}), **document.get("fields", {})}
    said = {name: one for name, one in fields.items() if not one.get("personal") and not one.get("later")}
    return tuple([name for name, one in said.items() if is_meant(one) and name not in apart][:MOST_FIELDS])


def _item(one: CountedTransaction) -> tuple[str, Mapping[str, Any]]:
    version = one.decision.model_version if one.decision else UNDECIDED
    found: dict[Bucket, Any] = dict(counters_of(one))
    counters = {name: value for (series, _), some in found.items() if series in KEPT for name, value in some.items()}
    unsaid = (some for (series, _), some in found.items() if series == UNREPORTED)
    counters |= {f"{UNSAID}{name}": value for some in unsaid for name, value in some.items()}
    return f"{one.day}#{one.source}#{version}", counters
