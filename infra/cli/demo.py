"""`fraudshield demo`: the README's transaction, then a CSV, scored over HTTP by the API of template.yaml."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fraudshield.errors import InvalidInput
from fraudshield.scoring.response import Entry
from fraudshield.text import strict_json
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.parser import read_transaction
from infra.cli import terminal
from infra.cli.api import Api, ApiRefusal
from infra.cli.demo_cloud import CATCH_UP_S, LOOK_AGAIN_S, DemoCloud, demo_cloud
from infra.cli.path import SCORE_EVENT
from infra.cli.theft import LabelledTransaction, Scored
from infra.cli.transaction_file import TransactionFile

CALL = 200  # transactions; the API takes up to 1,000
LABEL = "isFraud"
KEY = "TEST_API_KEY"  # the scoring plan's

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds for the file. `decided`: with nothing kept; `kept`: the same, kept."""

    decided: float
    kept: float


@dataclass(frozen=True, slots=True)
class Demo:
    """All that there is to show. `scored` is in the file's order; `replayed`: a repeat gave the same bytes."""

    url: str
    engine: str
    first: Scored
    replayed: bool
    refusal: ApiRefusal
    scored: Sequence[Scored]
    requests: int
    stored: int
    took: Took

    @property
    def parked(self) -> int:
        """How many decisions the store had not taken when they were answered."""
        return sum(not one.entry["persisted"] for one in (self.first, *self.scored))

    @property
    def as_promised(self) -> bool:
        """Whether the first decision stood and nobody scored without a key."""
        return self.replayed and self.refusal.status == 403


def run(transactions: Path, log: Path, tell: Tell) -> Demo:
    """Start the API on free ports of this machine, score over HTTP, end it. `log` gets the function's lines.

    `tell` hears what begins, as it begins.

    Raises:
        Malformed, InvalidInput: the file is not what it should be.
        ConfigurationError: the API did not start.
        Unavailable: it did not respond.
    """
    rows = _labelled(transactions)
    tell("starting the API: its functions, its store, its queues")
    with demo_cloud(log) as cloud, Api(cloud.running.gateway, cloud.key(KEY)) as api:
        tell(f"up at {cloud.running.gateway}; the store is {cloud.running.engine.name}")
        return _shown(rows, cloud, api, tell)


def _shown(rows: Sequence[LabelledTransaction], cloud: DemoCloud, api: Api, tell: Tell) -> Demo:
    first = _readme()
    sent = _body([first])
    tell("scoring one payment: alone, once more, without a key")
    first_response = api.score(sent)
    once = first_response if _persisted(first_response) else _kept(api, sent)
    again, refusal = _kept(api, sent), api.without_key(sent)
    requests = [rows[at : at + CALL] for at in range(0, len(rows), CALL)]
    tell(f"scoring {len(rows):,} payments in {len(requests)} calls, nothing stored")
    began = time.perf_counter()
    for request in requests:
        api.score(_body(request, store=False))
    decided = time.perf_counter()
    tell("scoring them again, every decision stored")
    scored = [one for request in requests for one in _scored(request, api.score(_body(request)))]
    took = Took(decided - began, time.perf_counter() - decided)
    if parked := sum(not one.entry["persisted"] for one in scored):
        tell(f"waiting for {parked:,} parked decisions")
    stored = cloud.stored(1 + len(scored))
    tell(f"{stored:,} decisions lie in the table")
    return Demo(
        url=cloud.running.gateway,
        engine=cloud.running.engine.name,
        first=next(_scored([first], first_response)),
        replayed=_results(once) == _results(again),
        refusal=refusal,
        scored=scored,
        requests=len(requests),
        stored=stored,
        took=took,
    )


def _kept(api: Api, sent: bytes) -> str:
    """The response once its decision is stored: on a machine that is busy it is parked first and filed later."""
    give_up_at = time.monotonic() + CATCH_UP_S
    while not _persisted(response := api.score(sent)) and time.monotonic() < give_up_at:
        time.sleep(LOOK_AGAIN_S)
    return response


def _persisted(response: str) -> bool:
    return all(entry.get("persisted") for entry in json.loads(response)["results"])


def _labelled(path: Path) -> list[LabelledTransaction]:
    with path.open("rb") as file:
        source = TransactionFile(file, path.name)
        truth = source.header.index(LABEL)
        rows = list(source)
    for row in rows:
        if not isinstance(row.content, BuiltInTransaction):
            raise InvalidInput(f"{path.name}, line {row.line}: {terminal.faults_text(row.content)}")
    return [
        LabelledTransaction(row.content, row.cells[truth] == "1")
        for row in rows
        if isinstance(row.content, BuiltInTransaction)
    ]


def _readme() -> LabelledTransaction:
    """The transaction that README shows; it is the one of the recorded event."""
    body: Any = strict_json.parse(json.loads(SCORE_EVENT.read_text(encoding="utf-8"))["body"].encode())
    return LabelledTransaction(read_transaction(body["transactions"][0], "/transactions/0"), fraud=False)


def _body(rows: Sequence[LabelledTransaction], **more: bool) -> bytes:
    sent = [{name: value for name, value in row.transaction if value is not None} for row in rows]
    return json.dumps({"transactions": sent, **more}, default=_json).encode()


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else float(str(value))


def _scored(sent: Sequence[LabelledTransaction], response: str) -> Iterator[Scored]:
    entries: list[Entry] = json.loads(response)["results"]
    return (Scored(row, entry) for row, entry in zip(sent, entries, strict=True))


def _results(response: str) -> str:
    """The entries as they were sent; the envelope around them says when."""
    start = response.index("[")
    return response[start : json.JSONDecoder().raw_decode(response, start)[1]]
