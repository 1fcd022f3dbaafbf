"""How fast files are scored and stored: a chunk beside its bare parts and row by row; its memory and its price."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import joblib
import numpy as np
import pytest
from botocore.client import BaseClient
from pytest_benchmark.fixture import BenchmarkFixture

from fraudshield.batch import classifier
from fraudshield.batch.chunk import ScoreStep
from fraudshield.batch.format import detect_format
from fraudshield.batch.own.blocks import blocks_of
from fraudshield.batch.plan import Plan
from fraudshield.batch.result import ChunkCheckpoint
from fraudshield.batch.tally import Tally
from fraudshield.event_type.environment import environment
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.policy import Thresholds, first_policy
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.feature import FeatureEntry, ModelFeatures, read_feature
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.scoring.decision import ScoredTransaction
from model.classifier import ensure
from model.simulator import transactions
from tests.chunk import predictor
from tests.fake_files import FakeFiles, FakeJobs
from tests.fakes import NOW
from tests.job_run import Batch
from tests.load.conftest import alternate, measure, ratio, report
from tests.payments import payments
from tests.stack import Stack

ROOT = Path(__file__).parents[2]
ROWS = 100_000  # a chunk
SINGLE = 2_000
FLAGGED = 0.005


def stored(decided: Sequence[ScoredTransaction]) -> Tally:
    return Tally(stored=len(decided))


def plan_of(content: bytes, review: float) -> Plan:
    """One chunk of all of it, under a policy that flags from `review` on."""
    found = detect_format(content[: 1 << 20], "bench.csv")
    model = predictor().model
    policy = first_policy(Thresholds(review=review, block=1.0))
    return Plan(
        job_id="job",
        plan_id="plan",
        bucket="bucket",
        key="bench.csv",
        version="v1",
        size=len(content),
        origin="file",
        names=found.header.names,
        body=found.body,
        line_end=found.line_end.decode(),
        gzip=False,
        received_at=NOW,
        decided_at=NOW,
        store="flagged",
        model_version=model.version,
        model_sha256=model.sha256,
        policy=policy,
        chunks=((found.body, len(content)),),
    )


def threshold(risks: Floats) -> float:
    """From which risk on half a percent of the rows is flagged."""
    return float(np.quantile(risks, 1 - FLAGGED, method="higher"))


# Features that the shipped model does not read, of the kinds that there are: what more of them cost is worked out.
MORE_FEATURES = {
    "more_0": "amount / (oldbalanceOrg + 1)",
    "more_1": "oldbalanceDest > 0 ? amount / oldbalanceDest : -1",
    "more_2": "newbalanceOrig - oldbalanceOrg + amount",
    "more_3": "abs(newbalanceDest - oldbalanceDest - amount)",
    "more_4": "min(amount, oldbalanceOrg)",
    "more_5": "amount > 1000 && oldbalanceOrg > 0",
    "more_6": 'type in ["TRANSFER", "CASH_OUT"] && amount >= oldbalanceOrg',
    "more_7": 'nameOrig.startsWith("C")',
    "more_8": "step % 24",
    "more_9": "amount * 100 - oldbalanceDest",
}


def with_more(features: ModelFeatures) -> ModelFeatures:
    """The same features, and ten more."""
    names = environment(BUILT_IN.document, BUILT_IN.all_fields)
    more = [FeatureEntry(name=name, value=value) for name, value in MORE_FEATURES.items()]
    return ModelFeatures([*features.each, *(read_feature(one, names) for one in more)])


class Bench:
    """A chunk's worth of rows, and what may be done with them."""

    def __init__(self, rows: int) -> None:
        self.content = payments(rows)
        self.text = self.content.decode()
        self.rows = rows
        self.classifier = joblib.load(ensure())
        self.features = transactions(round(rows * 1.01), 20261129).dataset().features()[:rows]
        margins = classifier.margins(predictor().model)
        risks = np.searchsorted(np.array(predictor().model.cuts), margins(self.features), side="right") / 10_000
        self.plan = plan_of(self.content, threshold(risks))
        self.work = ScoreStep(self._files(), FakeJobs(), partial(blocks_of, predictor(), margins), lambda *_: stored)  # type: ignore[arg-type]
        self.work_of_classifier = ScoreStep(
            self._files(),  # type: ignore[arg-type]
            FakeJobs(),  # type: ignore[arg-type]
            partial(blocks_of, predictor(), self.classifier.decision_function),
            lambda *_: stored,
        )
        model, read = predictor().model, len(predictor().features.names)
        more = ModelPredictor(replace(model, features=with_more(model.features)), NOW)
        of_more = partial(blocks_of, more, lambda rows: margins(np.ascontiguousarray(rows[:, :read])))
        self.work_of_more = ScoreStep(self._files(), FakeJobs(), of_more, lambda *_: stored)  # type: ignore[arg-type]
        self.read = list(csv.reader(io.StringIO(self.text, newline="")))

    def chunk(self) -> ChunkCheckpoint:
        """Everything that a worker does, S3 and DynamoDB in memory."""
        return self._done(self.work)

    def chunk_by_classifier(self) -> ChunkCheckpoint:
        """The same by the classifier that was trained, unpickled."""
        return self._done(self.work_of_classifier)

    def chunk_of_more(self) -> ChunkCheckpoint:
        """The same with ten features more."""
        return self._done(self.work_of_more)

    def _done(self, work: ScoreStep) -> ChunkCheckpoint:
        [planned] = self.plan.planned
        work.files.objects = {self.plan.key: self.content}  # type: ignore[attr-defined]
        return work.score(self.plan, planned, lambda: None)

    def bare_reader(self) -> object:
        return list(csv.reader(io.StringIO(self.text, newline="")))

    def bare_predict(self) -> object:
        return self.classifier.predict_proba(self.features)

    def bare_writer(self) -> object:
        out = io.StringIO()
        csv.writer(out).writerows(self.read)
        return out

    def bare(self) -> object:
        """The three, one after the other."""
        return self.bare_reader(), self.bare_predict(), self.bare_writer()

    def single(self) -> object:
        """`predict_proba` row by row."""
        return [self.classifier.predict_proba(self.features[at : at + 1]) for at in range(SINGLE)]

    def _files(self) -> FakeFiles:
        return FakeFiles({"bench.csv": self.content})


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(ROWS)


