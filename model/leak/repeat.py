"""Payments that stand on both sides of the split: whoever learnt one by heart is right about the other."""

from collections.abc import Iterator

import numpy as np

from model.fitting.split import Split
from model.table.table import PaymentTable, Rows

FEWEST = 3  # repeated frauds: two payments of one amount at one place do happen
SHARE = 0.02  # of the test's frauds
Found = tuple[str, str]


def repeats(table: PaymentTable, split: Split) -> Iterator[Found]:
    """Ids that come again in the test, and frauds that are there again with another id at another time."""
    before = np.concatenate([split.train, split.tune, split.calibrate])
    after = np.flatnonzero(table.truth.usable & (table.occurred_at >= split.test_from))
    roles = table.event_type.by_role()
    ids = table.texts(roles.get("id", "transaction_id"))
    again = {*ids[before].tolist()} & {*ids[after].tolist()} - {None}
    if again:
        lines = table.lines[after][np.isin(ids[after], [*again])]
        says = f"{len(again)} ids stand before the split and after it, as {min(again)} in line {lines[0]}"
        yield "row_in_both_parts", f"{says}: a payment belongs into one part only"
        return
    frauds = after[split.fraud[after]]
    apart = {roles.get("id"), "transaction_id", roles.get("time"), "occurred_at"}
    names = [name for name in table.fields if name not in apart]
    known = {*_contents(table, before[split.fraud[before]], names)}
    repeated = [row for row, content in zip(frauds, _contents(table, frauds, names), strict=True) if content in known]
    if len(repeated) >= max(FEWEST, SHARE * len(frauds)):
        says = f"{len(repeated)} frauds of the test are as others before the split, but for id and time"
        yield "row_in_both_parts", f"{says}, as line {table.lines[repeated[0]]}: copies are no other payments"


def _contents(table: PaymentTable, rows: Rows, names: list[str]) -> list[tuple[object, ...]]:
    columns = [table.fields[name].values[rows].tolist() for name in names]
    return [*zip(*columns, strict=True)] if columns else []
