"""Stored payments that rules held for, what the stream tells of them, and what the statistics should say."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from fraudshield.analytics import counter_wiring
from fraudshield.aws.client import counting_dynamodb
from fraudshield.text.json_text import json_text
from tests.stream_history import Item, Record, count, history, items

CODES = ("new_device", "many_cards", "night", "structuring", "trusted")
NEVER = "dormant_wakes"
STARS = {"night": "many_cards"}  # holds only beside another


class Killed(BaseException):
    """A process that is gone raises nothing that anybody could handle."""


def killing(every: int) -> Iterator[None]:
    """Each time it is asked a batch begins; in every so many of them a write ends its process, before or after it."""
    plan: dict[str, str | None] = {"when": None}

    def end(when: str) -> Any:
        def stop(**_: Any) -> None:
            if plan["when"] == when:
                plan["when"] = None
                counter_wiring.stream_counter.cache_clear()
                raise Killed

        return stop

    for when in ("before-call", "after-call"):
        counting_dynamodb().meta.events.register(f"{when}.dynamodb.TransactWriteItems", end(when))
    number = 0
    while True:
        number += 1
        plan["when"] = None if number % every else ("before-call", "after-call")[number // every % 2]
        yield


def ruled(number: int, seed: str, days: int = 20) -> tuple[list[Record], list[Item]]:
    """Records of payments with rules, some of which are labelled, and the items as they are at the end."""
    chance = random.Random(seed)
    made = [one | _rules(chance) for one in items(number, seed, days) if one["source"]["S"] != "store"]
    return history(made, seed)


def _rules(chance: random.Random) -> Item:
    held = [code for code in CODES if chance.random() < 0.15 and code not in STARS]
    held += [code for code, beside in STARS.items() if beside in held and chance.random() < 0.5]
    if chance.random() < 0.1:
        return ruled_by(held, ["structuring_24h"])
    return ruled_by(held) if held else {}


def ruled_by(held: Iterable[str], unread: Iterable[str] = ()) -> Item:
    """The attribute that says which rules held, and which were not evaluated."""
    states = [{"code": code, "outcome": "review", "state": "held", "why": ""} for code in held]
    states += [{"code": code, "outcome": "review", "state": "not_evaluated", "why": "unread"} for code in unread]
    return {"rules": {"S": json_text(states)}}


def deliver_until_counted(by_shard: dict[str, list[Record]], kills: Iterator[None], seed: str) -> None:
    """In batches, a fifth of them again; where a process is killed its batch comes again."""
    chance, done = random.Random(seed), dict.fromkeys(by_shard, 0)
    while waiting := [shard for shard, records in by_shard.items() if done[shard] < len(records)]:
        shard = chance.choice(waiting)
        size = chance.randrange(1, 60)
        first = max(0, done[shard] - chance.randrange(40)) if chance.random() < 0.2 else done[shard]
        batch = by_shard[shard][first : done[shard] + size]
        next(kills, None)
        try:
            count(shard, batch)
        except Killed:
            count(shard, batch)
        done[shard] = min(done[shard] + size, len(by_shard[shard]))


def expected(end: Sequence[Item], days: int) -> dict[str, Any]:
    """Of each rule, by another way than the counting: the payments themselves, gone through for every figure."""
    first = (datetime.now(UTC) - timedelta(days=days - 1)).date().isoformat()
    inside = [one for one in end if one["occurred_at"]["S"][:10] >= first and one["source"]["S"] in {"api", "queue"}]
    return {code: _of(code, inside) for code in (*CODES, "structuring_24h")}


def wrong(response: Any, end: Sequence[Item], days: int = 30) -> list[str]:
    """What the statistics say that the payments do not."""
    shown = {one["code"]: one for one in response["rules"]}
    return [
        f"{code} {name}: {shown[code][name]}, not {value}"
        for code, figures in expected(end, days).items()
        if any(figures.values())
        for name, value in figures.items()
        if shown[code][name] != value
    ]


def held_for(one: Item) -> set[str]:
    """The codes of the rules that held."""
    return _states(one, "held")


def _states(one: Item, state: str) -> set[str]:
    told = one["rules"]["S"] if "rules" in one else ""
    return {code for code in (*CODES, "structuring_24h") if f'"code":"{code}"' in told and _is(told, code, state)}


def _is(told: str, code: str, state: str) -> bool:
    return f'"state":"{state}"' in told.split(f'"code":"{code}"')[1].split("}", maxsplit=1)[0]


def _of(code: str, inside: Iterable[Item]) -> dict[str, Any]:
    payments = list(inside)
    hits = [one for one in payments if code in held_for(one)]
    labels = Counter(one["label"]["S"] for one in hits if "label" in one)
    pairs = Counter(pair for one in hits for pair in permutations(held_for(one), 2))
    return {
        "hits": len(hits),
        "amount": float(sum((Decimal(one["amount"]["N"]) for one in hits), Decimal(0))),
        "labelled_fraud": labels["fraud"],
        "labelled_genuine": labels["genuine"],
        "accounts": len({one["nameOrig"]["S"] for one in hits}),
        "alone": sum(held_for(one) == {code} for one in hits),
        "overlap": {other: pairs[code, other] for other in CODES if pairs[code, other]},
        "not_evaluated": sum(code in _states(one, "not_evaluated") for one in payments),
    }
