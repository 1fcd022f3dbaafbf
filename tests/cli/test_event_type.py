"""`fraudshield event-type`: a sample becomes a document, and a document is checked with its places."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fraudshield.batch.own.row import OwnLayout
from fraudshield.errors import InvalidInput, Malformed
from fraudshield.text import strict_json
from fraudshield.transaction.parser import parser_of
from infra.cli import event_type
from infra.cli.event_type_draft import draft
from tests.cli.command import ROOT, process
from tests.event_types import CARD, WITH_DEVICE, version_of

SHAPES = ROOT / "examples/shapes"
AMOUNTS = {
    "charge": [Decimal("10.99"), Decimal("2500.00")],
    "authorisation": [Decimal("42.50"), Decimal("1299.00")],
}
CHARGES = [
    {"id": "ch_1", "amount": 1099, "created": "2026-11-24T10:00:00Z", "card": {"fingerprint": "f1"}, "merchant": "m1",
     "livemode": True, "limit": 3, "rate": 0.5, "items": [{"sku": 1}]},
    {"id": "ch_2", "amount": 5, "created": "2026-11-24T10:00:01Z", "card": {"fingerprint": "f2"}, "merchant": "m1",
     "livemode": False, "isFraud": 1},
]  # fmt: skip


def written(folder: Path, content: Any, name: str = "sample.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_draft_is_a_good_document(tmp_path: Path) -> None:
    proposed = draft(written(tmp_path, CHARGES), "charge")
    fields = proposed["fields"]
    assert {name: field.get("role") for name, field in fields.items() if "role" in field} == {
        "id": "id", "amount": "amount", "created": "time", "card_fingerprint": "sender", "merchant": "receiver",
    }  # fmt: skip
    assert {name: fields[name]["kind"] for name in ("livemode", "limit_", "rate")} == {
        "livemode": "boolean", "limit_": "integer", "rate": "number",
    }  # fmt: skip
    assert (fields["card_fingerprint"]["from"], fields["limit_"]["from"]) == ("/card/fingerprint", "limit")
    assert "isFraud" not in fields
    assert (fields["items"]["kind"], fields["items"]["size_of"]) == ("integer", "items")
    assert all(field["description"] for field in fields.values())
    assert event_type.check(written(tmp_path, proposed)) == f"charge is good: {len(fields)} fields of its own"


@pytest.mark.parametrize("name", ["charge", "authorisation"])
def test_a_drafted_type_reads_the_payments_that_it_was_drafted_from(name: str) -> None:
    sample = SHAPES / f"{name}.json"
    event_type = version_of(draft(sample, name))
    sent = strict_json.parse(sample.read_bytes())
    assert isinstance(sent, dict)
    read = [parser_of(event_type).read(one, "") for one in sent["transactions"]]
    assert [one.amount for one in read] == AMOUNTS[name]
    assert all(one.sender and one.occurred_at for one in read)
    assert len({one.transaction_id for one in read}) == len(read)


def test_a_type_drafted_from_a_file_reads_its_rows() -> None:
    sample = SHAPES / "transfers.csv"
    event_type = version_of(draft(sample, "bank_transfer"))
    names, *rows = csv.reader(sample.read_text().splitlines())
    layout = OwnLayout.of(event_type, names, sample.name)
    read = [layout.read(row, "none") for row in rows]
    assert len(names) == 40
    assert (read[0].transaction_id, read[0].sender, read[0].receiver) == ("bk-900", "acct-100", "acct-500")
    assert read[5].amount == Decimal("18500.00")


def test_texts_that_look_like_numbers_stay_texts(tmp_path: Path) -> None:
    sample = written(tmp_path, [{"amount": 1.5, "postcode": "10115", "flag": "true"}] * 30)
    assert {name: field["kind"] for name, field in draft(sample, "x")["fields"].items()} == {
        "amount": "money", "postcode": "category", "flag": "category",
    }  # fmt: skip
    codes = written(tmp_path, "amount,branch\n1.5,0312\n2.5,0007\n", "codes.csv")
    assert draft(codes, "x")["fields"]["branch"]["kind"] == "text"


def test_whole_amounts_beside_a_currency_are_minor_units_under_a_name_of_their_own(tmp_path: Path) -> None:
    sample = written(tmp_path, [{"amount": 1099, "currency": "eur"}])
    amount = draft(sample, "x")["fields"]["amount_minor"]
    assert (amount["unit"], amount["currency"], amount["from"]) == ("minor", "currency", "amount")


def test_a_draft_reports_in_the_commonest_currency_and_says_why(tmp_path: Path) -> None:
    codes = ["usd", "EUR", "EUR", "???"]
    proposed = draft(written(tmp_path, [{"amount": 10.5, "currency": one} for one in codes]), "x")
    assert proposed["reporting_currency"] == "EUR"
    assert proposed["fields"]["currency"]["description"].endswith("2 of 3 are EUR, so amounts are reported in that")
    assert event_type.check(written(tmp_path, proposed)) == "x is good: 2 fields of its own"
    assert "reporting_currency" not in draft(written(tmp_path, [{"amount": 10.5, "currency": "???"}]), "x")


def test_so_does_a_draft_that_extends_payment(tmp_path: Path) -> None:
    lines = (ROOT / "events/transactions.csv").read_text().splitlines()
    paid = "\n".join([lines[0] + ",ccy", *(f"{line},JPY" for line in lines[1:30])])
    proposed = draft(written(tmp_path, paid, "sample.csv"), "web_payment")
    assert (proposed["amount_currency"], proposed["reporting_currency"]) == ("ccy", "JPY")
    assert (
        event_type.check(written(tmp_path, proposed))
        == "web_payment is good: 1 field of its own beside those of payment"
    )


def test_what_has_paysims_columns_extends_payment(tmp_path: Path) -> None:
    lines = (ROOT / "events/transactions.csv").read_text().splitlines()
    devices = [lines[0] + ",device_id", *(f"{line},d-{number}" for number, line in enumerate(lines[1:30]))]
    proposed = draft(written(tmp_path, "\n".join(devices), "sample.csv"), "web_payment")
    assert (proposed["extends"], [*proposed["fields"]]) == ("payment", ["device_id"])
    assert proposed["fields"]["device_id"]["personal"]


def test_a_draft_repeats_no_value(tmp_path: Path) -> None:
    sample = written(tmp_path, [{"amount": 1, "payer": "Anna Rossi", "pan": "4111111111111111"}] * 30)
    assert not {word for word in ("Anna", "4111") if word in json.dumps(draft(sample, "x"))}


@pytest.mark.parametrize("content", ["[]", "7", '{"transactions": []}'])
def test_a_sample_without_payments_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(Malformed, match="holds no payment"):
        draft(written(tmp_path, content), "x")


@pytest.mark.parametrize("document", [CARD, WITH_DEVICE])
def test_a_good_document_is_good_in_json_and_in_yaml(tmp_path: Path, document: Any) -> None:
    said = event_type.check(written(tmp_path, dict(document)))
    assert said == event_type.check(written(tmp_path, json.dumps(document), "document.yaml"))
    assert said.startswith(f"{document['name']} is good")


def test_what_is_no_yaml_is_said(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="is not YAML"):
        event_type.read(written(tmp_path, "a: [", "document.yml"))


def test_a_fault_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        event_type.check(written(tmp_path, {**WITH_DEVICE, "fields": {"limit": {"kind": "text"}}}))
    assert [fault.pointer for fault in refused.value.faults] == ["/fields/limit"]


def test_the_command_ends_with_what_it_found(tmp_path: Path) -> None:
    good = process("event-type", "check", str(ROOT / "events/event_type.json"))
    bad = process("event-type", "check", str(written(tmp_path, {"name": "x", "fields": {"b": {"kind": "y"}}})))
    assert (good.code, bad.code) == (0, 2)
    assert "/fields/b/kind" in bad.err
