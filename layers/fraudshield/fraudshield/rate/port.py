"""Where rates come from: their versions, and the one in force."""

from dataclasses import dataclass
from typing import Protocol

from fraudshield.audit.audit import AuditEntry
from fraudshield.event_type.in_force import InForce
from fraudshield.rate.rate import NO_RATES, Rates


@dataclass(frozen=True, slots=True)
class CurrentRates:
    """The rates to convert by. `unread` where others may be in force, and none that this process knows."""

    rates: Rates
    unread: bool = False


class RateSource(Protocol):
    """The rates in force."""

    def current(self) -> CurrentRates:
        """Those that this process knows, looked up once a minute. Never raises."""


class RateVersions(Protocol):
    """All versions of the rates."""

    def version(self, number: int) -> Rates | None:
        """A version, whether it is in force or not; None where it is not stored. Raises StoreUnavailable."""


class PendingRates(Protocol):
    """A version that is being read."""

    def ended(self, within_s: float) -> bool:
        """Whether the reading has come to an end, for which it has so many seconds more."""

    def result(self) -> Rates | None:
        """What was read by then; None where there is no such version. Raises StoreUnavailable."""


class RateStore(Protocol):
    """Where versions of the rates are kept, beside what says which is in force."""

    def begin(self, number: int) -> PendingRates:
        """Begins to read the version of this number, and waits for nothing."""

    def put(self, rates: Rates, in_force: InForce, entry: AuditEntry) -> None:
        """Stores a version, what is in force with it, and the audit log's entry, all or nothing.

        Raises RatesConflict where something else was stored since, StoreUnavailable.
        """


class InForceSource(Protocol):
    """The item that says what is in force."""

    def known(self) -> InForce:
        """As of the last minute's look; of an earlier one where the store is away. Raises StoreUnavailable."""

    def looked(self) -> InForce:
        """As it is now. Raises StoreUnavailable."""

    def adopt(self, in_force: InForce) -> None:
        """Takes what was just stored for what is in force."""


class NoRates:
    """The `RateSource` of whoever converts nothing."""

    def current(self) -> CurrentRates:
        """Always the empty table."""
        return CurrentRates(NO_RATES)


WITHOUT_RATES = NoRates()
