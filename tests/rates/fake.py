"""Fakes of where rates come from, and rates to convert by."""

from datetime import UTC, datetime
from decimal import Decimal

from fraudshield.audit.audit import AuditEntry
from fraudshield.errors import RatesConflict, StoreUnavailable
from fraudshield.event_type.in_force import InForce
from fraudshield.rate.port import CurrentRates
from fraudshield.rate.rate import NO_RATES, Rate, Rates
from tests.fake_event_types import FakeEventTypeStore


def at(text: str) -> datetime:
    """A day or a time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rates_of(*rows: tuple[str, str, str], base: str = "EUR", version: int = 1) -> Rates:
    """A version of the rates: currency, from, rate."""
    rates = tuple(Rate(currency, at(since), Decimal(rate)) for currency, since, rate in rows)
    return Rates(version=version, base=base, rates=rates).sealed()


YEN = rates_of(("JPY", "2026-01-01", "0.0060"), ("USD", "2026-01-01", "0.92"), ("KWD", "2026-01-01", "3.01"))


class FakeRates:
    """The `RateSource` and `RateVersions` ports over some versions, the last of which is in force."""

    def __init__(self, *versions: Rates) -> None:
        self.versions = list(versions)
        self.asked = 0

    def current(self) -> CurrentRates:
        self.asked += 1
        return CurrentRates(self.versions[-1] if self.versions else NO_RATES)

    def version(self, number: int) -> Rates | None:
        return next((one for one in self.versions if one.version == number), None)


class FakeReading:
    """The `PendingRates` port: it ends when the store is not slow any more, with what the store says then."""

    def __init__(self, store: "FakeRateStore", number: int) -> None:
        self.store, self.number = store, number

    def ended(self, within_s: float) -> bool:
        self.store.waited_s.append(within_s)
        return not self.store.slow

    def result(self) -> Rates | None:
        self.store.check_up()
        return self.store.stored.get(self.number)


class FakeRateStore:
    """The `RateStore` port in a dict, beside a store of event types, which has what is in force."""

    def __init__(self, types: FakeEventTypeStore) -> None:
        self.types = types
        self.stored: dict[int, Rates] = {}
        self.reads: list[int] = []
        self.entries: list[AuditEntry] = []
        self.waited_s: list[float] = []
        self.down = self.slow = False

    def begin(self, number: int) -> FakeReading:
        if not self.down:
            self.reads.append(number)
        return FakeReading(self, number)

    def put(self, rates: Rates, in_force: InForce, entry: AuditEntry) -> None:
        self.check_up()
        if in_force.revision != self.types.now.revision + 1:
            raise RatesConflict("Something else was stored meanwhile")
        self.stored[rates.version] = rates
        self.types.now = in_force
        self.entries.append(entry)

    def check_up(self) -> None:
        if self.down:
            raise StoreUnavailable("down")