def test_a_chunk_against_its_bare_parts(benchmark: BenchmarkFixture, bench: Bench) -> None:
    done = bench.chunk()
    share = (done.progress.flagged) / bench.rows
    ours, bare = alternate([bench.chunk, bench.bare], rounds=9, clock=process_time)
    measure(benchmark, bench.chunk, rounds=3)
    times, low, high = ratio(ours, bare)
    rate = bench.rows / ours.at(50) * 1000
    figure = f"{times:.2f} x bare, {rate:,.0f} rows a CPU second, {share:.2%} flagged"
    report(
        benchmark,
        f"a chunk of {ROWS:,} rows / reader + predict_proba + writer",
        figure,
        f"{low:.2f} - {high:.2f} x",
        "<= 1.5 x",
    )


def test_a_chunk_from_the_models_json_against_the_classifier_unpickled(
    benchmark: BenchmarkFixture, bench: Bench
) -> None:
    both = [bench.chunk, bench.chunk_by_classifier]
    ours, unpickled = alternate(both, rounds=15, clock=process_time)
    measure(benchmark, bench.chunk, rounds=2)
    times, low, high = ratio(ours, unpickled)
    what = f"a chunk of {ROWS:,} rows from model.json / by the classifier unpickled"
    report(benchmark, what, f"{times:.3f} x", f"{low:.3f} - {high:.3f} x", "<= 1.05 x")


def test_a_chunk_with_ten_more_features_against_its_bare_parts(benchmark: BenchmarkFixture, bench: Bench) -> None:
    ours, bare = alternate([bench.chunk_of_more, bench.bare], rounds=9, clock=process_time)
    measure(benchmark, bench.chunk_of_more, rounds=3)
    times, low, high = ratio(ours, bare)
    what = f"a chunk of {ROWS:,} rows with ten more features / its bare parts"
    report(benchmark, what, f"{times:.2f} x bare", f"{low:.2f} - {high:.2f} x", "<= 1.8 x")


def test_a_chunk_against_row_by_row(benchmark: BenchmarkFixture, bench: Bench) -> None:
    ours, single = alternate([bench.chunk, bench.single], rounds=5, clock=process_time)
    measure(benchmark, bench.chunk, rounds=2)
    scale = bench.rows / SINGLE
    times, low, high = (one * scale for one in ratio(single, ours))
    figure = f"{times:.0f} x ({single.at(50) / SINGLE * 1000:.0f} us a row)"
    report(benchmark, "a chunk / predict_proba row by row", figure, f"{low:.0f} - {high:.0f} x", ">= 50 x")


