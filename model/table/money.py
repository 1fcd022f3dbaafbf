"""Money of a file in the currency that its type reports in, as sums, rules and features go by it.

No rates are asked for here: what is in another currency counts where the payment, or its stored decision, says what it
is in that one, and is not known elsewhere.
"""

from collections.abc import Mapping

import numpy as np

from fraudshield.event_type.currency import DIGITS, currency_of
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import EventField
from fraudshield.expression.column import Column
from fraudshield.predictor.columns import Booleans, Floats
from model.table.table import nothing

Fields = Mapping[str, Column]


def as_reported(
    event_type: EventType, fields: Fields, rows: int, priced: Column | None = None
) -> tuple[Column, dict[str, Column]]:
    """The amount in major units of the reporting currency, and the money fields that change with it, by name.

    `priced` is that amount as it was when the payment was decided, where that is known.
    """
    roles, known = event_type.by_role(), event_type.all_fields
    name, reporting = roles.get("amount"), event_type.reporting
    if name is None or name not in fields:
        return nothing(rows), {}
    amount = _in_major(fields[name], known[name], _codes(known[name], fields, rows))
    if reporting is None:
        return amount, {}
    own = _codes(known[name], fields, rows) == reporting
    told_name = roles.get("reported_amount", "")
    told = fields.get(told_name, nothing(rows))
    if told_name in fields:
        told = _in_major(told, known[told_name], np.full(rows, reporting, object))
    told = told if priced is None else priced
    reported = amount if own.all() else _either(own, amount, told)
    changed = {
        other: _either(home, fields[other], nothing(rows))
        for other, field in known.items()
        if other in fields and field.kind == "money" and field.currency is not None
        if not (home := _codes(field, fields, rows) == reporting).all()
    }
    if name in changed:
        unit = 10.0 ** DIGITS[reporting] if known[name].unit == "minor" else 1.0
        in_unit = Column(np.rint(reported.values * unit) if unit > 1 else reported.values, reported.present)
        changed[name] = _either(own, fields[name], in_unit)
    return reported, changed


def _codes(field: EventField, fields: Fields, rows: int) -> np.ndarray:
    """The currency of each row's money; None where that is none that we know."""
    if field.currency in DIGITS or field.currency is None:
        return np.full(rows, field.currency, object)
    texts = fields[field.currency].values.tolist() if field.currency in fields else [None] * rows
    known = {text: currency_of(field, {field.currency: text}) for text in dict.fromkeys(texts)}
    codes = np.empty(rows, object)
    codes[:] = [known[text] for text in texts]
    return codes


def _in_major(column: Column, field: EventField, codes: np.ndarray) -> Column:
    if field.unit != "minor" or field.currency is None:
        return column
    units: Floats = 10.0 ** np.array([DIGITS.get(code or "", np.nan) for code in codes.tolist()], np.float64)
    there = np.isfinite(units) & np.asarray(column.present)
    return Column(np.where(there, column.values / units, np.nan), there)


def _either(home: Booleans, own: Column, other: Column) -> Column:
    present = np.where(home, np.asarray(own.present), np.asarray(other.present))
    exact = {at: one for at, one in own.exact.items() if home[at]}
    exact |= {at: one for at, one in other.exact.items() if not home[at]}
    return Column(np.where(home, own.values, other.values), present, exact)
