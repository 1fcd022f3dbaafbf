"""`python -m model`: train, evaluate, write the artifact; `--data FILE.csv` trains on your own transactions."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fraudshield.policy.policy import Thresholds
from model.dataset import Dataset, read_csv
from model.evaluate import RESAMPLES
from model.export import ARTIFACT, Provenance, manifest_json, write
from model.pipeline import ROWS, SEED, default_dataset, evaluation
from model.report import table
from model.threshold import BLOCK_ROWS
from model.train import ROUNDS, train

VERSION = "2026.11.1"
TRAINED_AT = "2026-11-24T00:00:00Z"  # of this version, not of the run: two runs write the same bytes


def main(
    data: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A CSV with PaySim's columns.")] = None,
    out: Annotated[Path, typer.Option(help="Where the artifact goes.")] = ARTIFACT,
) -> None:
    """Train a model and write its artifact; without --data on simulated transactions."""
    console = Console()
    try:
        _run(data, out, console)
    except ValueError as exc:
        console.print(str(exc), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from exc


def _run(data: Path | None, out: Path, console: Console) -> None:
    started = time.perf_counter()
    with Progress(console=console, transient=True) as progress:
        reading = progress.add_task("reading" if data else "simulating", total=1)
        dataset = read_csv(data) if data else default_dataset()
        progress.advance(reading)
        training = progress.add_task("training", total=ROUNDS)
        trained = train(dataset, lambda: progress.advance(training))
        evaluating = progress.add_task("evaluating", total=2 * RESAMPLES)
        worth = evaluation(dataset, trained, lambda: progress.advance(evaluating))
    provenance = _own(data, dataset) if data else _simulated(dataset)
    write(out, trained, manifest_json(trained, provenance, worth.metrics(), worth.reference))
    rows, frauds = len(worth.test), int(worth.test.fraud.sum())
    console.print(table(f"On {rows:,} unseen rows with {frauds:,} frauds ({frauds / rows:.3%})", worth.found))
    console.print(table("Carried over to a look-alike with PaySim's artefacts", worth.carried_over))
    proposal = _proposal(trained.thresholds)
    took = f"{time.perf_counter() - started:.0f} s"
    console.print(
        f"Model {provenance.version}: {proposal}. Written to {out} in {took}.", highlight=False, soft_wrap=True
    )


def _proposal(thresholds: Thresholds) -> str:
    blocks = f"block from {thresholds.block}"
    if thresholds.block == 1:
        blocks = f"block nothing (no risk that {BLOCK_ROWS} rows reach is fraud half of the time)"
    return f"review from risk {thresholds.review}, {blocks}; PUT /api/v1/model/policy puts them in force"


def _simulated(dataset: Dataset) -> Provenance:
    source = f"model.simulator.transactions(rows={ROWS}, seed={SEED})"
    return Provenance(VERSION, TRAINED_AT, source, len(dataset), int(dataset.fraud.sum()), dataset.digest())


def _own(path: Path, dataset: Dataset) -> Provenance:
    digest = dataset.digest()
    modified_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC).isoformat().replace("+00:00", "Z")
    return Provenance(f"csv-{digest[:12]}", modified_at, path.name, len(dataset), int(dataset.fraud.sum()), digest)


if __name__ == "__main__":
    typer.run(main)
