"""Simulated transactions as training takes any: a table of payments with labels that come late."""

import numpy as np

from fraudshield.event_type.payment import BUILT_IN
from fraudshield.expression.column import Column
from model.ledger import PAYMENT, TYPES, Ledger
from model.plan import NEVER as NO_STEP
from model.quantile import Integers
from model.table.table import NEVER, PaymentTable
from model.table.truth import Truth

STEP_US = 3_600_000_000


def payment_table(ledger: Ledger) -> PaymentTable:
    """As `read_table` reads what `Ledger.write_labelled_csv` writes; `beside` has `incident` and `oracle`."""
    size = len(ledger)
    there, amount = np.ones(size, np.bool_), Column(ledger.amount / 100)
    occurred_at = ledger.step * STEP_US
    fields = {
        "step": Column(ledger.step),
        "type": Column(np.array(TYPES, object)[ledger.type], there),
        "amount": amount,
        "nameOrig": Column(_names(ledger.origin, np.zeros(size, np.bool_)), there),
        "oldbalanceOrg": Column(ledger.origin_before / 100),
        "newbalanceOrig": Column(ledger.origin_after / 100),
        "nameDest": Column(_names(ledger.destination, ledger.type == PAYMENT), there),
        "oldbalanceDest": Column(ledger.destination_before / 100),
        "newbalanceDest": Column(ledger.destination_after / 100),
        "occurred_at": Column(occurred_at.view("datetime64[us]")),
    }
    reported = ledger.reported != NO_STEP
    labelled_at = np.where(ledger.fraud & reported, np.minimum(ledger.reported, 1 << 20) * STEP_US, occurred_at)
    return PaymentTable(
        event_type=BUILT_IN,
        fields=fields,
        occurred_at=occurred_at,
        reported=amount,
        truth=Truth(ledger.fraud, there, ledger.fraud, np.minimum(labelled_at, NEVER), None),
        lines=np.arange(2, size + 2),
        weight=np.ones(size),
        beside={
            "incident": [f"i-{one}" if one >= 0 else "" for one in ledger.incident.tolist()],
            "oracle": [str(int(one >= 0)) for one in ledger.incident.tolist()],
        },
    )


def _names(accounts: Integers, merchants: "np.ndarray") -> "np.ndarray":
    known: dict[int, str] = {}
    names = [
        known.setdefault(2 * account + merchant, f"{'M' if merchant else 'C'}{account}")
        for account, merchant in zip(accounts.tolist(), merchants.tolist(), strict=True)
    ]
    return np.array(names, object)
