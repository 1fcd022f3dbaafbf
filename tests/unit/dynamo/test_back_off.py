"""Trying a call of AWS again: what passes, how often, until when."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from fraudshield.dynamo.attempt import retried, until_found
from fraudshield.dynamo.failure import cause
from tests.aws_failure import failing, refused

LATE = ReadTimeoutError(endpoint_url="u")


def throttled(failure: BotoCoreError | ClientError) -> bool:
    return cause(failure) == "ThrottlingException"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Iterator[float]:
    """A second more whenever somebody looks at it."""
    seconds = iter(map(float, range(100)))
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    return seconds


def test_what_passes_is_tried_again_after_a_random_pause(pauses: list[float]) -> None:
    assert retried(failing(*[refused("ThrottlingException")] * 20), throttled, 0.05) == "done"
    assert len(set(pauses)) > 1
    assert all(0 <= pause <= 0.05 for pause in pauses)


def test_what_does_not_pass_is_raised_at_once(pauses: list[float]) -> None:
    with pytest.raises(ReadTimeoutError):
        retried(failing(refused("ThrottlingException"), LATE), throttled, 0.05)
    assert pauses == []


@pytest.mark.parametrize(("failures", "ends_well"), [(2, True), (3, False)])
def test_attempts_are_counted(failures: int, ends_well: bool, pauses: list[float]) -> None:
    call = failing(*[refused("ThrottlingException")] * failures)
    if ends_well:
        assert retried(call, throttled, 0.05, attempts=3) == "done"
    else:
        with pytest.raises(ClientError):
            retried(call, throttled, 0.05, attempts=3)
    assert len(pauses) == 2


@pytest.mark.parametrize(("stop_at", "ends_well"), [(2.0, False), (2.5, True)])
def test_after_a_failure_at_the_end_nothing_is_tried_again(
    stop_at: float, ends_well: bool, clock: Iterator[float]
) -> None:
    call = failing(*[refused("ThrottlingException")] * 3)
    if ends_well:
        assert retried(call, throttled, 0.05, stop_at=stop_at) == "done"
    else:
        with pytest.raises(ClientError):
            retried(call, throttled, 0.05, stop_at=stop_at)


def test_what_is_neither_amazons_nor_the_networks_is_not_tried_again(pauses: list[float]) -> None:
    with pytest.raises(KeyError):
        retried(failing(KeyError("bug")), lambda _: True, 0.05)


@pytest.mark.parametrize(("last_start", "found"), [(2.0, None), (2.5, "it")])
def test_what_is_not_found_is_looked_for_until_the_last_start(
    last_start: float, found: str | None, clock: Iterator[float]
) -> None:
    responses = iter([None, None, "it"])
    assert until_found(lambda: next(responses), 0.05, last_start) == found


@pytest.mark.parametrize(
    ("failure", "named"), [(refused("ThrottlingException"), "ThrottlingException"), (LATE, "ReadTimeoutError")]
)
def test_a_failure_is_named_by_its_code_or_by_what_happened(failure: BotoCoreError | ClientError, named: str) -> None:
    assert cause(failure) == named
