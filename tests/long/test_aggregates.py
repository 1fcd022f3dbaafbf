"""Aggregates of many payments: one after another, side by side with kills, of one card, over columns."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from fraudshield.aggregate.aggregate import aggregates_of
from fraudshield.aggregate.columns import aggregate_values
from fraudshield.aggregate.value import AggregateValue
from fraudshield.batch.history.file import UNSAID, FileHistory
from fraudshield.batch.history.port import PlacedRow
from fraudshield.batch.history.values import WrittenHistory
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.transaction.occurrence import Occurrence
from tests.aggregates.history import as_columns, made_up, one_by_one
from tests.aggregates.oracle import counted_again
from tests.aggregates.run import Recorded, as_paid, payments, put_type, send
from tests.aggregates.shop import AGGREGATES, SHOP, Paid, shop, shop_transaction
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack
from tests.timeouts import wait_for_store

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
SENT, WORKERS, SIDE_BY_SIDE, KILL_S = 10_000, 4, 2000, 2.0
GROWING = [name for name, one in AGGREGATES.items() if one.get("of") is None and "where" not in one]
Answer = dict[str, Any]


@pytest.fixture(autouse=True)
def patient(_longer_timeouts: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a value is, and not when."""
    event_type_wiring.event_types.cache_clear()
    wait_for_store(monkeypatch)
    yield
    event_type_wiring.event_types.cache_clear()


def test_ten_thousand_sent_one_after_another_are_what_a_count_of_all_gives(
    engine_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    put_type()
    caller, chance, found = Caller(), random.Random("labels"), Recorded()
    for sent in payments(SENT, "ten", cards=400):
        [entry] = send(caller, sent)
        found.note(sent, entry)
        if chance.random() < 0.02:
            found.label(chance.choice([*found.paid]), chance.choice(["fraud", "genuine"]))
    with capsys.disabled():
        sys.stdout.write(f"\n{len(found.entries)} payments, {found.compared} values, {len(found.differing)} differ\n")
    assert found.differing == []


@dataclass
class Killed:
    """Workers that are killed now and then, and what they answered."""

    waiting: "Queue[Any]" = field(default_factory=Queue)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)  # when each was first sent
    kills: int = 0
    parked: int = 0  # what the store did not take in time is sent again, as by any client

    def work(self, seed: int) -> None:
        """Has a worker decide what waits; what it had when it was killed is sent again."""
        chance, worker, since = random.Random(seed), started(), time.monotonic()
        while (sent := self._next()) is not None:
            name = sent["transaction_id"]
            self.asked.setdefault(name, datetime.now(UTC).isoformat())
            worker.stdin.write(json.dumps(sent) + "\n")
            worker.stdin.flush()
            if time.monotonic() - since > KILL_S and chance.random() < 0.02:
                time.sleep(chance.random() / 50)
                worker.kill()
                self.kills += 1
            line = worker.stdout.readline()
            if line and (answer := json.loads(line))["entry"]["persisted"]:
                self.answers.setdefault(name, answer)
            elif line:
                self.parked += 1
                self.waiting.put(sent)
            else:
                self.waiting.put(sent)
                end(worker)
                worker, since = started(), time.monotonic()
        end(worker)

    def _next(self) -> Any:
        try:
            return self.waiting.get_nowait()
        except Empty:
            return None


def started() -> Any:
    command = [sys.executable, "-m", "tests.aggregates.worker"]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def end(worker: Any) -> None:
    with suppress(BrokenPipeError):
        worker.stdin.close()
    worker.wait()
    worker.stdout.close()


def test_side_by_side_with_kills_a_value_lies_between_what_was_acknowledged_and_what_was_decided(
    engine_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    put_type()
    killed = Killed()
    for sent in payments(SIDE_BY_SIDE, "side", cards=40):
        killed.waiting.put(sent)
    by_id = {sent["transaction_id"]: sent for sent in killed.waiting.queue}
    threads = [threading.Thread(target=killed.work, args=(seed,)) for seed in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    paid = {name: as_paid(by_id[name], one["entry"]) for name, one in killed.answers.items()}
    ended = {name: datetime.fromisoformat(one["ended"]) for name, one in killed.answers.items()}
    exact = compared = late = 0
    for name, one in killed.answers.items():
        began, aggregates = datetime.fromisoformat(killed.asked[name]), one["entry"]["aggregates"]
        acknowledged = [other for other_name, other in paid.items() if ended[other_name] < began]
        for aggregate in GROWING:
            value, document = aggregates[aggregate], AGGREGATES[aggregate]
            if isinstance(value, dict):
                late += 1
                continue
            everything = latest(paid[name], ended[name])
            least = counted_again(acknowledged, latest(paid[name], None), document)
            most = counted_again(paid.values(), everything, document)
            if least is None or most is None:
                assert value is None
                continue
            assert least <= Decimal(repr(value)) <= most, (name, aggregate, least, value, most)
            compared += 1
            exact += Decimal(repr(value)) == counted_again(paid.values(), paid[name], document)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(paid)} payments by {WORKERS} workers, {killed.kills} kills: of {compared} values "
            f"{exact / compared:.2%} are what was decided before, all lie between; {late} were not read in time\n"
        )
    assert len(paid) == len(by_id)
    assert killed.kills > 0


