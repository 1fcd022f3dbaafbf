"""Counting the table's stream: each record once, whatever is delivered how often, and whoever dies in between.

The check knows nothing of how it is done: it compares what is read from the counts with the records themselves.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fraudshield.analytics import counter_wiring as analytics_counter_wiring
from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.delta import delta_of
from fraudshield.analytics.dynamo_counter import MOST_ITEMS
from fraudshield.analytics.dynamo_image import change_of
from fraudshield.analytics.dynamo_progress import CountingProgress
from fraudshield.analytics.dynamo_shard import additions
from fraudshield.analytics.series import Counts, added
from fraudshield.analytics.statistics import statistics_response, stats_response
from fraudshield.aws.client import counting_dynamodb, dynamodb
from fraudshield.dynamo.stream import UNREADABLE, ShardRange, parse
from fraudshield.errors import Malformed, QueueUnavailable, StoreUnavailable
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from functions.analytics import retry, stream
from tests.caller import Context
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.metering import metered
from tests.stack import Stack, client

EVENTS = Path(__file__).parents[3] / "events"
SHARDS = ("shardId-000001", "shardId-000002")
Record = dict[str, Any]
Records = Callable[..., list[Record]]


@pytest.fixture
def stack(engine_stack: Stack) -> Stack:
    """On the SQLite engine where it is there: moto copies every table for each transaction."""
    return engine_stack


@pytest.fixture
def records(transaction: Callable[..., BuiltInTransaction]) -> Records:
    """Records of new transactions, in order, with sequence numbers from `first` on."""
    scorer = Scorer(
        FakePredictor(risk_of=lambda one: float(one.amount % 100) / 100),
        FakePolicies(),
        FakeStore(),
        FakeParking(),
        FakeAccounts(),
        clock=lambda: NOW,
    )

    def make(number: int, first: int = 1, days: int = 3) -> list[Record]:
        chance = random.Random(first)
        sent = [
            transaction(
                transaction_id=f"t{first + at}",
                amount=round(10 ** chance.uniform(-2, 7), 2),
                type=chance.choice(["PAYMENT", "TRANSFER", "CASH_OUT"]),
                occurred_at=f"2026-11-{chance.randint(1, days):02d}T10:00:00Z",
            )
            for at in range(number)
        ]
        items = [to_item(one, "api") for one in scorer.decide(sent)]
        return [record("INSERT", first + at, NewImage=item) for at, item in enumerate(items)]

    return make


def record(kind: str, number: int, **images: Any) -> Record:
    return {"eventName": kind, "dynamodb": {"SequenceNumber": f"{number:021d}", **images}}


def count(shard: str, batch: Sequence[Record], patience_s: float = 30.0) -> None:
    analytics_counter_wiring.stream_counter().count(shard, batch, time.monotonic() + patience_s)


def amounts(records: Iterable[Record]) -> list[Decimal]:
    return [Decimal(one["dynamodb"]["NewImage"]["amount"]["N"]) for one in records]


def wrong(records: Sequence[Record]) -> list[str]:
    """What the counts say that the records do not; the recomputation takes another way than the counting."""
    told, items = (
        statistics_response(analytics_wiring.aggregates(), NOW)["statistics"],
        [r["dynamodb"]["NewImage"] for r in records],
    )
    stats = stats_response(analytics_wiring.aggregates(), NOW)
    values = sorted(amounts(records))
    true_median = float(values[(len(values) - 1) // 2])
    expected: dict[str, Any] = {
        "total": (told["transactions"]["total_transactions"], len(items)),
        "amount": (told["transactions"]["total_amount"], sum(values)),
        "least": (told["transactions"]["min_amount"], values[0]),
        "most": (told["transactions"]["max_amount"], values[-1]),
        "types": (told["transaction_types"], dict(sorted(Counter(one["type"]["S"] for one in items).items()))),
        "blocked": (told["predictions"]["blocked"], sum(one["outcome"]["S"] == "block" for one in items)),
        "risk": (told["predictions"]["avg_risk_score"], average([Decimal(one["risk"]["N"]) for one in items])),
    }
    found = [f"{name}: {have} instead of {want}" for name, (have, want) in expected.items() if have != want]
    median = stats["amount_stats"]["median"] or 0
    return found + ([] if abs(median - true_median) <= true_median / 100 + 0.005 else [f"median: {median}"])


def average(values: Sequence[Decimal]) -> float:
    return float(round(sum(values, Decimal()) / len(values), 6))


@pytest.fixture
def fails(stack: Stack) -> Callable[..., None]:
    """The n-th write of the counts ends its process: before it reaches the table, or after."""

    def plan(at: int, after: bool) -> None:
        calls = 0

        def end(**_: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == at:
                raise Killed

        when = "after-call" if after else "before-call"
        counting_dynamodb().meta.events.register(f"{when}.dynamodb.TransactWriteItems", end)

    return plan


class Killed(BaseException):
    """A process that is gone raises nothing that anybody could handle."""


def test_each_record_counts_once_however_often_it_comes(stack: Stack, records: Records) -> None:
    all_of_them = records(60)
    for first, last in ((0, 20), (0, 10), (10, 30), (0, 30), (25, 60), (59, 60), (0, 60)):
        count(SHARDS[0], all_of_them[first:last])
    assert wrong(all_of_them) == []


def test_shards_are_counted_in_any_order_and_each_for_itself(stack: Stack, records: Records) -> None:
    here, there = records(40), records(40, first=1000)
    count(SHARDS[1], there[:20])
    count(SHARDS[0], here)
    count(SHARDS[1], there)
    count(SHARDS[0], here)
    assert wrong(here + there) == []


def test_the_check_sees_a_consumer_that_adds_what_it_gets(stack: Stack, records: Records) -> None:
    """The naive one: no checkpoint, so that a batch that comes again counts again."""
    all_of_them = records(10)
    for one in all_of_them + all_of_them[:2]:
        for addition in additions(stack.resolver.refs["AggregatesTable"], delta_of(change_of(one))):
            dynamodb().update_item(**addition["Update"])
    assert any(problem.startswith("total: 12") for problem in wrong(all_of_them))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_process_that_ends_at_any_write_loses_and_doubles_nothing(
    stack: Stack, records: Records, fails: Callable[..., None], at: int, after: bool
) -> None:
    all_of_them = records(100, days=28)
    fails(at, after)
    batches = [all_of_them[begin : begin + 25] for begin in range(0, 100, 25)]
    for batch in batches:
        try:
            count(SHARDS[0], batch)
        except Killed:
            count(SHARDS[0], batch)
    assert wrong(all_of_them) == []


def test_a_batch_over_many_days_takes_several_commits(stack: Stack, records: Records) -> None:
    many = [
        record(
            "INSERT", at, NewImage=one["dynamodb"]["NewImage"] | {"occurred_at": {"S": f"{1990 + at}-01-01T00:00:00Z"}}
        )
        for at, one in enumerate(records(100), start=1)
    ]
    count(SHARDS[0], many)
    count(SHARDS[0], many)
    commits = [item for item in aggregates(stack) if item["series"]["S"] == f"shard#{SHARDS[0]}"]
    assert len(commits) > 3  # more than two, and the checkpoint
    assert wrong(many) == []


def aggregates(stack: Stack) -> list[Any]:
    found: list[Any] = client("dynamodb").scan(TableName=stack.resolver.refs["AggregatesTable"])["Items"]
    return found


def test_an_invocation_that_wakes_up_late_counts_nothing_again(stack: Stack, records: Records) -> None:
    """A zombie: it has read the checkpoint, another counts in pieces meanwhile, then it commits."""
    all_of_them = records(30)
    counter = analytics_counter_wiring.stream_counter()
    before = counter.log.checkpoint(SHARDS[0])
    count(SHARDS[0], all_of_them[:10])
    count(SHARDS[0], all_of_them[:20])
    log: Any = Sleeper(counter.log, before)
    late = replace(counter, log=log)
    late.count(SHARDS[0], all_of_them, time.monotonic() + 30)
    assert wrong(all_of_them) == []


class Sleeper:
    """A shard's log that tells an old checkpoint first."""

    def __init__(self, log: Any, old: Any) -> None:
        self._log = log
        self._old = [old]

    def checkpoint(self, shard: str) -> Any:
        return self._old.pop() if self._old else self._log.checkpoint(shard)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