def test_the_memory_of_a_chunk(benchmark: BenchmarkFixture) -> None:
    """In a process of its own, which does nothing else."""
    program = "from tests.load.bench_batch import peak; peak()"
    env = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/fraudshield'}"}
    found: list[float] = []

    def measured() -> None:
        ran = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        )
        found.append(float(ran.stdout))

    measure(benchmark, measured, rounds=1)
    report(benchmark, f"peak memory of a chunk of {ROWS:,} rows (VmHWM)", f"{found[0]:.0f} MB", "", "< 400 MB")


def peak() -> None:
    """Prints the megabytes that this process had at most, the rows' own 8 MB and the model's library included."""
    content = payments_in_another_process()
    margins = classifier.margins(predictor().model)
    plan = plan_of(content, 0.02)
    blocks = partial(blocks_of, predictor(), margins)
    work = ScoreStep(FakeFiles({plan.key: content}), FakeJobs(), blocks, lambda *_: stored)  # type: ignore[arg-type]
    [planned] = plan.planned
    work.score(plan, planned, lambda: None)
    said = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(int(said.split()[1]) / 1024)  # noqa: T201 what the parent reads


def payments_in_another_process() -> bytes:
    """So that the simulator's memory is not this process's."""
    program = f"import sys; from tests.payments import payments; sys.stdout.buffer.write(payments({ROWS}))"
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True).stdout


LAMBDA_GB_S = 0.0000166667  # us-east-1, USD, from here on; x86_64
GB = 1769 / 1024
LAMBDA_CALL, S3_PUT, S3_GET = 0.2e-6, 5e-6, 0.4e-6
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
STATE = 25e-6  # a transition of a standard execution
TRANSITIONS, PER_CHUNK = 6, 3  # Plan, Score, Merge, Notify, a beginning and an end; a chunk's own
PUTS = {"PutObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload"}
GETS = {"GetObject", "HeadObject"}
WRITES = {"PutItem", "UpdateItem"}
INDEXES = 4  # of a flagged row: by time, origin, destination and for review


def test_the_price_of_a_million_rows(
    benchmark: BenchmarkFixture, lasting_files: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the calls that a file of a chunk makes, times as many chunks as a million rows have."""
    calls: Counter[str] = Counter()
    units = Counter[str]()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def counted(client: Any, operation: str, arguments: Any) -> Any:
        calls[operation] += 1
        puts = [one["Put"]["Item"] for one in arguments.get("TransactItems", ()) if "Put" in one]
        if operation == "TransactWriteItems" and any("batch_row" in item for item in puts):
            units["stored"] += sum(2 * -(-len(json.dumps(item)) // 1024) + INDEXES for item in puts)
        elif operation == "TransactWriteItems":
            units["other"] += 2 * len(arguments["TransactItems"])
        elif operation in WRITES:
            units["other"] += 1
        return call(client, operation, arguments)

    batch = Batch(lasting_files)
    job = batch.drop(payments(ROWS), "incoming/price.csv")
    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    began = process_time()
    done = batch.run(job.job_id)
    seconds = process_time() - began
    measure(benchmark, lambda: None, rounds=1)
    assert done.status == "completed"
    gets, puts = sum(calls[one] for one in GETS), sum(calls[one] for one in PUTS)
    reads = calls["GetItem"] + calls["Query"] + calls["BatchGetItem"]
    parts = {
        "Lambda": seconds * GB * LAMBDA_GB_S + len(batch.steps) * LAMBDA_CALL,
        "S3": puts * S3_PUT + gets * S3_GET,
        "stored rows": units["stored"] * WRITE_UNIT,
        "other DynamoDB": units["other"] * WRITE_UNIT + reads * READ_UNIT,
        "Step Functions": (TRANSITIONS + PER_CHUNK) * STATE,
    }
    of_a_million = {name: price * 1_000_000 / ROWS for name, price in parts.items()}
    said = ", ".join(f"{name} {price:.4f}" for name, price in of_a_million.items())
    total = sum(of_a_million.values())
    flagged = done.progress.flagged / done.progress.rows
    report(benchmark, f"a million rows, {flagged:.2%} stored, USD", f"{total:.4f} ({said})", "", "<= 0.10")
