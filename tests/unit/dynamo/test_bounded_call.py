"""What opens the breaker of the store, for whom, and what does not."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from fraudshield.breaker import Breaker
from fraudshield.budget import ATTEMPTS, LOOKUP_ATTEMPTS, LOOKUP_S
from fraudshield.dynamo.call import AT_ONCE, BoundedCalls
from fraudshield.dynamo.failure import FailureKind, failure_kind
from fraudshield.errors import StoreUnavailable
from tests.aws_failure import cancelled, condition_refused, failing, refused
from tests.timeouts import TIMES, lengthen

TROUBLE, CONTENTION, REFUSAL = FailureKind.TROUBLE, FailureKind.CONTENTION, FailureKind.REFUSAL
LATE = ReadTimeoutError(endpoint_url="u")
SOON_S, IN_TIME_S = 0.05, 60.0

KINDS: list[tuple[BotoCoreError | ClientError, FailureKind]] = [
    (LATE, TROUBLE),
    (ConnectTimeoutError(endpoint_url="u"), TROUBLE),
    (EndpointConnectionError(endpoint_url="u"), TROUBLE),
    (ConnectionClosedError(endpoint_url="u"), TROUBLE),
    (refused("InternalServerError", 500), TROUBLE),
    (refused("ServiceUnavailable", 503), TROUBLE),
    (refused("AnythingElse", 502), TROUBLE),
    (refused("ThrottlingException"), TROUBLE),
    (refused("ProvisionedThroughputExceededException"), TROUBLE),
    (refused("RequestLimitExceeded"), TROUBLE),
    (cancelled("None", "ThrottlingError"), TROUBLE),
    (cancelled("TransactionConflict"), CONTENTION),
    (refused("TransactionConflictException"), CONTENTION),
    (refused("TransactionInProgressException"), CONTENTION),
    (refused("ValidationException"), REFUSAL),
    (refused("AccessDeniedException"), REFUSAL),
    (refused("AccessDenied", 403), REFUSAL),
    (refused("ResourceNotFoundException"), REFUSAL),
    (refused("ItemCollectionSizeLimitExceededException"), REFUSAL),
    (refused("UnrecognizedClientException"), REFUSAL),
    (condition_refused(), REFUSAL),
    (ParamValidationError(report="empty"), REFUSAL),
    (NoCredentialsError(), REFUSAL),
]


def in_time() -> float:
    return time.monotonic() + IN_TIME_S


def named(failure: object) -> str:
    return failure.response["Error"]["Code"] if isinstance(failure, ClientError) else type(failure).__name__


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    lengthen(monkeypatch)


@pytest.mark.parametrize(("failure", "kind"), KINDS, ids=lambda one: named(one) if isinstance(one, Exception) else "")
def test_only_what_every_call_would_meet_opens_the_breaker(
    pool: ThreadPoolExecutor, failure: BotoCoreError | ClientError, kind: FailureKind
) -> None:
    breaker = Breaker()
    assert failure_kind(failure) is kind
    with pytest.raises(StoreUnavailable):
        BoundedCalls(breaker, pool).one(failing(*[failure] * 9))
    assert breaker.is_open is (kind is TROUBLE)


@pytest.mark.parametrize(("failure", "kind"), KINDS, ids=lambda one: named(one) if isinstance(one, Exception) else "")
def test_what_would_be_refused_again_is_not_tried_again(
    pool: ThreadPoolExecutor, failure: BotoCoreError | ClientError, kind: FailureKind
) -> None:
    calls = BoundedCalls(Breaker(), pool)
    if kind is REFUSAL:
        with pytest.raises(StoreUnavailable, match=named(failure)):
            calls.one(failing(failure))
    else:
        assert calls.one(failing(failure)) == "done"


@pytest.mark.parametrize(("attempts", "answered"), [(ATTEMPTS, False), (LOOKUP_ATTEMPTS, True)])
def test_a_look_up_waits_for_a_store_that_is_busy_where_a_payment_does_not(
    pool: ThreadPoolExecutor, attempts: int, answered: bool
) -> None:
    calls = BoundedCalls(Breaker(), pool, TIMES * LOOKUP_S, attempts)
    [result] = calls.each([failing(LATE, LATE, LATE)], in_time())
    assert (result == "done") is answered


def fail(calls: BoundedCalls, *failures: Exception) -> None:
    with pytest.raises(StoreUnavailable):
        calls.one(failing(*(failures or [LATE] * 9)))


def test_a_payment_is_spared_after_the_first_failure(pool: ThreadPoolExecutor) -> None:
    calls = BoundedCalls(Breaker(), pool)
    fail(calls)
    with pytest.raises(StoreUnavailable, match="spared"):
        calls.one(lambda: "done")


def test_who_looks_something_up_is_answered_after_one_failure_and_after_two(pool: ThreadPoolExecutor) -> None:
    breaker = Breaker(after=3)
    calls = BoundedCalls(breaker, pool)
    for open_then in (False, False, True):
        fail(calls)
        assert breaker.is_open is open_then
    with pytest.raises(StoreUnavailable, match="spared"):
        calls.one(lambda: "done")


@pytest.mark.parametrize("answer", [lambda: "done", failing(refused("ValidationException"))], ids=["done", "refused"])
def test_any_answer_of_the_store_ends_the_row(pool: ThreadPoolExecutor, answer: Callable[[], str]) -> None:
    breaker = Breaker(after=2)
    calls = BoundedCalls(breaker, pool)
    fail(calls)
    calls.each([answer], in_time())
    fail(calls)
    assert not breaker.is_open


def test_calls_that_failed_together_count_as_one(pool: ThreadPoolExecutor) -> None:
    breaker = Breaker(after=2)
    calls = BoundedCalls(breaker, pool)
    calls.each([failing(*[LATE] * 9) for _ in range(4)], in_time())
    assert not breaker.is_open
    calls.each([failing(*[LATE] * 9) for _ in range(4)], in_time())
    assert breaker.is_open


def test_a_call_that_got_no_turn_says_nothing_of_a_store_that_answers() -> None:
    breaker, over = Breaker(), Event()
    with ThreadPoolExecutor(1) as one_thread:
        calls = BoundedCalls(breaker, one_thread)
        try:
            first, *rest = calls.each(
                [lambda: "done", lambda: str(over.wait(IN_TIME_S)), lambda: "done"], time.monotonic() + SOON_S
            )
        finally:
            over.set()
    assert first == "done"
    assert [str(one) for one in rest] == ["no answer in time", "time was up before its turn"]


def test_a_store_that_answers_nobody_opens_it_even_where_no_thread_was_left() -> None:
    breaker, over = Breaker(), Event()
    with ThreadPoolExecutor(1) as one_thread:
        one_thread.submit(over.wait, IN_TIME_S)
        try:
            BoundedCalls(breaker, one_thread).each([lambda: "done"], time.monotonic() + SOON_S)
        finally:
            over.set()
    assert breaker.is_open


def test_of_calls_that_write_much_a_few_are_under_way_and_the_rest_is_spared_when_time_is_up(
    pool: ThreadPoolExecutor,
) -> None:
    breaker, under_way, most, lock = Breaker(), 0, 0, Lock()

    def write() -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        Event().wait(0.005)
        with lock:
            under_way -= 1
        return 1

    calls = BoundedCalls(breaker, pool)
    assert calls.few_at_once([write] * 9, in_time()) == [1] * 9
    assert most == AT_ONCE
    late = calls.few_at_once([write] * 9, time.monotonic())
    assert [type(one) for one in late] == [StoreUnavailable] * 9
    assert not breaker.is_open
