"""`fraudshield train`: a file and an event type in, a folder with a model and its report out."""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.progress import Progress

from fraudshield.backtest.proposal.budget import read_budget, read_costs
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.predictor import artifact
from infra.cli import event_type as documents
from infra.cli import terminal
from infra.cli.event_type import EventTypeClient, of_response
from infra.cli.replay.client import ReplayedSpan
from infra.cli.training.decisions import DecisionsClient
from model.fitting.artifact import manifest_json, references, write
from model.fitting.training import STEPS, Leaking, Training, TrainingOptions
from model.fitting.training import train as trained
from model.judgement.judgement import Judgement, judged, metrics
from model.table.reading import Asked, read_table
from model.table.table import PaymentTable
from model.training_report.content import sections
from model.training_report.rendering import html, markdown


def asked(
    label: str,
    labelled_at: str | None,
    weight: str | None,
    incident: str | None,
    oracle: str | None,
    as_of: datetime | None,
) -> Asked:
    """The columns beside the payments' own."""
    beside = tuple(one for one in (incident, oracle) if one is not None)
    return Asked(label, labelled_at, weight, beside, incident, oracle, as_of and as_of.replace(tzinfo=UTC))


def options(
    budget: str, cost: str | None, prior: float | None, gap: float | None, leaks: Sequence[str]
) -> TrainingOptions:
    """What is asked of the training. Raises InvalidInput for a budget or costs that are none."""
    days = None if gap is None else timedelta(days=gap)
    return TrainingOptions(read_budget(budget), read_costs(cost) if cost else None, prior, days, frozenset(leaks))


def event_type(name: str, reached: Callable[[], tuple[str, str]]) -> EventType:
    """The built-in type, that of a document, or one that the API has.

    Raises:
        InvalidInput, Malformed: the document is no good, each fault with its place.
        NotFound, Unavailable: the API does not have it.
    """
    if name == BUILT_IN.name or Path(name).suffix.lower() in documents.DOCUMENTS:
        return documents.local_type(name)
    return of_response(EventTypeClient(*reached()).show(name, None))


def train(file: Path, event_type: EventType, asked: Asked, options: TrainingOptions, out: Path) -> bool:
    """Trains on a file and writes the folder; says what came of it. False where the file tells the answer: then
    nothing is written.
    """
    return train_on(lambda: read_table(file, event_type, asked), asked, options, out)


def train_from_store(
    client: DecisionsClient, span: ReplayedSpan, event_type: EventType, as_of: datetime, options: TrainingOptions,
    out: Path,
) -> bool:  # fmt: skip
    """The same on stored decisions."""
    with Progress(console=terminal.remarks(), transient=True) as progress:
        task = progress.add_task("reading decisions", total=None)
        table = client.table(span, event_type, as_of, lambda more: progress.advance(task, more))
    assert table.selection is not None  # noqa: S101 what is stored has one
    for line in table.selection.says():
        terminal.say(terminal.results(), line)
    return train_on(lambda: table, Asked("label"), options, out)


def train_on(read: Callable[[], PaymentTable], asked: Asked, options: TrainingOptions, out: Path) -> bool:
    """Reads, trains, judges and writes. False where the table tells the answer."""
    started = time.perf_counter()
    remarks = terminal.remarks()
    with Progress(console=remarks, transient=True) as progress:
        task = progress.add_task("reading, counting, training, judging", total=STEPS + 2)
        table = read()
        progress.advance(task)
        try:
            training = trained(table, options, lambda: progress.advance(task))
        except Leaking as exc:
            progress.stop()
            for one in exc.leaks:
                terminal.complain(f"{one.name}: {one.says}")
            terminal.complain("Nothing was trained. --accept-leak NAME trains in spite of one.")
            return False
        judgement = judged(training, asked.incident, asked.oracle)
        progress.advance(task)
    write_folder(training, judgement, out)
    _say(training, judgement, out, time.perf_counter() - started)
    return True


def write_folder(training: Training, judgement: Judgement, out: Path) -> None:
    """Writes the model, its manifest and its report, and reads them as scoring does."""
    fitted, test = training.fitted, training.split.test
    reference = references(training.features, training.features.values[test], training.risk[test])
    manifest = manifest_json(fitted, metrics(training, judgement), reference)
    found = sections(training, judgement)
    title = f"{fitted.event_type.name}: model {fitted.version}"
    write(out, fitted, manifest, html(title, found), markdown(title, found))
    artifact.load(out, fitted.version, fitted.event_type)  # what scoring would refuse is not left as if it were good


def _say(training: Training, judgement: Judgement, out: Path, took_s: float) -> None:
    fitted, found, console = training.fitted, judgement.at_thresholds, terminal.results()
    area = judgement.scores["model"]["auprc"]
    block = "block nothing" if float(fitted.thresholds.block) >= 1 else f"block from {fitted.thresholds.block:g}"
    lines = [
        f"Model {fitted.version}: area under precision and recall {area} "
        f"on {len(judgement.rows.fraud):,} later payments",
        f"Proposed: review from risk {fitted.thresholds.review:g}, {block}: {found['reviews_a_day']:.1f} reviews and "
        f"{found['blocks_a_day']:.1f} blocks a day catch {found['recall']} of the frauds",
        f"Risks add up to {judgement.calibration['all_over_observed']} times the frauds that there were",
        f"{out} has model.json, manifest.json, report.html and report.md; "
        f"it took {took_s:.0f} s and at most {memory_mb():,.0f} MB",
    ]
    for line in lines:
        terminal.say(console, line)


def memory_mb() -> float:
    """The most memory that this process has had, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3
