"""Transactions as columns of whole cents, in the order of time: what a simulator writes."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np

from fraudshield.predictor.columns import Booleans
from model.dataset import Columns, Dataset
from model.feature import TYPE_RANK
from model.quantile import Integers

TYPES = ("PAYMENT", "DEBIT", "CASH_IN", "CASH_OUT", "TRANSFER")
PAYMENT, DEBIT, CASH_IN, CASH_OUT, TRANSFER = (
    TYPES.index(name) for name in ("PAYMENT", "DEBIT", "CASH_IN", "CASH_OUT", "TRANSFER")
)
HOUR_S = 3600
HEADER = (
    *("transaction_id", "step", "type", "amount", "nameOrig", "oldbalanceOrg", "newbalanceOrig"),
    *("nameDest", "oldbalanceDest", "newbalanceDest", "isFraud"),
)
TRUTH = ("labelled_at", "incident", "oracle")


@dataclass(frozen=True, slots=True)
class Ledger:
    """One row per transaction; money in cents, `type` an index into `TYPES`.

    Accounts are numbers. A PAYMENT's destination is a merchant (M), every other account a customer (C). `incident` is
    the theft or the campaign that a row is of, -1 without one; `fraud` is what its victim reported, at the step
    `reported`, and a huge one where nobody did.
    """

    step: Integers
    type: Integers
    amount: Integers
    origin: Integers
    origin_before: Integers
    origin_after: Integers
    destination: Integers
    destination_before: Integers
    destination_after: Integers
    fraud: Booleans
    incident: Integers
    reported: Integers

    def __len__(self) -> int:
        return len(self.step)

    def rows(self, index: Integers) -> Self:
        """The rows at these positions."""
        return type(self)(*(getattr(self, field.name)[index] for field in fields(self)))

    def in_order(self) -> Self:
        """By `step`; within a step as they stand."""
        return self.rows(np.argsort(self.step, kind="stable"))

    def dataset(self) -> Dataset:
        """What training reads of it."""
        columns = Columns(
            type_rank=np.array([TYPE_RANK[name] for name in TYPES])[self.type],
            amount=self.amount / 100,
            origin_balance=self.origin_before / 100,
            destination_balance=self.destination_before / 100,
            destination_is_merchant=self.type == PAYMENT,
        )
        return Dataset(columns, self.step, self.fraud)

    def write_csv(self, path: Path) -> None:
        """In PaySim's columns, with a `transaction_id` before them."""
        self._write(path, HEADER, 1)

    def write_labelled_csv(self, path: Path) -> None:
        """The same, and behind it what training is told beside: when the label came in, which rows are of one theft,
        and 1 for what a thief did, reported or not. Ids sort as the rows do, since training goes by them within a step.
        """
        self._write(path, (*HEADER, *TRUTH), len(str(len(self))))

    def _write(self, path: Path, names: Sequence[str], digits: int) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            writer.writerows(row[: len(names)] for row in self._csv_rows(digits))

    def _csv_rows(self, digits: int) -> Iterator[tuple[object, ...]]:
        columns = (getattr(self, field.name).tolist() for field in fields(self))
        for number, row in enumerate(zip(*columns, strict=True), start=1):
            step, kind, amount, origin, before, after, destination, its_before, its_after, fraud, incident, reported = (
                row
            )
            yield (
                f"sim-{number:0{digits}}",
                step,
                TYPES[kind],
                _money(amount),
                f"C{origin}",
                _money(before),
                _money(after),
                f"{'M' if kind == PAYMENT else 'C'}{destination}",
                _money(its_before),
                _money(its_after),
                int(fraud),
                _instant(reported) if fraud else "",
                f"i-{incident}" if incident >= 0 else "",
                int(incident >= 0),
            )


def joined(*ledgers: Ledger) -> Ledger:
    """One after the other."""
    return Ledger(*(np.concatenate([getattr(part, field.name) for part in ledgers]) for field in fields(Ledger)))


def rounds(accounts: Integers) -> Iterator[Integers]:
    """Positions by account: everybody's first rows, everybody's second rows, and so on."""
    order = np.argsort(accounts, kind="stable")
    starts = np.flatnonzero(np.diff(accounts[order], prepend=-1))
    nth = np.empty(len(accounts), np.int64)
    nth[order] = np.arange(len(accounts)) - np.repeat(starts, np.diff(starts, append=len(accounts)))
    return iter(np.split(np.argsort(nth, kind="stable"), np.cumsum(np.bincount(nth))[:-1]))


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _instant(step: int) -> str:
    """Hours since 1970, which is where steps begin that have no date."""
    return datetime.fromtimestamp(step * HOUR_S, UTC).isoformat().replace("+00:00", "Z")
