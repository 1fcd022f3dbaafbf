"""Stored decisions as rows to learn from: which say something, and for how many each stands."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fraudshield.errors import InvalidInput
from fraudshield.event_type.event_type import EventType, EventTypeDocument
from infra.cli.event_type import of_document
from model.fitting.features import feature_table, read_aggregates
from model.table.stored import StoredColumns

NOW = datetime(2026, 12, 1, tzinfo=UTC)
MINOR: dict[str, Any] = {
    "name": "sale",
    "fields": {
        "sale_id": {"kind": "text", "role": "id"},
        "created": {"kind": "instant", "role": "time", "required": True},
        "total": {"kind": "money", "role": "amount", "required": True, "currency": "ccy", "unit": "minor"},
        "ccy": {"kind": "category"},
        "card": {"kind": "text", "role": "sender"},
        "web": {"kind": "boolean"},
    },
    "aggregates": {"spent": {"of": "sum", "field": "amount", "over": "card", "within": "24h"}},
    "features": {"amount": {"value": "amount"}, "spent": {"value": "spent"}, "web": {"value": "web"}},
    "reporting_currency": "EUR",
    "label": {"genuine_after": "10d", "later": "2d"},
}


def sale() -> EventType:
    return of_document(EventTypeDocument.model_validate(MINOR))


def decided(name: str, days_ago: float = 20, **said: Any) -> dict[str, Any]:
    made = {
        "decision": said.pop("decision", "approve"),
        "aggregates": said.pop("aggregates", {"spent": Decimal("1.5")}),
    }
    made |= {"control_share": said.pop("share")} if "share" in said else {}
    label = said.pop("label", None)
    at = (NOW - timedelta(days=days_ago)).isoformat().replace("+00:00", "Z")
    return {
        "transaction": {"transaction_id": name, "occurred_at": at, "card": "c", "source": "api", **said},
        "first_decision": made,
        "label": label and {"label": label, "source": "analyst", "labelled_at": "2026-11-25T00:00:00Z"},
        "verdict": said.pop("verdict", None),
        "job_id": None,
    }


def columns(*rows: dict[str, Any]) -> StoredColumns:
    found = StoredColumns(sale(), read_aggregates(sale()))
    for one in rows:  # each a page of its own
        found.add([one])
    return found


def test_what_was_stopped_says_nothing_and_what_was_drawn_counts_for_many() -> None:
    verdicts = {"released": "release", "declined": "decline"}
    table = columns(
        decided("passed"),
        decided("young", 5),
        decided("blocked", decision="block", amount=Decimal("7.5")),
        decided("blocked_fraud", decision="block", label="fraud"),
        decided("waiting", decision="review"),
        *(decided(name, decision="review") | {"verdict": one} for name, one in verdicts.items()),
        decided("drawn", decision="review", share=Decimal("0.02"), label="genuine"),
        decided("drawn_waiting", decision="review", share=Decimal("0.02")),
    ).table(NOW, of_files=3)
    usable = dict(zip(table.texts("sale_id"), table.truth.usable.tolist(), strict=True))
    assert {name for name, one in usable.items() if one} == {"passed", "blocked_fraud", "released", "drawn"}
    weight = dict(zip(table.texts("sale_id"), table.weight.tolist(), strict=True))
    assert (weight["drawn"], weight["blocked_fraud"], weight["passed"]) == (50, 1, 1)
    assert table.selection is not None
    assert table.selection.plain == {
        "decided": 9, "blocked": 1, "blocked_money": 7.5, "held": 3, "drawn": 1, "drawn_for": 50.0, "of_files": 3,
        "unread": {"spent": 0.0},
    }  # fmt: skip
    said = " ".join(table.selection.says())
    assert "1 of them blocked (7.50 in money) and have no label" in said
    assert "1 were let through in a control share, and count for the 50 payments" in said


def test_a_label_that_came_later_is_not_known_yet() -> None:
    rows = [decided("a", label="fraud"), decided("b")]
    assert columns(*rows).table(NOW).truth.fraud.tolist() == [True, False]
    early = columns(*rows).table(datetime(2026, 11, 24, tzinfo=UTC))
    assert not early.truth.fraud.any()


def test_money_is_what_it_was_when_it_was_decided() -> None:
    """In minor units and another currency, by the rate of its day; the aggregate is the one that was kept."""
    told: dict[str, Any] = {
        "amount_currency": "USD",
        "ccy": "USD",
        "total": 2000,
        "amount": Decimal("20"),
        "reported_amount": Decimal("18.4"),
    }
    own: dict[str, Any] = {
        "ccy": "EUR",
        "total": 1234,
        "amount": Decimal("12.34"),
        "reported_amount": Decimal("12.34"),
        "web": True,
    }
    kept = {"spent": {"at_least": Decimal("3")}}
    table = columns(decided("1", **told), decided("2", **own, aggregates=kept)).table(NOW)
    assert table.amounts().tolist() == [18.4, 12.34]
    features = feature_table(table, np.arange(2), table.truth.fraud)
    assert features.values[:, 0].tolist() == [18.4, 12.34]
    assert features.values[:, 2].tolist()[1] == 1
    assert features.values[0, 1] == 1.5


def test_an_aggregate_that_was_kept_with_few_stops_it_with_what_to_do() -> None:
    rows = [decided("a"), decided("b", aggregates={"spent": {"not_evaluated": "unread"}}), decided("c", aggregates={})]
    with pytest.raises(InvalidInput, match=r"spent was kept with 33% of the 3 payments to learn from.*keep: true"):
        columns(*rows).table(NOW)
    assert columns(*rows[:2]).table(NOW).selection is not None
    with pytest.raises(InvalidInput, match="No decided payments of sale are stored in that time"):
        columns().table(NOW)


def test_payments_of_one_time_stand_in_the_order_of_their_ids() -> None:
    found = [columns(*some).table(NOW).texts("sale_id").tolist() for some in ([decided("b"), decided("a")],) * 2]
    assert found == [["a", "b"]] * 2
