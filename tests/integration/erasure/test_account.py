"""An account is erased: nothing that came of it before names it any more, and nobody else's payment is lost."""

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.client import dynamodb
from fraudshield.batch import wiring as batch_wiring
from fraudshield.breaker import Breaker
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.erasure.dynamo import PAGE, DynamoAccountEraser
from fraudshield.erasure.dynamo_record import OVERTAKEN, Forgetting
from fraudshield.erasure.erasure import SETTLE
from fraudshield.erasure.port import Erased
from fraudshield.errors import StoreUnavailable
from fraudshield.label import wiring as label_wiring
from fraudshield.label.label import Label
from fraudshield.policy.policy import Outcome
from fraudshield.review import wiring as review_wiring
from fraudshield.review.review import SaidVerdict
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_backfill import Backfill, Filed
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.settings import settings
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.dynamo import transaction_of, undecided_item
from fraudshield.transaction.wiring import TransactionSettings
from fraudshield.value_list import service_wiring as list_wiring
from functions.database.app import lambda_handler
from tests.authors import ADA
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.content import as_in_0_1, built_in, first_hash
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.stack import Stack, client

SECOND = timedelta(seconds=1)
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens
ADMIN = Caller(handler=lambda_handler)
ACCOUNTS = "/api/v1/database/accounts"

Score = Callable[..., ScoredTransaction]


@pytest.fixture
def score(transaction: Callable[..., BuiltInTransaction]) -> Score:
    """A transaction as it was scored at a time, `NOW` unless another is given, with changes."""

    def make(at: datetime = NOW, **changes: Any) -> ScoredTransaction:
        scorer = Scorer(
            FakePredictor(0.5), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: at
        )
        return scorer.decide([transaction(**changes)])[0]

    return make


def store(*scored: ScoredTransaction) -> None:
    scoring_wiring.transaction_store().add(scored, time.monotonic() + 5)


def file(*scored: ScoredTransaction) -> list[Filed]:
    """As from the parking queue."""
    table = settings(TransactionSettings).transactions_table
    backfill = Backfill(table, erasure_wiring.erasures(), dynamo_wiring.store_calls())
    return backfill.file(json.dumps({"items": [to_item(one, "api") for one in scored]}))


def erase(account: str = "C1", now: datetime = NOW + SECOND, within_s: float = 7) -> Erased:
    eraser = erasure_wiring.account_eraser(batch_wiring.file_erasures(), list_wiring.lists())
    return eraser.erase(account, now, time.monotonic() + within_s, ADA)


def records(stack: Stack) -> dict[tuple[str, str], dict[str, Any]]:
    return {(item["transaction_id"]["S"], item["record"]["S"]): item for item in stack.items()}


def traces(stack: Stack, *of: str) -> list[str]:
    """Records in which any of these texts stands, anywhere."""
    return [
        f"{item['transaction_id']['S']} {item['record']['S']}"
        for item in stack.items()
        if any(f'"{text}"' in json.dumps(item) or text in item["record"]["S"] for text in of)
    ]


def test_its_payments_are_deleted_with_all_records_under_their_ids(stack: Stack, score: Score) -> None:
    mine, other = score(transaction_id="t1", nameOrig="C1"), score(transaction_id="t2", nameOrig="C2")
    store(mine, other)
    file(score(NOW + SECOND, transaction_id="t1", nameOrig="C1"))
    label_wiring.labels().add("t1", Label("fraud", "analyst", NOW), ADA)
    assert len(stack.items()) == 4
    assert erase(now=NOW + 2 * SECOND).deleted == 1
    assert [from_item(item) for item in stack.items()] == [other]


