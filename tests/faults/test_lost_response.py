"""A write went through and its response was lost: our own second attempt meets our own first one."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ConnectionClosedError

from fraudshield.audit import wiring as audit_wiring
from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.port import Span
from fraudshield.aws.client import dynamodb
from fraudshield.errors import TransactionConflict
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.port import Kept
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.authors import ADA
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.stack import Stack, client

Make = Callable[..., BuiltInTransaction]


def lose_answers(times: int, operation: str = "PutItem") -> list[str]:
    """The next `times` writes reach DynamoDB, their responses are lost; grows by every attempt."""
    attempts: list[str] = []
    store = client("dynamodb")  # made before the payment waits for the write

    def lose(request: Any, event_name: str, **_: Any) -> None:
        attempts.append(event_name)
        if len(attempts) <= times:
            with suppress(ClientError):
                getattr(store, xform_name(operation))(**json.loads(str(request.body, "utf-8")))
            raise ConnectionClosedError(endpoint_url=request.url)

    dynamodb().meta.events.register_first(f"before-send.dynamodb.{operation}", lose)
    return attempts


def scored(transaction: BuiltInTransaction) -> ScoredTransaction:
    [one] = Scorer(FakePredictor(), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts()).decide([transaction])
    return one


def forgetful_add(table: str, one: ScoredTransaction) -> Kept:
    """A planted put that compares no contents: it tries twice and takes what is stored for another's."""
    for _ in range(2):
        try:
            condition = "attribute_not_exists(transaction_id)"
            dynamodb().put_item(TableName=table, Item=to_item(one, "api"), ConditionExpression=condition)
            return one.decision
        except ConnectionClosedError:
            continue
        except ClientError:
            return TransactionConflict("taken")
    raise AssertionError("two responses were lost")


def test_the_write_is_recognised_as_our_own(stack: Stack, caller: Caller) -> None:
    attempts = lose_answers(1)
    first = caller.score(README_TRANSACTION)
    [entry] = first.json["results"]
    assert (first.status, entry["persisted"]) == (200, True)
    assert (len(attempts), len(stack.items()), stack.parked()) == (2, 1, [])
    assert caller.score(README_TRANSACTION).entries == first.entries


def test_another_content_is_still_a_conflict(stack: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    lose_answers(0)
    assert caller.score(README_TRANSACTION | {"amount": 1}).status == 409


def test_when_every_response_is_lost_the_record_is_parked_and_the_decision_is_the_same(
    stack: Stack, caller: Caller
) -> None:
    lose_answers(2)
    [first] = caller.score(README_TRANSACTION).json["results"]
    [item] = stack.items()
    assert (first["persisted"], stack.parked()) == (False, [item])


def test_the_check_sees_a_store_that_does_not_compare(stack: Stack, transaction: Make) -> None:
    lose_answers(1)
    assert isinstance(forgetful_add(stack.transactions, scored(transaction())), TransactionConflict)


def test_the_decision_that_is_kept_is_the_one_that_was_written(stack: Stack, transaction: Make) -> None:
    store, one = scoring_wiring.transaction_store(), scored(transaction())
    lose_answers(1)
    assert store.add([one], time.monotonic() + 5) == [one.decision]


def test_a_policy_change_is_recognised_as_our_own(stack: Stack, caller: Caller) -> None:
    lose_answers(1)
    changed = caller.send("PUT", POLICY, {"based_on": 1, "thresholds": {"review": 0.1, "block": 0.5}})
    assert (changed.status, changed.json["version"]) == (200, 2)
    assert caller.send("GET", POLICY).json == changed.json


def test_what_is_logged_of_a_file_is_recognised_as_our_own(stack: Stack) -> None:
    log, now = audit_wiring.audit_log(), datetime.now(UTC)
    attempts = lose_answers(1, "TransactWriteItems")
    log.add(AuditEntry(now, ADA, "list_file", "recorded", "mules"))
    page = log.page(Span(now, now + timedelta(seconds=1)), None, 10)
    assert (len(attempts), [one.entry.subject for one in page.entries]) == (2, ["mules"])
