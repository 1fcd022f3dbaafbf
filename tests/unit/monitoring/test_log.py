"""What is kept of a line of a log."""

import json
from typing import Any

import pytest

from fraudshield.monitoring.log import (
    MOST_CHARACTERS,
    MOST_DETAILS,
    LogEntry,
    LogLine,
    read_entry,
    says_failure,
    service_of,
)
from tests.log_event import AT, MODEL_LOGS, warning


def read(text: str, group: str = MODEL_LOGS) -> LogEntry | None:
    return read_entry(LogLine("k", AT, text), group)


def kept(text: str) -> LogEntry:
    entry = read(text)
    assert entry is not None
    return entry


def test_our_own_line_is_kept_with_what_it_says() -> None:
    entry = kept(warning(cause="ReadTimeoutError", ms=3.5, queues={"a": 1}, function_request_id="f-1"))
    assert (entry.level, entry.service, entry.message) == ("WARNING", "model", "store unavailable")
    assert (entry.location, entry.request_id, entry.function_request_id) == ("_failed:73", "r-1", "f-1")
    assert entry.details == {"cause": "ReadTimeoutError", "ms": 3.5, "queues": {"a": 1}}
    assert entry.sort_key == "2026-11-24T10:00:00.000000Z#k"


@pytest.mark.parametrize(
    ("level", "there"),
    [("DEBUG", False), ("INFO", False), ("WARNING", True), ("ERROR", True), ("CRITICAL", True), ("warning", False)],
)
def test_nothing_below_a_warning_is_kept(level: str, there: bool) -> None:
    assert (read(warning(level=level)) is not None) is there


@pytest.mark.parametrize("text", ["", "INIT_START Runtime Version", "{}", '{"level": ["ERROR"]}', "[1]", "[" * 9999])
def test_what_nobody_has_to_look_at_is_not_kept(text: str) -> None:
    assert read(text) is None


def test_an_id_that_sounds_like_an_error_makes_a_decision_no_error() -> None:
    assert read(warning("decision", level="INFO", transaction_id="ERROR WARNING Task timed out")) is None


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("2026-11-24T10:00:00Z r-1 Task timed out after 10.01 seconds", True),
        ("RequestId: r-1 Error: Runtime exited with error: signal: killed", True),
        ("[ERROR] ZeroDivisionError: division by zero", True),
        ("[ERROR] something a library says", False),
        (warning(level="ERROR", message="Task timed out after 10.01 seconds"), False),
        ("", False),
    ],
)
def test_what_lambda_says_of_a_function_that_failed_is_told_from_what_the_function_says(
    text: str, *, failed: bool
) -> None:
    assert says_failure(LogLine("k", AT, text)) is failed


NOT_OURS = "A line that is not ours; the log group has it"


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("2026-11-24 8f50 Task timed out after 10.00 seconds\n\n", "ERROR", "Task timed out after 10.00 seconds"),
        ("RequestId: 8f50 Error: Runtime exited with error: signal: killed\nRuntime.ExitError", "ERROR",
         "Runtime exited with error: signal: killed"),
        ("RequestId: 8f50 Error: Runtime exited without providing a reason", "ERROR", "Runtime exited"),
        ("[ERROR] KeyError: 'C-canary'\nTraceback (most recent call last):\n  C-canary", "ERROR", "KeyError"),
        ("[ERROR] Runtime.ImportModuleError: No module 'C-canary'", "ERROR", "Runtime.ImportModuleError"),
        ("[ERROR] C-canary: oh", "ERROR", NOT_OURS),
        ("[WARNING]\t2026-11-24T10:00:00.250Z\t8f50\tC-canary", "WARNING", NOT_OURS),
        ("CRITICAL after an ERROR", "CRITICAL", NOT_OURS),
    ],
)  # fmt: skip
def test_of_a_line_that_is_not_ours_only_what_is_known_is_kept(text: str, level: str, message: str) -> None:
    entry = kept(text)
    assert (entry.level, entry.service, entry.message, entry.details) == (level, "model", message, {})


def test_what_an_exception_says_is_left_out() -> None:
    entry = kept(
        warning(exception="KeyError: 'C-canary'", stack_trace={"value": "C-canary"}, exception_name="KeyError")
    )
    assert entry.details == {"exception_name": "KeyError"}


def test_a_long_line_is_cut() -> None:
    many: dict[str, Any] = {f"detail_{n}": n for n in range(MOST_DETAILS + 1)}
    entry = kept(warning("m" * 9999, **many))
    assert (len(entry.message), len(entry.details)) == (MOST_CHARACTERS, MOST_DETAILS)
    long: dict[str, Any] = {"text": "t" * 9999, "list": list(range(9999)), "n" * 9999: 1}
    entry = kept(warning(**long))
    assert [len(str(value)) for value in entry.details.values()] == [MOST_CHARACTERS, MOST_CHARACTERS, 1]
    assert max(map(len, entry.details)) == 64


@pytest.mark.parametrize("value", [float("nan"), "\ud800", None, {"a": [1]}, 10**400])
def test_whatever_a_line_holds_can_be_written_and_returned(value: Any) -> None:
    entry = kept(warning(message=value, detail=value))
    entry.message.encode()
    assert json.loads(json.dumps(entry.details, allow_nan=False)).keys() == {"detail"}


@pytest.mark.parametrize(
    ("group", "service"),
    [
        ("fraudshield-dev-ModelLogs-1A2B3C", "model"),
        ("ModelLogs", "model"),
        ("fraudshield-dev-MonitoringScheduleLogs-1A2B3C", "monitoring"),
        ("/aws/lambda/somebody-elses", ""),
    ],
)
def test_a_group_says_whose_it_is(group: str, service: str) -> None:
    assert service_of(group) == service