def test_payments_of_others_to_it_keep_everything_but_the_name(stack: Stack, score: Score) -> None:
    one = score(transaction_id="t1", nameOrig="C2", nameDest="C1")
    store(one)
    file(score(NOW + SECOND, transaction_id="t1", nameOrig="C2", nameDest="C1"))
    label_wiring.labels().add("t1", Label("fraud", "analyst", NOW), ADA)
    before = records(stack)
    assert erase(now=NOW + 2 * SECOND).pseudonymised == 1
    after = records(stack)
    assert traces(stack, "C1", one.transaction.content_hash()) == []
    assert before.keys() == after.keys()
    kept = from_item(after["t1", "transaction"])
    assert (kept.decision, kept.transaction.amount) == (one.decision, one.transaction.amount)
    changed = {name for key, item in after.items() for name in item if item[name] != before[key][name]}
    assert changed == {"nameDest", "content_hash"}
    assert kept.transaction.content_hash() == after["t1", "transaction"]["content_hash"]["S"]


@pytest.mark.parametrize("which", ["transaction", "beside", "both"])
def test_a_hash_of_the_old_name_is_forgotten_by_whichever_scheme_it_was_made(
    stack: Stack, score: Score, which: str
) -> None:
    """From it, whoever knew the rest could find the name by trying."""
    one = score(transaction_id="t1", nameOrig="C2", nameDest="C1")
    store(one)
    file(score(NOW + SECOND, transaction_id="t1", nameOrig="C2", nameDest="C1"))
    for (_, record), item in records(stack).items():
        if which in ("both", "transaction" if record == "transaction" else "beside"):
            client("dynamodb").put_item(TableName=stack.transactions, Item=as_in_0_1(item, one.transaction))
    assert erase(now=NOW + 2 * SECOND).pseudonymised == 1
    assert traces(stack, "C1", one.transaction.content_hash(), first_hash(one.transaction)) == []
    assert len({item["content_hash"]["S"] for item in stack.items()}) == 1


def test_a_payment_of_version_0_1_is_deleted(stack: Stack, score: Score) -> None:
    one = score(nameOrig="C1")
    item = as_in_0_1(to_item(one, "api"), one.transaction)
    client("dynamodb").put_item(TableName=stack.transactions, Item=item)
    assert (erase().deleted, stack.items()) == (1, [])


def test_who_paid_himself_is_deleted_once(stack: Stack, score: Score) -> None:
    store(score(nameOrig="C1", nameDest="C1"))
    assert (erase().deleted, stack.items()) == (1, [])


def test_what_is_stored_without_a_decision_is_forgotten_too(stack: Stack, score: Score) -> None:
    for name, sides in {"mine": {"nameOrig": "C1"}, "to-me": {"nameDest": "C1"}}.items():
        one = score(transaction_id=name, **sides)
        item = undecided_item(one.transaction, one.occurred_at, one.received_at)
        client("dynamodb").put_item(TableName=stack.transactions, Item=item)
    erased = erase()
    assert (erased.deleted, erased.pseudonymised, traces(stack, "C1")) == (1, 1, [])
    [left] = stack.items()
    assert transaction_of(left).content_hash() == left["content_hash"]["S"]


def test_conflicts_are_forgotten_wherever_they_lie(stack: Stack, score: Score) -> None:
    store(score(nameOrig="C8", nameDest="C9"))
    mine, to_me = score(nameOrig="C1", nameDest="C7"), score(nameOrig="C7", nameDest="C1")
    assert file(mine, to_me) == [Filed.CONFLICTING] * 2
    hashes = [one.transaction.content_hash()[:16] for one in (mine, to_me)]
    erased = erase()
    assert (erased.deleted, erased.pseudonymised) == (1, 1)
    assert traces(stack, "C1", *hashes) == []
    [name] = [record for _, record in records(stack) if record.startswith("conflict#")]
    conflict = records(stack)["test_123", name]
    assert conflict["transaction"]["M"]["nameDest"] == conflict["nameDest"]
    assert file(to_me) == [Filed.CONFLICTING]  # it comes again, and is the one that is there
    assert len(stack.items()) == 2


