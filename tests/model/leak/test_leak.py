import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fraudshield.errors import InvalidInput
from fraudshield.event_type.check import read_document
from infra.cli.event_type import of_document, parsed
from model.fitting.features import feature_table
from model.fitting.split import split
from model.leak.leak import expect_accepted, leaks
from model.table.reading import read_table
from tests.model.card_payments import ASKED, DOCUMENT, card_file

Row = dict[str, str]
Rows = list[Row]
READ = ("amount", "channel", "abroad", "times_the_usual", "device_cards_7d", "device_fraud_rate")
RNG = np.random.default_rng(8)


def found(tmp_path: Path, plant: Callable[[Rows], Rows], fields: str = "{}", asked: str = "labelled_at") -> list[str]:
    """The names of the leaks of the example's file with something planted; `fields` are its type's further ones."""
    with card_file().open(newline="", encoding="utf-8") as file:
        rows = plant([*csv.DictReader(file)])
    path = tmp_path / "planted.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    document = parsed(DOCUMENT)
    document["fields"] |= parsed_text(tmp_path, fields)
    document["features"] = {name: document["features"][name] for name in READ}  # others take time to count
    if not asked:
        del document["label"]["later"]
    kind = of_document(read_document(document))
    beside = ASKED if asked else ASKED.__class__("label")
    table = read_table(path, kind, beside)
    parts = split(table, kind.labels_later)
    return [one.name for one in leaks(table, parts, feature_table(table, parts.train, parts.fraud))]


def parsed_text(tmp_path: Path, text: str) -> dict[str, object]:
    path = tmp_path / "fields.yaml"
    path.write_text(text)
    read: dict[str, object] = parsed(path)
    return read


def each(change: Callable[[Row, bool], None]) -> Callable[[Rows], Rows]:
    """Changes every row by whether it is fraud."""

    def plant(rows: Rows) -> Rows:
        for row in rows:
            change(row, row["label"] == "fraud")
        return rows

    return plant


def number_cards_apart(row: Row, fraud: bool) -> None:
    if fraud and RNG.random() < 0.5:
        row["card"] = f"c-{9_000_000_000 + int(RNG.integers(10**6))}"


def number_payments_apart(row: Row, fraud: bool) -> None:
    number = int(row["payment_id"].removeprefix("p-"))
    row["payment_id"] = f"p-{number + 500_000_000 * fraud:010d}"


def flag_later(row: Row, fraud: bool) -> None:
    row["refunded"] = "true" if RNG.random() < (0.4 if fraud else 0.002) else "false"


def give_reason_later(row: Row, fraud: bool) -> None:
    row["remark"] = f"case {RNG.integers(10**6)}" if fraud and RNG.random() < 0.6 else ""


def copy_label(row: Row, fraud: bool) -> None:
    row["state"] = "closed" if fraud else ("open" if RNG.random() < 0.5 else "none")


def rate_at_once(rows: Rows) -> Rows:
    """The share of frauds of the device so far, counting each from the moment on at which it happens."""
    seen: dict[str, list[int]] = {}
    for row in sorted(rows, key=lambda one: one["created"]):
        counted = seen.setdefault(row["device"], [0, 0])
        row["rate"] = f"{counted[1] / counted[0]:.4f}" if row["device"] and counted[0] else "0"
        counted[0] += 1
        counted[1] += row["label"] == "fraud"
    return rows


def same_id_again(rows: Rows) -> Rows:
    return [*rows, *(one | {"created": rows[-3000 - at]["created"]} for at, one in enumerate(rows[:20]))]


def copies_with_new_ids(rows: Rows) -> Rows:
    frauds = [row for row in rows if row["label"] == "fraud"][:60]
    late = [row["created"] for row in rows[-3000::50]]
    moved = [
        one | {"payment_id": f"p-copy{at}", "created": at_time, "labelled_at": at_time}
        for at, (one, at_time) in enumerate(zip(frauds, late, strict=True))
    ]
    return [*rows, *moved]


def as_it_is(rows: Rows) -> Rows:
    return rows


FLAG = "refunded: {kind: boolean}"
PLANTED: dict[str, tuple[Callable[[Rows], Rows], str, str, str]] = {
    "accounts numbered apart": (each(number_cards_apart), "{}", "labelled_at", "id_range:card"),
    "ids given out apart": (each(number_payments_apart), "{}", "labelled_at", "id_range:payment_id"),
    "a later flag": (each(flag_later), FLAG, "labelled_at", "later_flag:refunded"),
    "a later text": (each(give_reason_later), "remark: {kind: text}", "labelled_at", "later_flag:remark"),
    "a copied label": (each(copy_label), "state: {kind: category}", "labelled_at", "copied_label:state"),
    "a rate without its delay": (rate_at_once, "rate: {kind: number}", "labelled_at", "early_rate:rate"),
    "labels without their times": (as_it_is, "{}", "", "early_rate:device_fraud_rate"),
    "a payment on both sides": (same_id_again, "{}", "labelled_at", "row_in_both_parts"),
    "copies with other ids": (copies_with_new_ids, "{}", "labelled_at", "row_in_both_parts"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_named(tmp_path: Path, name: str) -> None:
    plant, fields, asked, leak = PLANTED[name]
    assert leak in found(tmp_path, plant, fields, asked)


def harmless() -> Iterator[tuple[str, Callable[[Rows], Rows], str]]:
    yield "as it is", as_it_is, "{}"
    noise = each(lambda row, fraud: row.update(noise=f"{RNG.normal() + fraud:.3f}"))
    yield "a number that leans towards fraud", noise, "noise: {kind: number}"
    rare = each(lambda row, fraud: row.update(rare="true" if RNG.random() < 0.01 + 0.05 * fraud else ""))
    yield "a rare flag that is often wrong", rare, "rare: {kind: boolean}"


@pytest.mark.parametrize(("plant", "fields"), [one[1:] for one in harmless()], ids=[one[0] for one in harmless()])
def test_a_clean_file_names_none(tmp_path: Path, plant: Callable[[Rows], Rows], fields: str) -> None:
    assert found(tmp_path, plant, fields) == []


def test_who_accepts_a_leak_that_is_none_is_told() -> None:
    with pytest.raises(InvalidInput, match=re.escape("later_flag:x: no such leak was found; found were none")):
        expect_accepted([], ["later_flag:x"])