def latest(one: Paid, ended: datetime | None) -> Paid:
    """The payment as if all that is given, or was decided when its answer was there, had been known to it."""
    at = ended or datetime.now(UTC)
    return Paid(one.transaction_id, one.occurred_at, at, one.amount, one.entities, one.outcome, shown=one.shown)


def test_of_a_card_with_1500_payments_a_value_is_right_or_says_that_it_does_not_know(engine_stack: Stack) -> None:
    put_type({**SHOP, "aggregates": {}})
    caller, now = Caller(), datetime.now(UTC)
    sent = [
        README_TRANSACTION
        | {"transaction_id": f"t{at}", "card": "card-1", "device": f"device-{at % 3}", "amount": 1.0}
        | {"occurred_at": (now - timedelta(minutes=at + 1)).isoformat()}
        for at in range(1500)
    ]
    for at in range(0, 1500, 50):
        while not all(entry["persisted"] for entry in send(caller, *sent[at : at + 50])):
            time.sleep(1)  # a busy machine's store is spared for a moment
    put_type(SHOP)
    event_type_wiring.event_types().renewed(event_type_wiring.event_types().newest("shop_payment"))
    [entry] = send(caller, sent[0] | {"transaction_id": "asking", "occurred_at": now.isoformat()})
    found = entry["aggregates"]
    assert found["card_count_1h"] == 59
    assert (found["card_count"], found["card_spent_24h"]) == ({"at_least": 1000}, {"at_least": 1000})
    assert found["card_mean"] == {"not_evaluated": "history_capped"}
    assert (found["card_devices"], found["card_last"]) == ({"at_least": 3}, pytest.approx(1 / 60))
    assert found["card_age"]["at_least"] == pytest.approx(1000 / 60)
    assert found["device_fraud"] == pytest.approx(0.1 / (10 + 500 - 20))  # those of the last hour are too young
    assert found["device_cards"] == 1


def test_over_a_hundred_thousand_rows_columns_give_what_each_payment_reads(capsys: pytest.CaptureFixture[str]) -> None:
    asked = aggregates_of(shop()).asked(AGGREGATES)
    history = made_up(100_000, "hundred", 12_000, **{"card-busy": 0.02})
    columns = as_columns(history)
    began = time.process_time()
    found = aggregate_values(asked, columns, columns)
    took = time.process_time() - began
    expected: dict[str, list[AggregateValue]] = one_by_one(asked, history, history)
    with capsys.disabled():
        sys.stdout.write(f"\n100,000 rows, {len(asked)} aggregates: {took / 1e5 * 1e6:.0f} us a row\n")
    assert found == expected
    assert any(one.at_least for one in found["card_count"])


def test_of_a_file_of_a_hundred_thousand_rows_each_has_what_it_would_read_online(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paid = [replace(one, decided_at=one.occurred_at, outcome="") for one in made_up(100_000, "file", 12_000)]
    rows = [placed_row(at, one) for at, one in enumerate(paid)]
    asked = [one for one in aggregates_of(shop()).asked(AGGREGATES) if not one.reads & UNSAID]
    began, history = time.process_time(), FileHistory(asked)
    for start in range(0, len(rows), 7001):
        history.add_chunk(rows[start : start + 7001])
    contents = [*history.chunks()]
    took = time.process_time() - began
    expected = one_by_one(asked, paid, paid)
    for number, content in enumerate(contents):
        chunk = range(number * 7001, min(len(rows), (number + 1) * 7001))
        found = WrittenHistory.read(asked, content).values([rows[at] for at in chunk])
        for at, one in zip(chunk, found, strict=True):
            assert one == {name: values[at] for name, values in expected.items()}
    with capsys.disabled():
        sys.stdout.write(f"\na file of 100,000 rows, {len(asked)} aggregates: {took / 1e5 * 1e6:.0f} us a row\n")


def placed_row(at: int, one: Paid) -> PlacedRow:
    """A payment as a row of a file."""
    named = {"card": None, "device": None, **one.entities}
    sent = shop_transaction(one.transaction_id, amount=one.amount, **named)
    return PlacedRow(at, Occurrence(sent, one.occurred_at))
