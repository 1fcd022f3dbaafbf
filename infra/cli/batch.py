"""`fraudshield batch`: a file of any size through the API, with a bar while it is scored."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from fraudshield.errors import InvalidInput
from infra.cli import terminal
from infra.cli.job_client import Answer, JobClient

ENDED = {"completed", "failed", "cancelled"}
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """A job as it was seen; rates are over all of it so far, None while nothing is known."""

    job: Answer
    seconds: float

    @property
    def rows_per_s(self) -> float | None:
        """Of rows in chunks that have ended."""
        rows = self.job["processed_items"]
        return rows / self.seconds if rows and self.seconds > 0 else None

    @property
    def left_s(self) -> float | None:
        """By bytes: what is left takes as long as what is done."""
        done = self.job["progress"]
        return self.seconds * (100 - done) / done if done else None

    def line(self) -> str:
        """For programs: one JSON object."""
        told: dict[str, Any] = {name: self.job[name] for name in ("job_id", "status", "progress", "processed_items")}
        rate, left = self.rows_per_s, self.left_s
        told["rows_per_s"] = None if rate is None else round(rate)
        told["seconds_left"] = None if left is None else round(left, 1)
        return json.dumps(told)


def looks(client: JobClient, job_id: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Look]:
    """At once and every second, to the job's end."""
    began = clock()
    while True:
        job = client.job(job_id)
        yield Look(job, clock() - began)
        if job["status"] in ENDED:
            return
        time.sleep(LOOK_S)


@dataclass(frozen=True, slots=True)
class Options:
    """Whose payments the file holds, where their history is, which decisions are kept, and who gets a mail."""

    event_type: str
    history: str
    store: str
    notify: str | None


def submit(client: JobClient, file: Path, asked: Options) -> str:
    """The job's id."""
    return client.start(client.upload(file, asked.event_type, asked.history), asked.store, asked.notify)


def watch(client: JobClient, job_id: str, console: Console) -> Answer:
    """Show it until it has ended: a bar on a terminal, else a line for each change."""
    return _bar(client, job_id, console) if console.is_terminal else _lines(client, job_id)


def fetch(client: JobClient, job: Answer, file: Path, folder: Path | None) -> list[Path]:
    """The results of a completed job, beside the file or in a folder. Raises InvalidInput for one that failed."""
    if job["status"] != "completed":
        raise InvalidInput(f"The job {job['status']}: {job['error_message'] or 'it says no more'}")
    beside = folder or file.parent
    wanted = {"result_url": f"{file.stem}.scored.csv", "rejects_url": f"{file.stem}.rejects.csv"}
    if job["unstored_url"]:
        wanted["unstored_url"] = f"{file.stem}.unstored.csv"
    written = []
    for link, name in wanted.items():
        client.download(job[link], beside / name)
        written.append(beside / name)
    return written


def summary(job: Answer, files: list[Path]) -> str:
    """What came of it, in one line."""
    results = job["results"]
    unstored = f" {files[2]} has {job['unstored_items']:,} that could not be stored." if len(files) > 2 else ""
    return (
        f"{results['rows']:,} rows: {results['scored']:,} scored, {results['rejected']:,} refused, "
        f"{results['high_risk_count']:,} flagged. {files[0]} has the decisions, {files[1]} what was refused and why."
        f"{unstored}"
    )


def _lines(client: JobClient, job_id: str) -> Answer:
    last, job = "", {}
    for look in looks(client, job_id):
        job, state = look.job, f"{look.job['status']} {look.job['progress']}"
        if state != last:
            sys.stdout.write(look.line() + "\n")
            sys.stdout.flush()
        last = state
    return job


def _bar(client: JobClient, job_id: str, console: Console) -> Answer:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[said]}"))
    job: Answer = {}
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("waiting", total=100.0, said="")
        for look in looks(client, job_id):
            job = look.job
            progress.update(bar, completed=job["progress"], description=job["status"], said=_said(look))
    terminal.say(console, f"Job {job_id} {job['status']}.")
    return job


def _said(look: Look) -> str:
    parts = [f"{look.job['processed_items']:,} rows"]
    if (rate := look.rows_per_s) is not None:
        parts.append(f"{rate:,.0f} rows/s")
    if (left := look.left_s) is not None and look.job["status"] == "running":
        parts.append(f"{left:.0f} s left")
    return ", ".join(parts)
