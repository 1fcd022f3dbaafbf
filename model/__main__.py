"""`python -m model`: simulates, trains, judges, and writes the shipped model with its card."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from model.baseline import one_line
from model.card import card
from model.carry_over import carried_over
from model.export import ARTIFACT, replace_file, write_joblib
from model.fitting.artifact import manifest_json, references, write_model
from model.judgement.judgement import judged, metrics
from model.shipped import ADVANCES, shipped_ledger, shipped_training
from model.simulated import payment_table
from model.training_report.rendering import markdown, picture_files

CARD = Path(__file__).parent / "MODEL_CARD.md"
PICTURES = "card"  # the folder beside it with its charts


def main(
    out: Annotated[Path, typer.Option(help="Where the artifact goes.")] = ARTIFACT,
    page: Annotated[Path, typer.Option(help="Where its card goes.")] = CARD,
) -> None:
    """Make the shipped model again, to the byte. A model of your own payments: fraudshield train."""
    console, started = Console(), time.perf_counter()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("simulating, training, judging", total=ADVANCES + 3)
        ledger = shipped_ledger()
        table = payment_table(ledger)
        progress.advance(task)
        training = shipped_training(table, lambda: progress.advance(task))
        rule = one_line(ledger.dataset().columns)
        judgement = judged(training, "incident", "oracle", {"one_line_rule": rule})
        progress.advance(task)
        carried = carried_over(training.fitted)
        progress.advance(task)
    test = training.split.test
    reference = references(training.features, training.features.values[test], training.risk[test])
    measured = metrics(training, judgement) | {"carried_over": carried.metrics()}
    write_model(out / "model", training.fitted, manifest_json(training.fitted, measured, reference))
    write_joblib(out / "batch", training.fitted.grown.classifier)
    title, sections = card(training, judgement, carried)
    replace_file(page, markdown(title, sections, PICTURES).encode())
    for name, content in picture_files(sections).items():
        replace_file(page.parent / PICTURES / name, content.encode())
    took = f"{time.perf_counter() - started:.0f} s"
    area = judgement.scores["model"]["auprc"]
    says = f"{title}: area under precision and recall {area}. Written to {out} and {page} in {took}."
    console.print(says, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
