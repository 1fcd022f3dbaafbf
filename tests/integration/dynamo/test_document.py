"""Policy and alert thresholds: two documents of which every version is kept, stored in the same way."""

from collections.abc import Callable
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.errors import FraudShieldError, PolicyConflict, StoreUnavailable, ThresholdsConflict
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.threshold import AlertThresholds
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.dynamo import DynamoPolicyStore
from fraudshield.policy.policy import Policy, Thresholds
from tests.stack import Stack

POLICY = Policy(version=3, thresholds=Thresholds(review=0.1, block=0.2), note="as it was")
THRESHOLDS = AlertThresholds(version=3, alert_risk=0.6, note="as it was")
# The items as the release before this store wrote them.
STORED_POLICY = {
    "name": {"S": "policy"},
    "version": {"N": "3"},
    "body": {
        "S": '{"thresholds":{"review":0.1,"block":0.2},"conditions":[],"note":"as it was","version":3,"created_by":""}'
    },
}
STORED_THRESHOLDS = {
    "series": {"S": "thresholds"},
    "at": {"S": "0000000003"},
    "body": {
        "S": '{"alert_risk":0.6,"critical_risk":0.9,"always":["block"],"mails_per_hour":12,"system_cooldown_s":900,'
        '"note":"as it was","version":3,"created_by":""}'
    },
}
DOCUMENTS = [
    pytest.param(policy_wiring.policy_store, "PoliciesTable", POLICY, STORED_POLICY, PolicyConflict, id="policy"),
    pytest.param(
        notification_wiring.alert_thresholds,
        "NotificationsTable",
        THRESHOLDS,
        STORED_THRESHOLDS,
        ThresholdsConflict,
        id="thresholds",
    ),
]
NAMES = "store, table, document, stored, conflict"


def newest(store: Any) -> Any:
    """The version of the greatest number; of a policy it decides where none was put in force by name."""
    return store.active().policy if isinstance(store, DynamoPolicyStore) else store.newest()


def items(stack: Stack, table: str) -> list[dict[str, Any]]:
    found: Any = client.dynamodb().scan(TableName=stack.resolver.refs[table])
    return list(found["Items"])


@pytest.mark.parametrize(NAMES, DOCUMENTS)
def test_a_version_is_stored_as_it_always_was(
    stack: Stack, store: Callable[[], Any], table: str, document: Any, stored: Any, conflict: type[FraudShieldError]
) -> None:
    store().add(document)
    assert items(stack, table) == [stored]
    assert newest(store()) == document


@pytest.mark.parametrize(NAMES, DOCUMENTS)
def test_a_version_is_written_once(
    stack: Stack, store: Callable[[], Any], table: str, document: Any, stored: Any, conflict: type[FraudShieldError]
) -> None:
    store().add(document)
    store().add(document)  # a response that was lost is no conflict with oneself
    with pytest.raises(conflict, match=r"Version 3 of the .* is stored already"):
        store().add(document.model_copy(update={"note": "another"}))
    assert items(stack, table) == [stored]


@pytest.mark.parametrize(NAMES, DOCUMENTS)
def test_the_newest_is_the_one_of_the_greatest_number(
    stack: Stack, store: Callable[[], Any], table: str, document: Any, stored: Any, conflict: type[FraudShieldError]
) -> None:
    assert newest(store()) is None
    for version in (2, 11, 9):
        store().add(document.model_copy(update={"version": version}))
    assert newest(store()).version == 11


@pytest.mark.parametrize(NAMES, DOCUMENTS)
def test_a_version_of_a_newer_release_is_named(
    stack: Stack, store: Callable[[], Any], table: str, document: Any, stored: Any, conflict: type[FraudShieldError]
) -> None:
    name = stack.resolver.refs[table]
    client.dynamodb().put_item(TableName=name, Item={**stored, "body": {"S": '{"unknown": 1}'}})
    with pytest.raises(StoreUnavailable, match=r"Version 0*3 of the .* cannot be read by this release"):
        newest(store())
