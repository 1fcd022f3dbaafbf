"""How many decisions of a file are stored a second on the laptop's engine: in groups, and by a put for each."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from pytest_benchmark.fixture import BenchmarkFixture

from fraudshield.aws import client
from fraudshield.batch.dynamo_store import ChunkStore, DecisionWrites
from fraudshield.batch.result import StoreProgressFile
from fraudshield.batch.tally import Tally
from fraudshield.dynamo.call import AT_ONCE, PacedCalls
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo import put_decided
from fraudshield.scoring.dynamo_item import to_item
from tests.chunk import DRAINED, HEADER, row, score
from tests.content import built_in
from tests.fake_files import FakeFiles
from tests.load.conftest import alternate, measure, ratio, report
from tests.stack import Stack

STORED_ROUNDS, STORED_AT_ONCE = 8, 500


def test_stored_decisions_a_second_on_the_laptops_engine(benchmark: BenchmarkFixture, engine_stack: Stack) -> None:
    """As a chunk stores them, its progress included, in turn with a put for each on as many connections."""
    [model] = score(HEADER + row(**DRAINED)).kept
    numbers = itertools.count()
    writes, paced = DecisionWrites(engine_stack.transactions, "job#0"), PacedCalls()

    def decisions() -> list[ScoredTransaction]:
        names = [f"t{next(numbers)}" for _ in range(STORED_AT_ONCE)]
        changed = [built_in(model.transaction).model_copy(update={"transaction_id": name}) for name in names]
        return [replace(model, transaction=one) for one in changed]

    def by_chunk() -> None:
        file = StoreProgressFile(FakeFiles(), "stored")  # type: ignore[arg-type]
        store = ChunkStore(writes, paced, erasure_wiring.patient_erasures(), file, lambda _: None, lambda: None)
        assert store.keep(decisions()) == Tally(stored=STORED_AT_ONCE)

    def one_by_one() -> None:
        items = [to_item(one, "batch") for one in decisions()]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            puts = threads.map(partial(put_decided, engine_stack.transactions, connect=client.files_dynamodb), items)
            assert set(puts) == {None}

    by_chunk()  # connections
    ours, single = alternate([by_chunk, one_by_one], rounds=STORED_ROUNDS)
    measure(benchmark, by_chunk, rounds=1)
    times, low, high = ratio(single, ours)
    rate = STORED_AT_ONCE / ours.at(50) * 1000
    figure = f"{rate:,.0f} a second, {times:.1f} x as many as by a put for each"
    report(benchmark, "stored decisions on the laptop's engine", figure, f"{low:.1f} - {high:.1f} x", ">= 300 a second")
