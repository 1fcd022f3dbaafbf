"""Transactions of 90 days, and the records of the table's stream about them, delivered twice and by turns."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from fraudshield.policy.policy import first_policy
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.parser import read_transaction
from functions.analytics import stream
from tests.caller import Context
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakeStore
from tests.faults.harness.load import load_once, transactions

SHARDS = 3
DAYS = 90
MADE_S = 1_795_514_400
Item = dict[str, Any]
Record = dict[str, Any]


def items(number: int, seed: str = "analytics", days: int = DAYS) -> list[Item]:
    """Transactions of the last days from three sources and by two versions of the model; some have no decision yet."""
    chance, now = random.Random(seed), datetime.now(UTC)
    sent = [
        one
        | {"nameDest": f"{one['nameDest'][0]}{chance.randrange(200)}"}
        | {"occurred_at": (now - timedelta(seconds=chance.uniform(0, days * 86_400 - 1))).isoformat()}
        for one in islice(transactions(seed), number)
    ]
    model = load_once()
    scorer = Scorer(
        OnePredictor(ModelPredictor(model, now)),
        FakePolicies(first_policy(model.thresholds)),
        FakeStore(),
        FakeParking(),
        FakeAccounts(),
    )
    exact = [
        read_transaction({k: Decimal(repr(v)) if isinstance(v, float) else v for k, v in one.items()}, "")
        for one in sent
    ]
    decided = [to_item(one, chance.choice(["api", "api", "queue", "batch"])) for one in scorer.decide(exact)]
    return [one | ({"model_version": {"S": "2025.1"}} if chance.random() < 0.3 else {}) for one in decided]


def labelled(item: Item, truth: str, days: float) -> Item:
    at = datetime.fromisoformat(item["occurred_at"]["S"]) + timedelta(days=days)
    return item | {"label": {"S": truth}, "labelled_at": {"S": at.isoformat()}}


def states(item: Item, chance: random.Random) -> list[Item]:
    """What becomes of it: some get a label, of which some are undone or become another."""
    found = [item]
    if chance.random() < 0.4:
        found += [labelled(item, chance.choice(["fraud", "genuine"]), chance.uniform(0, 120))]
        if chance.random() < 0.3:
            found += [chance.choice([item, labelled(item, "fraud", 3)])]
    return found


def history(stored: Sequence[Item], seed: str) -> tuple[list[Record], list[Item]]:
    """What the stream tells of them, and the items as they are at the end."""
    chance, records, end = random.Random(seed), [], list[Item]()
    for item in stored:
        each = states(item, chance)
        records += [change(old, new) for old, new in zip([None, *each], each, strict=False)]
        end.append(each[-1])
    return records, end


def change(old: Item | None, new: Item) -> Record:
    images = {"NewImage": new} | ({"OldImage": old} if old else {})
    return {"eventName": "MODIFY" if old else "INSERT", "dynamodb": images | {"ApproximateCreationDateTime": MADE_S}}


def shards(records: Sequence[Record], seed: str) -> dict[str, list[Record]]:
    """Spread over shards: those of one transaction stay together and in order, the transactions do not."""
    chance = random.Random(seed)
    ranks = {name: (chance.randrange(SHARDS), chance.random()) for name in sorted({name_of(one) for one in records})}
    found: dict[str, list[Record]] = {f"shardId-{at:06d}": [] for at in range(SHARDS)}
    for one in sorted(records, key=lambda one: ranks[name_of(one)][1]):
        shard = found[f"shardId-{ranks[name_of(one)][0]:06d}"]
        shard.append(one | {"dynamodb": one["dynamodb"] | {"SequenceNumber": f"{len(shard) + 1:021d}"}})
    return found


def name_of(record: Record) -> str:
    return str(record["dynamodb"]["NewImage"]["transaction_id"]["S"])


def deliver(by_shard: dict[str, list[Record]], again: float, seed: str) -> None:
    """In batches, the shards by turns; a share of the batches comes again later, in other pieces."""
    chance, done = random.Random(seed), dict.fromkeys(by_shard, 0)
    while waiting := [shard for shard, records in by_shard.items() if done[shard] < len(records)]:
        shard = chance.choice(waiting)
        count(shard, by_shard[shard][done[shard] : done[shard] + 40])
        done[shard] = min(done[shard] + 40, len(by_shard[shard]))
        if chance.random() < again:
            count(shard, by_shard[shard][chance.randrange(done[shard]) : done[shard]])


def count(shard: str, records: Sequence[Record]) -> None:
    context: Any = Context()
    stream.lambda_handler({"shardId": shard, "Records": records}, context)