def test_the_check_sees_a_conflict_that_no_index_leads_to(stack: Stack, score: Score) -> None:
    store(score(nameOrig="C8", nameDest="C9"))
    file(score(nameOrig="C1", nameDest="C7"))
    for key, item in records(stack).items():
        if key[1].startswith("conflict#"):
            hidden = {name: value for name, value in item.items() if name not in {"nameOrig", "nameDest"}}
            client("dynamodb").put_item(TableName=stack.transactions, Item=hidden)
    erase()
    assert traces(stack, "C1")


def test_what_came_later_is_kept(stack: Stack, score: Score) -> None:
    later = [score(NOW + 2 * SECOND, transaction_id=f"t{side}", **{side: "C1"}) for side in ("nameOrig", "nameDest")]
    store(*later)
    erase()
    assert {from_item(item).transaction for item in stack.items()} == {one.transaction for one in later}


def test_when_it_says_it_happened_does_not_count(stack: Stack, score: Score) -> None:
    store(score(transaction_id="old", nameOrig="C1", occurred_at="2027-01-01T00:00:00Z"))
    store(score(NOW + 2 * SECOND, transaction_id="new", nameOrig="C1", occurred_at="2020-01-01T00:00:00Z"))
    erase()
    assert {item["transaction_id"]["S"] for item in stack.items()} == {"new"}


def test_an_erasure_is_complete_when_a_sweep_after_all_calls_under_way_found_nothing(
    stack: Stack, score: Score
) -> None:
    store(score(nameOrig="C1"))
    first = erase(now=NOW + SECOND)
    assert (first.complete, first.call_again_at) == (False, NOW + SECOND + SETTLE)
    second = erase(now=NOW + SECOND + SETTLE)
    assert (second.complete, second.call_again_at) == (True, None)
    assert (second.erased_at, second.deleted) == (NOW + SECOND, 1)


def test_a_score_that_was_under_way_is_found_by_the_second_sweep(stack: Stack, score: Score) -> None:
    erase(now=NOW + SECOND)
    store(score(NOW, nameOrig="C1"))  # received before the mark, stored after the first sweep
    assert erase(now=NOW + SECOND + SETTLE).deleted == 1
    assert stack.items() == []


def test_what_was_parked_or_comes_again_is_dropped_after_the_erasure(stack: Stack, score: Score) -> None:
    parked = score(nameOrig="C1")
    erase(now=NOW + SECOND)
    assert [file(parked), file(parked)] == [[Filed.ERASED], [Filed.ERASED]]
    assert erase(now=NOW + SECOND + SETTLE).complete
    assert (file(parked), stack.items()) == ([Filed.ERASED], [])


def test_after_a_complete_erasure_another_one_takes_what_came_since(stack: Stack, score: Score) -> None:
    erase(now=NOW)
    assert erase(now=NOW + SETTLE).complete
    store(score(NOW + SETTLE, nameOrig="C1"))
    again = erase(now=NOW + SETTLE + SECOND)
    assert (again.erased_at, again.deleted, again.complete) == (NOW + SETTLE + SECOND, 1, False)


def test_of_an_account_that_never_was_the_erasure_is_complete_at_once(stack: Stack) -> None:
    first = ADMIN.send("DELETE", f"{ACCOUNTS}/C404").json
    assert (first["status"], first["complete"], first["call_again_at"]) == ("complete", True, None)
    assert first["done"] == {"deleted": 0, "pseudonymised": 0, "list_entries": 0}
    again = erase("C404", now=NOW)  # which is another erasure, not the rest of one
    assert (again.erased_at, again.complete) == (NOW, True)


def test_of_an_account_that_was_the_erasure_is_incomplete_until_all_that_was_under_way_has_ended(
    stack: Stack, score: Score
) -> None:
    store(score(nameOrig="C405"))
    first = ADMIN.send("DELETE", f"{ACCOUNTS}/C405").json
    assert (first["status"], first["complete"], first["done"]["deleted"]) == ("incomplete", False, 1)


