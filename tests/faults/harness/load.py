"""Clients that send transactions, some of them again, and keep a history of what they were told."""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from fraudshield.predictor.artifact import load
from fraudshield.predictor.forest import margin, risk
from fraudshield.transaction.built_in import BuiltInTransaction, TransactionType
from tests.caller import ApiResponse
from tests.faults.harness.client import Connection, Reply, clock
from tests.faults.harness.history import NO_ANSWER, Call, History, Sent
from tests.model.feature import features

ARTIFACT = Path(__file__).parents[3] / "model/artifact/model"
AGAIN = 0.1  # of the calls repeat an earlier transaction of the same client


@dataclass(frozen=True, slots=True)
class Load:
    """How many clients at once, and how long each rests between its answer and its next call."""

    clients: int
    pause_s: float = 0.0
    seed: str = "load"

    async def run(self, gateway: str, key: str, enough: Callable[[History], bool]) -> History:
        """Until `enough`. First all send one and the same transaction; a client stops when it gets no answer."""
        history = History()
        shared = next(transactions(f"{self.seed}-shared"))
        await asyncio.gather(
            *(self._client(number, Connection(gateway, key), shared, enough, history) for number in range(self.clients))
        )
        return history

    async def _client(
        self, number: int, connection: Connection, shared: Sent, enough: Callable[[History], bool], history: History
    ) -> None:
        own, chance = transactions(f"{self.seed}-{number}"), random.Random(f"{self.seed}-{number}")
        known = [shared]
        response = await _call(connection, shared, history)
        while response and not enough(history):
            if chance.random() >= AGAIN:
                known.append(next(own))
            repeated = known[-1] if chance.random() >= AGAIN else chance.choice(known)
            response = await _call(connection, repeated, history)
            await asyncio.sleep(self.pause_s)
        connection.close()


def for_seconds(seconds: float) -> Callable[[History], bool]:
    """Enough when that much time has gone by from now."""
    ends = clock() + seconds
    return lambda _: clock() >= ends


def transactions(seed: str) -> Iterator[dict[str, Any]]:
    """Payments of every kind and size, the same for the same seed, which their ids begin with."""
    chance, number = random.Random(seed), 0
    while number >= 0:
        amount = round(10 ** chance.uniform(0, 6.5), 2)
        before, there = (round(chance.choice([0, amount, 10 ** chance.uniform(0, 7)]), 2) for _ in range(2))
        yield {
            "transaction_id": f"{seed}-{number}",
            "step": chance.randrange(743),
            "type": chance.choice(get_args(TransactionType)),
            "amount": amount,
            "nameOrig": f"C{chance.randrange(10**9)}",
            "oldbalanceOrg": before,
            "newbalanceOrig": round(max(0, before - amount), 2),
            "nameDest": f"{chance.choice('CM')}{chance.randrange(10**9)}",
            "oldbalanceDest": there,
            "newbalanceDest": round(there + amount, 2),
        }
        number += 1


def local_risk(sent: Sent) -> float:
    """The risk by the model of this repository, without any of the way that a request takes."""
    model = load_once()
    exact = {name: Decimal(repr(value)) if isinstance(value, float) else value for name, value in sent.items()}
    return risk(model.cuts, margin(model.forest, features(BuiltInTransaction.model_validate(exact))))


load_once = lru_cache(lambda: load(ARTIFACT))


async def _call(connection: Connection, sent: Sent, history: History) -> bool:
    """Whether there was an answer."""
    began = clock()
    try:
        reply = await connection.score(sent)
    except (OSError, EOFError, TimeoutError):
        connection.close()
        history.calls.append(Call(sent, NO_ANSWER, took_s=clock() - began))
        return False
    history.calls.append(Call(sent, reply.status, _entry(reply), clock() - began))
    return True


def _entry(reply: Reply) -> str:
    if b'"results"' not in reply.body:
        return ""
    [entry] = ApiResponse(reply.status, reply.headers, reply.body.decode()).entries
    return entry
