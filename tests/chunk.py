"""Scoring a text as one chunk: returns both results and the counts."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fraudshield.batch.block_scorer import ColumnScorer
from fraudshield.batch.chunk import ChunkScorer, Keep
from fraudshield.batch.format import detect_format
from fraudshield.batch.result import REJECTS_HEADER, Parts, header_line
from fraudshield.batch.tally import Tally
from fraudshield.batch.verdict import Judge
from fraudshield.policy.policy import Policy, first_policy
from fraudshield.predictor import artifact
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.forest import margin
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.scoring.decision import ScoredTransaction
from tests.fakes import NOW

ROOT = Path(__file__).parents[1]
GOOD = {
    "transaction_id": "t1",
    "step": "1",
    "type": "PAYMENT",
    "amount": "1000.00",
    "nameOrig": "C1",
    "oldbalanceOrg": "5000.00",
    "newbalanceOrig": "4000.00",
    "nameDest": "M2",
    "oldbalanceDest": "0.00",
    "newbalanceDest": "0.00",
}
DRAINED = {"type": "TRANSFER", "amount": "900000.00", "oldbalanceOrg": "900000.00", "nameDest": "C9"}
HEADER = ",".join(GOOD) + "\n"


@lru_cache
def predictor() -> ModelPredictor:
    """The shipped model, read once."""
    return ModelPredictor(artifact.load(ROOT / "model/artifact/model"), NOW)


def walked(features: Floats) -> Floats:
    """Computes margins as the online path does."""
    return np.array([margin(predictor().model.forest, row) for row in features.tolist()], np.float64)


def judge(policy: Policy | None = None, **more: Any) -> Judge:
    """Makes a judge for rows that are received and decided now."""
    return Judge(predictor(), walked, policy or first_policy(predictor().model.thresholds), NOW, NOW, **more)


def row(**changes: str) -> str:
    """A line of GOOD's columns."""
    return ",".join((GOOD | changes).values()) + "\n"


@dataclass
class Scored:
    """The results of a chunk."""

    tally: Tally
    scored: str
    rejects: str
    kept: list[ScoredTransaction] = field(default_factory=list)

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the scored file."""
        return list(csv.DictReader(io.StringIO(self.scored, newline="")))

    @property
    def refused(self) -> list[tuple[int, str, str, str]]:
        """The file of refusals: line of the chunk, field, code, reason."""
        found = csv.DictReader(io.StringIO(REJECTS_HEADER + self.rejects, newline=""))
        return [(int(one["line"]), one["field"], one["code"], one["reason"]) for one in found]

    @property
    def codes(self) -> list[tuple[int, str]]:
        """Line and code of each refusal."""
        return [(line, code) for line, _, code, _ in self.refused]


def score(
    content: str | bytes,
    judged: Judge | None = None,
    keep: Keep | None = None,
    streamed: Callable[[bytes], Iterable[bytes]] = lambda whole: [whole],
) -> Scored:
    """Scores the whole text as one chunk."""
    whole = content.encode() if isinstance(content, str) else content
    found = detect_format(whole, "payments.csv")
    kept: list[ScoredTransaction] = []

    def remember(decided: Sequence[ScoredTransaction]) -> Tally:
        kept.extend(decided)
        return keep(decided) if keep else Tally(stored=len(decided))

    written: dict[str, list[bytes]] = {"scored": [], "rejects": []}
    parts = {name: Parts(lambda _, part, into=into: into.append(part)) for name, into in written.items()}  # type: ignore[misc]
    columns = ColumnScorer(found, judged or judge(), "file-1")
    chunk = ChunkScorer(found.line_end, columns, remember)
    tally = chunk.score(streamed(whole[found.body :]), found.body, parts["scored"], parts["rejects"])
    head = header_line(found.header.names)
    return Scored(tally, head + b"".join(written["scored"]).decode(), b"".join(written["rejects"]).decode(), kept)
