"""The rates of this process: the version in force, found by its digest, and the next one."""

from dataclasses import dataclass
from datetime import datetime

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.budget import EVENT_TYPE_LOOK_S, STORE_S
from fraudshield.errors import StoreUnavailable
from fraudshield.event_type.in_force import InForce
from fraudshield.rate.port import CurrentRates, InForceSource, PendingRates, RateStore
from fraudshield.rate.rate import NO_RATES, Rates
from fraudshield.rate.request import RateTable

SUBJECT = "rates"


@dataclass(frozen=True, slots=True)
class RatesRead:
    """The version of this digest, which is being read."""

    digest: str
    read: PendingRates


class ActiveRates:
    """The `RateSource` and `RateVersions` ports. Nothing is read until a payment needs a rate."""

    def __init__(self, in_force: InForceSource, store: RateStore) -> None:
        self._in_force = in_force
        self._store = store
        self._known: Rates | None = None
        self._reading: RatesRead | None = None

    def current(self) -> CurrentRates:
        """The version in force; with the store away the last one known, and `unread` where there is none.

        A version that takes longer to be read than a payment waits is taken up by a payment after it.
        """
        try:
            return CurrentRates(self._document(self._in_force.known(), self._look_s()))
        except StoreUnavailable:
            return CurrentRates(self._known or NO_RATES, unread=self._known is None)

    def newest(self) -> Rates:
        """The version in force, read now; the empty one before any is put. Raises StoreUnavailable."""
        return self._document(self._in_force.looked(), STORE_S, STORE_S)

    def version(self, number: int) -> Rates | None:
        """A version of whatever age. Raises StoreUnavailable."""
        if self._known is not None and self._known.version == number:
            return self._known
        read = self._store.begin(number)
        if not read.ended(STORE_S):
            raise StoreUnavailable(f"Version {number} of the rates was not read in time")
        return read.result()

    def put(self, table: RateTable, by: Author, at: datetime) -> Rates:
        """Stores the next version; the one in force where it says the same already.

        Raises:
            RatesConflict: something else was put meanwhile.
            StoreUnavailable: whether it is stored is not known; putting it again tells.
        """
        before = self.newest()
        made = Rates(
            version=before.version + 1,
            base=table.base,
            rates=table.rates,
            created_at=at,
            created_by=by.key_id,
            actor=by.actor,
        ).sealed()
        if made.digest == before.digest:
            return before
        in_force = self._in_force.looked().with_rates(made.version, made.digest)
        counts = {"rates": len(made.rates), "currencies": len(made.currencies)}
        entry = AuditEntry(
            at,
            by,
            "rates",
            "changed" if before.version else "created",
            SUBJECT,
            before.digest or None,
            made.digest,
            made.version,
            counts,
        )
        self._store.put(made, in_force, entry)
        self._in_force.adopt(in_force)
        self._known = made
        return made

    def _look_s(self) -> float:
        """A payment waits long only where no version is known that could serve meanwhile."""
        return STORE_S if self._known is None else EVENT_TYPE_LOOK_S

    def _document(self, in_force: InForce, first_s: float, again_s: float = 0) -> Rates:
        """The version in force. Raises StoreUnavailable, also while it is being read.

        Whoever begins to read it waits for `first_s`, and who finds it being read for `again_s`.
        """
        wanted, known = in_force.rates, self._known
        if wanted is None:
            return NO_RATES
        if known is not None and known.digest == wanted.digest:
            return known
        reading, wait_s = self._reading, again_s
        if reading is None or reading.digest != wanted.digest:
            reading, wait_s = RatesRead(wanted.digest, self._store.begin(wanted.version)), first_s
            self._reading = reading
        if not reading.read.ended(wait_s):
            raise StoreUnavailable(f"Version {wanted.version} of the rates is still being read")
        self._reading = None
        found = reading.read.result()
        if found is None or found.digest != wanted.digest:
            raise StoreUnavailable(f"Version {wanted.version} of the rates is not what is in force")
        self._known = found
        return found
