"""What training reads: the columns the features are made from, the order of time, and the truth."""

import csv
from dataclasses import dataclass, fields
from hashlib import sha256
from math import isfinite
from pathlib import Path

import numpy as np

from fraudshield.event_type.payment import MERCHANT_PREFIX
from fraudshield.expression.column import Column
from fraudshield.expression.matrix import matrix
from fraudshield.predictor.columns import Booleans, Floats
from model.feature import FEATURES, TYPE_RANK
from model.quantile import Integers

TRAIN, CALIBRATE = 0.6, 0.8  # where the later parts start; all cuts lie between steps, so no part sees its future
CUSTOMER = "C"  # what a receiver's name stands for that is no merchant's
REQUIRED = ("step", "type", "amount", "oldbalanceOrg", "nameDest", "oldbalanceDest", "isFraud")


@dataclass(frozen=True, slots=True)
class Columns:
    """Transactions as columns of one length. `type_rank` is `TYPE_RANK` of the type; money is the nearest float64.

    Of names all that is kept is whether the receiver's is a merchant's.
    """

    type_rank: Floats
    amount: Floats
    origin_balance: Floats
    destination_balance: Floats
    destination_is_merchant: Booleans

    def fields(self) -> dict[str, Column]:
        """The fields that features are made from, as an expression names them."""
        there = np.ones(len(self.amount), np.bool_)
        types = np.array(list(TYPE_RANK), object)[np.searchsorted(list(TYPE_RANK.values()), self.type_rank)]
        receivers = np.array([CUSTOMER, MERCHANT_PREFIX], object)[self.destination_is_merchant.astype(np.int64)]
        return {
            "type": Column(types, there),
            "amount": Column(self.amount),
            "oldbalanceOrg": Column(self.origin_balance),
            "oldbalanceDest": Column(self.destination_balance),
            "nameDest": Column(receivers, there),
        }


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows in the order of time; `step` counts hours."""

    columns: Columns
    step: Integers
    fraud: Booleans

    def __len__(self) -> int:
        return len(self.step)

    def features(self) -> Floats:
        """Rows by features, as serving gives them for each row."""
        return matrix(FEATURES.components, self.columns.fields(), len(self))

    def rows(self, start: int, end: int) -> "Dataset":
        """The rows from `start` up to `end`."""
        part = slice(start, end)
        columns = Columns(*(getattr(self.columns, field.name)[part] for field in fields(Columns)))
        return Dataset(columns, self.step[part], self.fraud[part])

    def by_time(self) -> tuple["Dataset", "Dataset", "Dataset"]:
        """To train on, to calibrate on, to test on: 60, 20 and 20 % of the rows, cut where a step begins."""
        at = [int(np.searchsorted(self.step, self.step[int(len(self) * share)])) for share in (TRAIN, CALIBRATE)]
        return self.rows(0, at[0]), self.rows(at[0], at[1]), self.rows(at[1], len(self))

    def digest(self) -> str:
        """sha256 over the columns' bytes: the same data, the same digest."""
        digest = sha256()
        for field in fields(Columns):
            digest.update(np.ascontiguousarray(getattr(self.columns, field.name)).tobytes())
        digest.update(self.step.tobytes() + self.fraud.tobytes())
        return digest.hexdigest()


def read_csv(path: Path) -> Dataset:
    """A CSV with PaySim's columns, others are passed over; sorted by `step` here.

    Raises:
        ValueError: a column is missing, there are no rows, or one cannot be read; the line is named.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        if missing := [name for name in REQUIRED if name not in header]:
            raise ValueError(f"{path.name} has no column {', '.join(missing)}")
        at = [header.index(name) for name in REQUIRED]
        rows: list[tuple[int, float, float, float, float, bool, bool]] = []
        try:
            rows.extend(_row(*(row[i] for i in at)) for row in reader)
        except (IndexError, KeyError, ValueError) as exc:
            raise ValueError(f"{path.name}, line {reader.line_num}: {type(exc).__name__} {exc}") from exc
    if not rows:
        raise ValueError(f"{path.name} has no rows")
    rows.sort(key=lambda row: row[0])
    step, *numbers, merchant, fraud = (np.array(column) for column in zip(*rows, strict=True))
    rank, amount, origin, destination = (np.asarray(column, np.float64) for column in numbers)
    return Dataset(Columns(rank, amount, origin, destination, merchant == 1), step.astype(np.int64), fraud == 1)


def _row(
    step: str, kind: str, amount: str, origin: str, name: str, destination: str, fraud: str
) -> tuple[int, float, float, float, float, bool, bool]:
    merchant = name.startswith(MERCHANT_PREFIX)
    return int(step), TYPE_RANK[kind], _money(amount), _money(origin), _money(destination), merchant, bool(int(fraud))


def _money(text: str) -> float:
    money = float(text)
    if not isfinite(money):
        raise ValueError(f"{text} is not an amount of money")
    return money
