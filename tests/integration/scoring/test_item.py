"""A stored transaction as a DynamoDB item: exact both ways, small, and indexed by what the lists ask for."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import DYNAMODB_CONTEXT
from hypothesis import given

from fraudshield.policy.policy import Outcome, first_policy
from fraudshield.predictor import artifact
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.decision import ScoredTransaction, expected_loss
from fraudshield.scoring.dynamo import FILLED
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.response import entry
from fraudshield.scoring.scoring import Scorer
from fraudshield.text.timestamp import instant
from fraudshield.transaction.built_in import BuiltInTransaction, Money
from fraudshield.transaction.dynamo import DAY_SHARDS, day_shard
from fraudshield.transaction.dynamo_beside import TAKEN
from fraudshield.transaction.dynamo_field import StoredFields
from fraudshield.transaction.transaction import Instant, Name
from tests.conftest import ROOT
from tests.content import built_in
from tests.decisions import scored
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakeStore
from tests.store.item_size import item_bytes

Make = Callable[..., BuiltInTransaction]
WRITE_UNIT_BYTES = 1024


def as_dynamodb_keeps_it(item: Any) -> Any:
    """What comes back: numbers lose their trailing noughts and their sign at nought."""
    if "N" in item:
        return {"N": format(DYNAMODB_CONTEXT.create_decimal(item["N"]).normalize() + 0, "f")}
    if "L" in item:
        return {"L": [as_dynamodb_keeps_it(member) for member in item["L"]]}
    return item


@given(scored())
def test_what_is_stored_is_read_back_exactly(one: ScoredTransaction) -> None:
    kept = {name: as_dynamodb_keeps_it(value) for name, value in to_item(one, "api").items()}
    read = from_item(kept)
    assert read == one
    assert read.transaction.content_hash() == one.transaction.content_hash()


@given(scored())
def test_a_replayed_entry_has_the_bytes_of_the_first(one: ScoredTransaction) -> None:
    first, again = (entry(each.decision, True) for each in (one, from_item(to_item(one, "api"))))
    assert json.dumps(first) == json.dumps(again)


class Wider(BuiltInTransaction):
    """A payment as it may be one day."""

    device: Name | None = None
    fee: Money | None = None
    hops: int | None = None
    seen_at: Instant | None = None


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"device": "phone"},
        {"fee": Decimal("0.30"), "hops": 3},
        {"device": "é", "fee": Decimal("-1e-20"), "hops": 0, "seen_at": "2026-11-24T10:00:00.5+02:00"},
    ],
)
def test_a_new_field_is_stored_where_it_was_sent_and_read_back_exactly(
    sent: Callable[..., dict[str, Any]], said: dict[str, Any]
) -> None:
    one = Wider.model_validate({name: Decimal(str(v)) if type(v) is float else v for name, v in sent(**said).items()})
    fields = StoredFields.of(Wider)
    kept = {name: as_dynamodb_keeps_it(value) for name, value in fields.write(one).items()}
    assert kept.keys() == sent(**said).keys()
    read = Wider.model_construct(**fields.read(kept))
    assert read == one
    assert read.content_hash() == one.content_hash()


def test_what_every_payment_has_is_missed_where_it_is_not_stored(approved: ScoredTransaction) -> None:
    item = to_item(approved, "api")
    del item["step"]
    with pytest.raises(KeyError, match="step"):
        from_item(item)


@given(scored())
def test_no_field_has_the_name_of_another_attribute(one: ScoredTransaction) -> None:
    ours = to_item(one, "api", retention_days=1).keys() - BuiltInTransaction.model_fields.keys()
    assert (
        not (ours | FILLED | TAKEN | {"label", "record", "transaction", "answered"})
        & BuiltInTransaction.model_fields.keys()
    )
    stored = to_item(one, "api").keys() & BuiltInTransaction.model_fields.keys()
    assert stored == {name for name, value in built_in(one.transaction) if value is not None} | {"occurred_at"}


@given(scored())
def test_an_item_is_one_that_dynamodb_takes(one: ScoredTransaction) -> None:
    item = to_item(one, "api")
    keys = ("transaction_id", "record", "day_shard", "occurred_at", "nameOrig", "nameDest")
    assert all(0 < len(item[key]["S"].encode()) <= 1024 for key in keys)
    assert all(DYNAMODB_CONTEXT.create_decimal(value["N"]) is not None for value in item.values() if "N" in value)
    assert item_bytes(item) < 400_000


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    model = artifact.load(ROOT / "model/artifact/model")
    policies = FakePolicies(first_policy(model.thresholds))
    return Scorer(OnePredictor(ModelPredictor(model, NOW)), policies, FakeStore(), FakeParking(), FakeAccounts())


@pytest.fixture
def approved(scorer: Scorer, transaction: Make) -> ScoredTransaction:
    """Of common length in everything: an id as made here, names as in PaySim, cents."""
    [one] = scorer.decide(
        [
            transaction(
                transaction_id=f"t-{'0123456789abcdef' * 2}",
                step=743,
                amount=181234.56,
                nameOrig="C1231006815",
                oldbalanceOrg=1701361.27,
                newbalanceOrig=1520126.71,
                nameDest="M1979787155",
                oldbalanceDest=1234567.89,
                newbalanceDest=1415802.45,
                occurred_at="2026-11-24T09:59:59.123456Z",
            )
        ]
    )
    assert one.decision.outcome is Outcome.APPROVE
    return one


def test_an_approved_transaction_is_one_write_unit(approved: ScoredTransaction) -> None:
    assert item_bytes(to_item(approved, "api", retention_days=400)) < WRITE_UNIT_BYTES


def test_an_item_that_kept_request_and_answer_as_texts_would_not_be(approved: ScoredTransaction) -> None:
    texts = {
        "request": {"S": built_in(approved.transaction).model_dump_json()},
        "entry": {"S": json.dumps(entry(approved.decision, True))},
    }
    assert item_bytes({**to_item(approved, "api"), **texts}) > WRITE_UNIT_BYTES


def test_only_flagged_transactions_are_in_the_review_queue(approved: ScoredTransaction) -> None:
    assert not {"review_queue", "expected_loss"} & to_item(approved, "api").keys()
    flagged = replace(approved, decision=replace(approved.decision, outcome=Outcome.REVIEW, risk=0.1))
    item = to_item(flagged, "api")
    assert item["review_queue"] == {"S": "review"}
    assert item["expected_loss"] == {"N": "18123.46"}


def test_an_expected_loss_is_to_the_cent(approved: ScoredTransaction) -> None:
    assert expected_loss(replace(approved, decision=replace(approved.decision, risk=0.0001))) == Decimal("18.12")


@pytest.mark.parametrize(("days", "expires_at"), [(0, None), (1, NOW.timestamp() + 86_400)])
def test_an_item_expires_only_where_that_is_wanted(
    approved: ScoredTransaction, days: int, expires_at: float | None
) -> None:
    item = to_item(replace(approved, received_at=NOW), "api", days)
    assert item.get("expires_at") == (None if expires_at is None else {"N": str(int(expires_at))})


def test_the_source_it_came_from_is_kept(approved: ScoredTransaction) -> None:
    assert [to_item(approved, source)["source"] for source in ("api", "queue", "batch")] == [
        {"S": "api"},
        {"S": "queue"},
        {"S": "batch"},
    ]


def test_times_sort_as_texts() -> None:
    times = [datetime(2026, 11, 24, 10, tzinfo=UTC).replace(microsecond=part) for part in (0, 1, 10, 999_999)]
    assert sorted(map(instant, times)) == [instant(time) for time in times]
    assert instant(times[0]) == "2026-11-24T10:00:00.000000Z"


def test_a_day_is_spread_over_its_shards_and_a_transaction_stays_on_one() -> None:
    shards = {day_shard(f"t-{i}", NOW) for i in range(1000)}
    assert shards == {f"2026-11-24#{i}" for i in range(DAY_SHARDS)}
    assert day_shard("t-1", NOW) == day_shard("t-1", NOW)
