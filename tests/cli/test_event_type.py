"""`fraudshield event-type`: a sample becomes a document, and a document is checked with its places."""

import json
from pathlib import Path
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed
from infra.cli import event_type
from infra.cli.event_type_draft import draft
from tests.cli.command import ROOT, process
from tests.event_types import CARD, WITH_DEVICE

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