LABELLED: Record = {"label_source": {"S": "analyst"}, "labelled_at": {"S": "2030-01-01T00:00:00.000000Z"}}
POISON: dict[str, Record] = {  # attributes that no release of ours has written
    "no number": {"amount": {"N": "much"}},
    "a label without a word": LABELLED | {"label": {"S": ""}},
    "a label of another word": LABELLED | {"label": {"S": "perhaps"}},
    "features that are none": {"features": {"L": [{}]}},
    "no hour": {"occurred_at": {"S": "2026"}},
    "no text": {"type": {"N": "1"}},
    "nothing": {"record": {}},
}


def poisoned(batch: list[Record], at: int, poison: Record = POISON["no number"]) -> list[Record]:
    bad = record("INSERT", at + 1, NewImage=batch[at]["dynamodb"]["NewImage"] | poison)
    return [*batch[:at], bad, *batch[at + 1 :]]


def dead_letters(stack: Stack) -> list[str]:
    sqs, url = client("sqs"), stack.resolver.refs["AggregatesRetryQueue"]
    return [one["Body"] for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


def handle(*bodies: str) -> list[str]:
    """The ids of messages that failed."""
    frame = json.loads((EVENTS / "analytics_sqs_skipped.json").read_text())["Records"][0]
    event = {"Records": [frame | {"messageId": f"m{at}", "body": body} for at, body in enumerate(bodies)]}
    context: Any = Context()
    return [str(one["itemIdentifier"]) for one in retry.lambda_handler(event, context)["batchItemFailures"]]


@pytest.mark.parametrize("poison", POISON)
def test_a_record_that_cannot_be_read_stops_nobody_and_can_be_counted_later(
    stack: Stack, records: Records, poison: str
) -> None:
    good = records(20)
    bad = poisoned(good, 7, POISON[poison])
    count(SHARDS[0], bad)
    count(SHARDS[0], bad)
    assert wrong([*good[:7], *good[8:]]) == []
    [message] = dead_letters(stack)
    assert handle(message) == ["m0"]  # nothing has been mended yet
    mended = json.dumps(json.loads(message) | {"record": good[7]})
    assert handle(mended) == []
    assert handle(mended, mended) == []
    assert wrong(good) == []


def test_a_record_whose_shard_has_not_come_to_it_waits(stack: Stack, records: Records) -> None:
    good = records(5)
    message = json.dumps({"shard": SHARDS[0], "record": good[3]})
    assert handle(message) == ["m0"]
    count(SHARDS[0], good)
    assert handle(message) == []
    assert wrong(good) == []


@pytest.mark.parametrize("late", [True, False])
def test_a_batch_that_was_given_up_is_counted_once(stack: Stack, records: Records, late: bool) -> None:
    """Before the shard goes on, or long after; what was counted in spite of it is not counted again."""
    good = records(30)
    count(SHARDS[0], good[:10])
    if late:
        count(SHARDS[0], good[20:])
    counter = analytics_counter_wiring.stream_counter()
    for _ in range(2):
        counter.retry(SHARDS[0], good[5:20], True, time.monotonic() + 30)
    count(SHARDS[0], good[20:])
    assert wrong(good) == []


def test_of_a_batch_that_was_given_up_all_but_what_cannot_be_read_is_counted(stack: Stack, records: Records) -> None:
    good = records(10)
    bad = poisoned(good, 3, POISON["a label without a word"])
    counter = analytics_counter_wiring.stream_counter()
    for _ in range(2):
        with pytest.raises(UNREADABLE):
            counter.retry(SHARDS[0], bad, True, time.monotonic() + 30)
    assert wrong([*good[:3], *good[4:]]) == []
    counter.retry(SHARDS[0], good, True, time.monotonic() + 30)
    assert wrong(good) == []


def test_without_a_queue_nothing_is_skipped(stack: Stack, records: Records) -> None:
    bad = poisoned(records(5), 2)
    counter = replace(
        analytics_counter_wiring.stream_counter(), retry_queue_url="https://sqs.eu-west-1.amazonaws.com/1/nowhere"
    )
    with pytest.raises(QueueUnavailable):
        counter.count(SHARDS[0], bad, time.monotonic() + 30)
    assert counter.log.checkpoint(SHARDS[0]).version == 0


def test_when_time_is_up_the_batch_fails_and_comes_again(
    stack: Stack, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = records(5)
    with monkeypatch.context() as gone:
        gone.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
        counting_dynamodb.cache_clear()
        with pytest.raises(StoreUnavailable):
            count(SHARDS[0], good, patience_s=0)
    counting_dynamodb.cache_clear()
    count(SHARDS[0], good)
    assert wrong(good) == []


def test_the_handler_counts_a_recorded_event(stack: Stack) -> None:
    event = json.loads((EVENTS / "analytics_stream_stored.json").read_text())
    context: Any = Context()
    assert stream.lambda_handler(event, context) == {"state": {}}
    assert stream.lambda_handler(event, context) == {"state": {}}
    told = statistics_response(analytics_wiring.aggregates(), NOW)["statistics"]
    assert told["transactions"]["total_transactions"] == 1
    assert told["labels"] == {"fraud": 1, "genuine": 0}


def test_how_far_it_has_come_never_goes_back(stack: Stack) -> None:
    for at_s in (1_795_514_400, 1_795_514_300):
        CountingProgress(stack.aggregates).note(at_s)  # as a process that remembers nothing
    assert analytics_wiring.aggregates().as_of() == NOW


def test_statistics_cost_the_same_reads_at_a_thousand_and_at_a_hundred_thousand(stack: Stack, records: Records) -> None:
    distinct = [delta_of(change_of(one)) for one in records(500, days=28)]
    reads, there = [], 0
    for wanted in (1_000, 100_000):
        times = Decimal(wanted - there) / len(distinct)  # as if each had come so often
        put_down(stack, added(*((counts, times) for counts in distinct)))
        there = wanted
        with metered() as meter:
            told = statistics_response(analytics_wiring.aggregates(), NOW)["statistics"]
            stats_response(analytics_wiring.aggregates(), NOW)
        assert told["transactions"]["total_transactions"] == wanted
        reads.append(meter.calls)
    assert reads[0] == reads[1] == {"Query": 5}


def put_down(stack: Stack, counts: Counts) -> None:
    """Added to the counters, beside the counting."""
    writes = list(additions(stack.aggregates, counts))
    for at in range(0, len(writes), MOST_ITEMS):
        client("dynamodb").transact_write_items(TransactItems=writes[at : at + MOST_ITEMS])


def test_without_transactions_statistics_are_honestly_empty(stack: Stack) -> None:
    told = statistics_response(analytics_wiring.aggregates(), NOW)["statistics"]
    assert (told["transactions"]["total_transactions"], told["transactions"]["avg_amount"]) == (0, None)
    assert stats_response(analytics_wiring.aggregates(), NOW)["amount_stats"]["median"] is None


def test_lambdas_own_message_about_a_batch_is_understood() -> None:
    event = json.loads((EVENTS / "analytics_sqs_given_up.json").read_text())
    found = parse(event["Records"][0]["body"])
    assert isinstance(found, ShardRange)
    assert (found.shard, found.first < found.last) == ("shardId-00000001573689847184-864758bb", True)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"record": {}}', '{"DDBStreamBatchInfo": {}}'])
def test_a_message_about_something_else_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        parse(body)
