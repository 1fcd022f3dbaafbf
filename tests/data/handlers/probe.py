"""Handlers that behave and misbehave, for the tests of the laptop's Lambda."""

import base64
import builtins
import gzip
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def echo(event: Any, _: Any) -> Any:
    return event


def process(_: Any, __: Any) -> int:
    return os.getpid()


def environment(_: Any, __: Any) -> dict[str, str]:
    return dict(os.environ)


def context(_: Any, context: Any) -> dict[str, Any]:
    return {
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "memory": context.memory_limit_in_mb,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "trace": os.environ["_X_AMZN_TRACE_ID"],
    }


def speaks(event: Any, _: Any) -> None:
    print(event)  # noqa: T201 - what a function prints is its log
    logging.getLogger().warning("a warning about %s", event)
    sys.stderr.write("said to stderr\n")


def raises(_: Any, __: Any) -> None:
    raise ValueError("no such payment")


def raises_what_it_is_told(event: Any, _: Any) -> Any:
    """An exception of the built-in name in `raise`; without one it answers the event."""
    if "raise" in event:
        raise getattr(builtins, event["raise"])("as told")
    return event


def returns_a_set(_: Any, __: Any) -> Any:
    return {1}


def exits(event: Any, _: Any) -> None:
    sys.exit(event)


def crashes(event: Any, _: Any) -> Any:
    """Ends on the signal `event`; answers None."""
    if event:
        os.kill(os.getpid(), event)
    return event


def meets(event: Any, _: Any) -> int:
    """Leaves its pid in the folder and waits until as many are there as `event` says."""
    folder = Path(event["folder"])
    (folder / str(os.getpid())).touch()
    return _until(lambda: len(list(folder.iterdir())) >= event["number"])


def waits(event: Any, _: Any) -> int:
    """Touches `began`, then answers its pid when `go` is there."""
    Path(event["began"]).touch()
    return _until(Path(event["go"]).exists)


def sleeps(event: Any, _: Any) -> Any:
    """For ever, with a child process, after it has written both pids to the file that `event` names."""
    if event is None:
        return None
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    _write(Path(event), f"{os.getpid()} {child.pid}")
    time.sleep(600)


def spins(event: Any, _: Any) -> None:
    _write(Path(event), str(os.getpid()))
    while True:
        pass


def fills_memory(event: Any, _: Any) -> int:
    """Touches `mb` of memory, keeps it for `hold_s`, lets it go and answers."""
    held = b"x" * (event["mb"] * 1024 * 1024)
    time.sleep(event["hold_s"])
    return len(held)


def says_much(event: Any, _: Any) -> str:
    return "x" * int(event)


def fails_until(event: Any, context: Any) -> None:
    """Fails as long as `event`'s file has fewer lines than its number, and adds its request id each time."""
    attempts = Path(event["attempts"])
    with attempts.open("a") as written:
        written.write(context.aws_request_id + "\n")
    if len(attempts.read_text().splitlines()) < event["number"]:
        raise RuntimeError("not yet")


def keeps_records(event: Any, _: Any) -> None:
    """Adds the name and the sequence number of each stream record to the file that `KEPT` names; "poison" fails."""
    lines = [f"{one['eventName']} {one['dynamodb']['SequenceNumber']}\n" for one in event["Records"]]
    if any(one["dynamodb"]["Keys"]["id"]["S"] == "poison" for one in event["Records"]):
        raise ValueError("poison")
    with Path(os.environ["KEPT"]).open("a") as kept:
        kept.writelines(lines)


def keeps_lines(event: Any, _: Any) -> None:
    """Adds the log lines that it is told to the file that `KEPT` names, and logs that it did."""
    told = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    with Path(os.environ["KEPT"]).open("a") as kept:
        kept.writelines(f"{told['logGroup']} {one['message']}\n" for one in told["logEvents"])
    print("told")  # noqa: T201 - what a function prints is its log


def _until(condition: Any) -> int:
    while not condition():
        time.sleep(0.005)
    return os.getpid()


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for whoever waits for it."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def keeps_notices(event: Any, _: Any) -> None:
    """Adds what a topic tells to the file that `KEPT` names; fails where that file is not there."""
    kept = Path(os.environ["KEPT"])
    if not kept.exists():
        raise RuntimeError("the store is away")
    with kept.open("a") as written:
        written.writelines(f"{one['Sns']['Message']}\n" for one in event["Records"])
