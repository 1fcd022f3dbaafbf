"""A cell of a file of labels is the id that it spells, or the one that an export or a person wrote down as it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.audit.audit import Author
from fraudshield.errors import Fault, NotFound, StoreUnavailable
from fraudshield.label.bulk import record_lines
from fraudshield.label.file import LabelLine
from fraudshield.label.label import History, Label
from fraudshield.label.port import LabelOutcome, LabelResult
from fraudshield.text.csv_cell import safe_name, unguarded
from tests.authors import ADA
from tests.fakes import NOW

FRAUD = Label("fraud", "import", NOW)
UNKNOWN = Fault("/transaction_id", "There is no transaction of this id", NotFound.code)


@dataclass
class FakeLabels:
    """Knows some transactions; remembers which were labelled."""

    known: set[str]
    labelled: list[str] = field(default_factory=list)
    fault: Fault = UNKNOWN

    def history(self, transaction_id: str) -> History:
        raise NotImplementedError

    def add(self, transaction_id: str, label: Label, by: Author, stop_at: float = 0) -> History:
        raise NotImplementedError

    def take_back(self, transaction_id: str, undone_at: object, by: Author) -> History:
        raise NotImplementedError

    def take_back_one(
        self, transaction_id: str, label: Label, undone_at: object, by: Author, stop_at: float = 0
    ) -> History:
        raise NotImplementedError

    def add_many(self, labels: Sequence[tuple[str, Label]], by: Author, stop_at: float) -> list[LabelOutcome]:
        self.labelled += [name for name, _ in labels if name in self.known]
        return [LabelResult.NEW if name in self.known else self.fault for name, _ in labels]


def record(store: FakeLabels, *cells: str) -> list[LabelOutcome]:
    return record_lines(store, [LabelLine(at, cell, FRAUD) for at, cell in enumerate(cells, start=2)], ADA, 0.0)


@pytest.mark.parametrize(
    ("cell", "known"),
    [
        ("'-77", "-77"),
        ("'-77", "'-77"),
        ("'=x", "=x"),
        (" lead", " lead"),
        (" t1", "t1"),
        ("t1 ", "t1"),
        (" '@a", "@a"),
    ],
)
def test_a_cell_finds_its_transaction(cell: str, known: str) -> None:
    store = FakeLabels({known})
    assert record(store, cell) == [LabelResult.NEW]
    assert store.labelled == [known]


def test_an_id_as_it_stands_comes_before_what_it_may_stand_for() -> None:
    store = FakeLabels({"'-77", "-77", " t1", "t1"})
    record(store, "'-77", " t1")
    assert store.labelled == ["'-77", " t1"]


def test_an_apostrophe_that_no_export_writes_stays() -> None:
    assert record(FakeLabels({"t1"}), "'t1") == [UNKNOWN]


def test_each_line_has_its_own_result() -> None:
    assert record(FakeLabels({"-1", "b"}), "a", "'-1", "b") == [UNKNOWN, LabelResult.NEW, LabelResult.NEW]


def test_a_store_that_did_not_respond_is_not_asked_for_another_id() -> None:
    store = FakeLabels({"-1"}, fault=Fault("", "The store did not respond", StoreUnavailable.code))
    assert record(store, "'-1") == [store.fault]


@given(st.text(min_size=1))
def test_what_an_export_writes_is_read_as_the_id_again(name: str) -> None:
    written = safe_name(name)
    assert record(FakeLabels({name}), written) == [LabelResult.NEW]
    assert name in {written, unguarded(written)}
