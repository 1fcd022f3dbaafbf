"""What lies between the dispatcher and the table: lost responses, others in the way, and what another release wrote."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from fraudshield.aws.client import patient_dynamodb
from fraudshield.dynamo.call import PatientCalls
from fraudshield.errors import NotFound, StoreUnavailable, ThresholdsConflict
from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.alert import RANK, Severity, worst
from fraudshield.notification.dynamo_item import packed, unpacked
from fraudshield.notification.dynamo_queue import DynamoAlertQueue
from fraudshield.notification.mail import MailStatus, new_mail
from fraudshield.notification.port import MailOutbox, OutboxTaken, Unreadable
from fraudshield.notification.threshold import AlertThresholds
from tests.authors import ADA
from tests.fake_outbox import alert, subscriber
from tests.stack import Stack, client

NOW = datetime.now(UTC)
ANNA = subscriber()


@pytest.fixture
def queue(stack: Stack) -> DynamoAlertQueue:
    return DynamoAlertQueue(stack.resolver.refs["NotificationsTable"], PatientCalls())


def once(failing: Callable[[], Exception]) -> Callable[..., None]:
    """Fails after the first response: it was written, and nobody hears of it."""
    left = [failing]

    def fail(**_: Any) -> None:
        if left:
            raise left.pop()()

    return fail


def lost() -> Exception:
    return ReadTimeoutError(endpoint_url="http://store")


def in_the_way() -> Exception:
    cancelled = {"Error": {"Code": "TransactionCanceledException", "Message": ""}}
    return ClientError(cancelled | {"CancellationReasons": [{"Code": "TransactionConflict"}]}, "TransactWriteItems")  # type: ignore[arg-type]


def listen(event: str, call: Callable[..., None]) -> None:
    patient_dynamodb().meta.events.register(event, call)


def test_a_response_that_was_lost_is_no_reason_to_tell_twice(
    queue: DynamoAlertQueue,
) -> None:
    listen("after-call.dynamodb.TransactWriteItems", once(lost))
    assert queue.add("anna-id", [alert(1), alert(2), alert(1)]) == 2
    assert queue.add("anna-id", [alert(2), alert(3)]) == 1
    assert [one.about for one in queue.waiting("anna-id").alerts] == ["t-1", "t-2", "t-3"]
    queue.drop("anna-id", [alert(1)])
    assert queue.add("anna-id", [alert(1)]) == 0


RISING = [Severity.WARNING, Severity.HIGH, Severity.CRITICAL]


@pytest.mark.parametrize("first", RISING)
@pytest.mark.parametrize("then", RISING)
def test_what_is_told_is_told_again_where_it_is_worse_and_only_there(
    queue: DynamoAlertQueue, first: Severity, then: Severity
) -> None:
    worse = RANK[then] > RANK[first]
    assert queue.add("anna-id", [alert(1, first)]) == 1
    later = alert(1, then, NOW)
    assert queue.add("anna-id", [later]) == queue.add("bo-id", [alert(1, first), later]) - 1 + worse
    assert queue.add("anna-id", [later, alert(1, first, NOW)]) == 0
    assert worst(queue.waiting("anna-id").alerts) == worst(queue.waiting("bo-id").alerts)


def test_marks_of_before_say_that_it_was_told_however_badly(queue: DynamoAlertQueue) -> None:
    queue.add("anna-id", [alert(1, Severity.WARNING)])
    [mark] = [item for item in marks(queue) if item["series"] == {"S": "told#anna-id"}]
    del mark["rank"]
    patient_dynamodb().put_item(TableName=queue.table, Item=mark)
    assert queue.add("anna-id", [alert(1, Severity.CRITICAL)]) == 0


def marks(queue: DynamoAlertQueue) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = patient_dynamodb().scan(TableName=queue.table)["Items"]
    return found


def test_what_is_critical_is_not_behind_a_thousand_that_are_not(queue: DynamoAlertQueue) -> None:
    queue.add("anna-id", [alert(number) for number in range(3)])
    queue.add("anna-id", [alert(100, Severity.CRITICAL, NOW)])
    waiting = queue.waiting("anna-id").alerts
    assert [one.about for one in waiting] == ["t-100", "t-0", "t-1", "t-2"]
    queue.drop("anna-id", waiting[:2])
    assert [one.about for one in queue.waiting("anna-id").alerts] == ["t-1", "t-2"]


def test_what_another_release_put_in_the_queue_is_dropped_where_it_stands(queue: DynamoAlertQueue) -> None:
    queue.add("anna-id", [alert(1, Severity.CRITICAL)])
    [item] = [one for one in marks(queue) if one["series"] == {"S": "waiting#anna-id"}]
    queue.delete([{name: item[name] for name in ("series", "at")}])
    patient_dynamodb().put_item(TableName=queue.table, Item=item | {"at": {"S": item["at"]["S"].removeprefix("!")}})
    waiting = queue.waiting("anna-id").alerts
    queue.drop("anna-id", [*unpacked(packed(waiting))])
    assert queue.waiting("anna-id").alerts == ()


def test_somebody_elses_transaction_is_waited_for(queue: DynamoAlertQueue) -> None:
    listen("before-call.dynamodb.TransactWriteItems", once(in_the_way))
    assert queue.add("anna-id", [alert(1)]) == 1


def test_an_outbox_is_written_by_who_has_seen_its_newest_version_only(stack: Stack) -> None:
    outboxes, mail = notification_mail_wiring.outboxes(), new_mail(ANNA, "alerts", 1, "aa", NOW)
    listen("after-call.dynamodb.TransactWriteItems", once(lost))
    outboxes.open(MailOutbox("anna-id"), mail, [alert()])  # whose response is lost: it is ours all the same
    assert outboxes.outbox("anna-id").open_mail == mail.mail_id
    with pytest.raises(OutboxTaken):
        outboxes.open(MailOutbox("anna-id"), replace(mail, mail_id="another"), [])
    with pytest.raises(OutboxTaken):
        outboxes.keep(MailOutbox("anna-id"))
    with pytest.raises(NotFound):
        outboxes.mail("another")
    assert outboxes.mail(mail.mail_id) == (mail, (alert(),))


def test_a_mail_that_has_ended_meanwhile_stays_ended(stack: Stack) -> None:
    outboxes, mail = notification_mail_wiring.outboxes(), new_mail(ANNA, "alerts", 1, "aa", NOW)
    outboxes.open(MailOutbox("anna-id"), mail, [alert()])
    notification_wiring.mails().note(mail.mail_id, MailStatus.BOUNCED, "why")
    opened = outboxes.outbox("anna-id")
    outboxes.keep(replace(opened, open_mail=""), mail.taken(NOW))
    assert outboxes.outbox("anna-id").open_mail == ""
    assert outboxes.mail(mail.mail_id)[0].status is MailStatus.BOUNCED
    with pytest.raises(NotFound):
        notification_wiring.mails().note("another", MailStatus.BOUNCED, "why")


def test_versions_of_the_thresholds_are_written_once(stack: Stack) -> None:
    store = notification_wiring.alert_thresholds()
    second = AlertThresholds(version=2, created_at=NOW, created_by="me")
    store.add(second)
    store.add(second)
    with pytest.raises(ThresholdsConflict):
        store.add(AlertThresholds(version=2, alert_risk=0.7))
    item = {"series": {"S": "thresholds"}, "at": {"S": "0000000003"}, "body": {"S": '{"of": "another release"}'}}
    client("dynamodb").put_item(TableName=stack.resolver.refs["NotificationsTable"], Item=item)
    with pytest.raises(StoreUnavailable, match="0000000003"):
        store.newest()


def test_a_run_that_is_coming_is_not_asked_for_again_and_one_sooner_is(stack: Stack) -> None:
    wake_up, queue = notification_wiring.wake_up(), stack.resolver.refs["MailQueue"]
    for minutes in (10, 12, 60):
        wake_up.wake(datetime.now(UTC) + timedelta(minutes=minutes))
    assert waiting(queue) == 1
    wake_up.wake(datetime.now(UTC) + timedelta(minutes=5))
    assert waiting(queue) == 2
    wake_up.wake(datetime.now(UTC))
    assert waiting(queue) == 3


def waiting(queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    told = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, told.values()))


def spoil(stack: Stack, series: str, at: str, **changes: Any) -> None:
    """Puts a copy of a stored item beside it, with changes that no reader knows."""
    table = client("dynamodb"), stack.resolver.refs["NotificationsTable"]
    found = table[0].query(
        TableName=table[1],
        KeyConditionExpression="series = :series",
        ExpressionAttributeValues={":series": {"S": series}},
    )["Items"][0]
    table[0].put_item(TableName=table[1], Item=found | {"at": {"S": at}} | changes)


def test_what_cannot_be_read_of_one_concerns_nobody_else(stack: Stack, queue: DynamoAlertQueue) -> None:
    """A release that was rolled back may have written it."""
    notification_wiring.audited_subscribers().add(ANNA, ADA)
    queue.add(ANNA.subscriber_id, [alert(1)])
    spoil(stack, "subscriber", "0", severity={"S": "unheard of"})
    spoil(stack, f"waiting#{ANNA.subscriber_id}", "0", body={"B": b"no gzip"})
    assert [one.subscriber_id for one in notification_wiring.subscribers().all()] == [ANNA.subscriber_id]
    assert [one.alert_id for one in queue.waiting(ANNA.subscriber_id).alerts] == [alert(1).alert_id]


def test_an_outbox_that_cannot_be_read_says_so(stack: Stack) -> None:
    outboxes = notification_mail_wiring.outboxes()
    outboxes.keep(outboxes.outbox(ANNA.subscriber_id))
    spoil(stack, "outbox", "damaged", version={"S": "one"})
    with pytest.raises(Unreadable):
        outboxes.outbox("damaged")