def test_whoever_labelled_a_payment_to_it_under_its_name_is_forgotten(stack: Stack, score: Score) -> None:
    store(score(transaction_id="t", nameOrig="C2", nameDest="C1"))
    label_wiring.labels().add("t", Label("fraud", "analyst", NOW), replace(ADA, actor="C1 in person"))
    erase()
    assert "C1 in person" not in json.dumps(stack.items(), default=str)


def test_whoever_decided_a_payment_to_it_or_wrote_of_it_is_forgotten(stack: Stack, score: Score) -> None:
    scored = score(transaction_id="t", nameOrig="C2", nameDest="C1")
    store(replace(scored, decision=replace(scored.decision, outcome=Outcome.REVIEW)))
    by = replace(ADA, actor="C1 in person")
    review_wiring.reviews().give("t", SaidVerdict("release", note="It is C1, who called"), None, by)
    review_wiring.notes().add("t", "Asked C1; not C1-2", by)
    erase()
    left = json.dumps(stack.items(), default=str)
    assert re.findall(r"C1\b[^,;\"]*", left) == ["C1-2"]
    assert "who called" in left


def test_an_erasure_deletes_reviews_with_their_payment(stack: Stack, score: Score) -> None:
    scored = score(transaction_id="t", nameOrig="C1")
    store(replace(scored, decision=replace(scored.decision, outcome=Outcome.REVIEW)))
    assert review_wiring.reviews().claim("t") is not None
    review_wiring.notes().add("t", "A note", ADA)
    erase()
    assert stack.items() == []


def test_an_erasure_goes_on_where_time_ended(stack: Stack, score: Score) -> None:
    store(score(nameOrig="C1"))
    first = erase(now=NOW + SECOND, within_s=0)
    assert (first.complete, first.deleted, first.call_again_at) == (False, 0, NOW + SECOND)
    assert erase(now=NOW + 2 * SECOND).deleted == 1


def test_many_payments_are_erased_page_by_page(engine_stack: Stack, score: Score) -> None:
    sides: list[dict[str, Any]] = [{"nameOrig": "C1"}, {"nameOrig": "C2", "nameDest": "C1"}]
    many = PAGE + 20
    for number in range(2 * many):
        item = to_item(score(transaction_id=f"t{number}", **sides[number % 2]), "api")
        client("dynamodb").put_item(TableName=engine_stack.transactions, Item=item)
    with ThreadPoolExecutor(4) as pool:  # few, for a machine that does other things too
        calls = BoundedCalls(Breaker(), pool)
        marks = replace(erasure_wiring.erasures(), calls=calls)
        eraser = DynamoAccountEraser(engine_stack.transactions, marks, calls, audit_wiring.audit_log())
        done = eraser.erase("C1", NOW + SECOND, time.monotonic() + 60, ADA)
    assert (done.deleted, done.pseudonymised) == (many, many)
    left = [from_item(item).transaction for item in engine_stack.items()]
    assert {built_in(one).nameDest for one in left} == {erasure_wiring.erasures().pseudonym("C1")}


def test_what_somebody_changed_meanwhile_is_swept_again(stack: Stack, score: Score) -> None:
    one = score(nameOrig="C1")
    store(one)
    forgetting = Forgetting(stack.transactions, "C1", "C-erased", NOW + SECOND)
    later = to_item(score(NOW + 2 * SECOND, nameOrig="C1"), "api")
    meanwhile(lambda: client("dynamodb").put_item(TableName=stack.transactions, Item=later))
    assert forgetting.forget("test_123") == {OVERTAKEN: 1}
    assert stack.items() == [later]


def meanwhile(act: Callable[[], object]) -> None:
    """Something happens just before the next deletion."""
    done: list[object] = []
    dynamodb().meta.events.register("before-call.dynamodb.DeleteItem", lambda **_: None if done else done.append(act()))


@pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem", "Query"])
def test_a_lost_response_changes_neither_the_rows_nor_the_receipt(
    stack: Stack, score: Score, told: Callable[..., None], operation: str
) -> None:
    store(score(nameOrig="C1"))
    lost: list[str] = []

    def lose(**_: Any) -> None:
        if not lost:
            lost.append(operation)
            raise EndpointConnectionError(endpoint_url="the response is lost")

    dynamodb().meta.events.register(f"after-call.dynamodb.{operation}", lose)
    try:
        erased = erase(now=NOW + SECOND)
    except StoreUnavailable:  # on a slow machine there is no time for a second attempt: the caller makes it
        told()
        erased = erase(now=NOW + SECOND)
    assert (lost, stack.items(), erased.erased_at) == ([operation], [], NOW + SECOND)
    assert erased.deleted <= 1


def test_the_original_sent_again_is_a_new_payment_or_a_conflict(stack: Stack) -> None:
    mine = README_TRANSACTION | {"transaction_id": "mine", "nameOrig": "C1"}
    to_me = README_TRANSACTION | {"transaction_id": "to-me", "nameDest": "C1"}
    Caller().score(mine, to_me)
    assert ADMIN.send("DELETE", f"{ACCOUNTS}/C1").status == 200
    again = Caller().score(mine, to_me).json["results"]
    assert [entry.get("errors", [{}])[0].get("code") for entry in again] == [None, "transaction_conflict"]


def test_the_receipt_says_what_was_done_and_what_goes_by_itself(stack: Stack, written: Callable[[], str]) -> None:
    Caller().score(README_TRANSACTION | {"nameOrig": "C1231006815"})
    response = ADMIN.send("DELETE", f"{ACCOUNTS}/C1231006815")
    got = response.json
    assert (response.status, got["complete"]) == (200, False)
    assert got["done"] == {"deleted": 1, "pseudonymised": 0, "list_entries": 0}
    assert got["call_again_at"] > got["erased_at"]
    stores = {one["store"]: one for one in got["stores"]}
    assert stores["TransactionsTable"]["fate"] == "erased"
    assert stores["back-ups of TransactionsTable"]["gone_by"] > got["erased_at"]
    assert "C1231006815" not in response.text + written()


@pytest.mark.parametrize("name", ["a/b", "é %", "x" * 64])
def test_any_name_that_an_account_can_have_can_be_erased(stack: Stack, score: Score, name: str) -> None:
    from urllib.parse import quote

    store(score(nameOrig=name))
    assert ADMIN.send("DELETE", f"{ACCOUNTS}/{quote(name, safe='')}").json["done"]["deleted"] == 1


@pytest.mark.parametrize("name", ["x" * 513, "a%00b", "%0a"])
def test_a_name_that_no_account_can_have_is_refused(stack: Stack, name: str) -> None:
    response = ADMIN.send("DELETE", f"{ACCOUNTS}/{name}")
    assert (response.status, response.json["code"]) == (422, "invalid_account")
    assert client("dynamodb").scan(TableName=stack.erasures)["Items"] == []


def test_a_store_that_is_away_is_said_so(stack: Stack, told: Callable[..., None]) -> None:
    told(AWS_ENDPOINT_URL_DYNAMODB=NOWHERE)
    assert ADMIN.send("DELETE", f"{ACCOUNTS}/C1").status == 503


def test_a_mark_ages_out_and_carries_no_name(stack: Stack) -> None:
    erase("C1231006815", now=NOW)
    [mark] = client("dynamodb").scan(TableName=stack.erasures)["Items"]
    assert mark["expires_at"] == {"N": str(int((NOW + timedelta(days=90)).timestamp()))}
    assert "C1231006815" not in json.dumps(mark)


def test_a_foreign_error_is_not_taken_for_a_response(stack: Stack) -> None:
    with pytest.raises(ClientError):
        Forgetting("no-such-table", "C1", "C-erased", NOW).forget("t")
