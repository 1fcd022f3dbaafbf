"""Event types in DynamoDB: a version and what is in force are stored together, once."""

import pytest

from fraudshield.audit.audit import AuditEntry
from fraudshield.aws import client
from fraudshield.errors import EventTypeConflict, StoreUnavailable
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.check import read_document
from fraudshield.event_type.dynamo import DynamoEventTypeStore
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import InForce
from tests.authors import ADA
from tests.event_types import CARD, WITH_DEVICE, version_of
from tests.fakes import NOW
from tests.stack import Stack

WITHIN_S = 10.0


def store() -> DynamoEventTypeStore:
    event_type_wiring.event_types.cache_clear()
    kept = event_type_wiring.event_types()._store
    assert isinstance(kept, DynamoEventTypeStore)
    return kept


def put(document: object = CARD) -> EventType:
    return event_type_wiring.event_types().put(read_document(dict(document)), ADA, NOW)  # type: ignore[call-overload]


def entry_of(made: EventType) -> AuditEntry:
    return AuditEntry(NOW, ADA, "event_type", "created", made.name, None, made.digest, made.version)


def test_nothing_is_in_force_before_anything_was_put(stack: Stack) -> None:
    assert store().in_force(WITHIN_S) == InForce()


def test_what_was_put_is_read_as_it_was_by_another_process(stack: Stack) -> None:
    store()
    made = put()
    other = ActiveEventTypes(store())
    assert other.named("card_payment") == made
    assert other.version("card_payment", 1) == made


def test_a_lost_response_is_no_conflict_with_oneself(stack: Stack) -> None:
    one = version_of(CARD)
    kept = store()
    kept.put(one, InForce().with_type(one), entry_of(one))
    kept.put(one, InForce().with_type(one), entry_of(one))
    assert kept.in_force(WITHIN_S).revision == 1


def test_two_changes_of_one_revision_are_a_conflict(stack: Stack) -> None:
    one, other = version_of(CARD), version_of(WITH_DEVICE)
    kept = store()
    kept.put(one, InForce().with_type(one), entry_of(one))
    with pytest.raises(EventTypeConflict):
        kept.put(other, InForce().with_type(other), entry_of(other))
    assert kept.versions([("web_payment", 1), ("card_payment", 1)], WITHIN_S) == [None, one]
    assert [*kept.in_force(WITHIN_S).event_types] == ["card_payment"]


def test_what_a_newer_release_notes_in_force_is_kept(stack: Stack) -> None:
    item = {"name": {"S": "in_force"}, "version": {"N": "0"}, "revision": {"N": "4"}}
    body = '{"revision":4,"event_types":{},"champion":"7"}'
    client.dynamodb().put_item(TableName=stack.policies, Item={**item, "body": {"S": body}})
    store()
    put()
    kept = store().in_force(WITHIN_S)
    assert (kept.revision, kept.model_extra) == (5, {"champion": "7"})


def test_a_version_of_a_newer_release_is_not_called_unknown(stack: Stack) -> None:
    store()
    put()
    key = {"name": {"S": "event_type#card_payment"}, "version": {"N": "1"}}
    client.dynamodb().put_item(TableName=stack.policies, Item={**key, "body": {"S": '{"colour": 1}'}})
    with pytest.raises(StoreUnavailable, match="cannot be read by this release"):
        ActiveEventTypes(store()).named("card_payment")
