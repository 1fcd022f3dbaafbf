"""A thousand planted names, balances, keys, addresses and card numbers are in no line of the log, crashes included."""

import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from functions.ingest import app as ingest
from functions.ingest import worker as scoring_worker
from functions.notification import app as notification
from functions.notification import feedback, notice, retry, stream, worker
from functions.policy import app as policy
from tests.caller import EXPLAIN, SCORE, Caller, Context
from tests.integration.notification.test_notification import FLAGGED
from tests.notification_app import NotificationApp, deliver, record, records
from tests.stack import Stack

EVENTS = Path(__file__).parents[3] / "events"
OF_EACH, AT_ONCE = 200, 40
CHANCE = random.Random("canaries")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _word() -> str:
    return "".join(CHANCE.choices(LETTERS, k=12))


NAMES = [f"C{_word()}" for _ in range(OF_EACH)]
BALANCES = [Decimal(CHANCE.randrange(10**11, 10**12)) / 100 for _ in range(OF_EACH)]
KEYS = [f"key-{_word()}{_word()}" for _ in range(OF_EACH)]
ADDRESSES = [f"{_word().lower()}@canary.example" for _ in range(OF_EACH)]
CARDS = ["4" + "".join(CHANCE.choices("0123456789", k=15)) for _ in range(OF_EACH)]
PLANTED = {*NAMES, *map(str, BALANCES), *KEYS, *ADDRESSES, *CARDS}


def leaks(text: str) -> list[str]:
    """Canaries in it, however they are spelled."""
    plain = text.lower()
    return [one for one in PLANTED if one.lower() in plain]


def transactions(first: int, number: int) -> list[dict[str, Any]]:
    """Each with canaries of its own; amounts that are all of the balance, so that they are flagged."""
    return [
        FLAGGED
        | {
            "transaction_id": f"c-{one}",
            "nameOrig": NAMES[one],
            "nameDest": NAMES[OF_EACH - 1 - one],
            "amount": float(BALANCES[one]),
            "oldbalanceOrg": float(BALANCES[one]),
            "newbalanceOrig": 0,
        }
        for one in range(first, first + number)
    ]


DEVICES = {
    "name": "web_payment",
    "extends": "payment",
    "unknown": "keep",
    "fields": {
        "device": {"kind": "text", "personal": True, "from": "/client/device"},
        "note": {"kind": "text"},
        "fee": {"kind": "money"},
        "attempts": {"kind": "integer"},
    },
}


def own(first: int) -> list[dict[str, Any]]:
    """Payments of a type of one's own, with canaries in its fields, in what it keeps, and where they do not belong."""
    good = [
        {
            **sent,
            "transaction_id": f"own-{one}",
            "client": {"device": NAMES[one]},
            "note": ADDRESSES[one],
            "fee": float(BALANCES[one]),
            "theirs": {"key": KEYS[one]},
        }
        for one, sent in enumerate(transactions(first, AT_ONCE), start=first)
    ]
    wrong = {"client": {"device": [NAMES[first]]}, "attempts": NAMES[first], "note": f"{ADDRESSES[first]}\n"}
    return [*good, *({**good[0], **{name: value}} for name, value in wrong.items()), {**good[0], "card": CARDS[first]}]


def bad(first: int) -> list[Any]:
    """Transactions with canaries where they do not belong."""
    return [entry for one in range(first, first + AT_ONCE) for entry in _bad(one)]


def _bad(one: int) -> list[Any]:
    return [
        FLAGGED | {"transaction_id": f"bad-{one}", "nameOrig": f"{NAMES[one]}\n", "step": CARDS[one]},
        FLAGGED | {"transaction_id": f"bad-{one}", CARDS[one]: KEYS[one]},
        FLAGGED | {"transaction_id": f"bad-{one}", "type": CARDS[one], "oldbalanceOrg": ADDRESSES[one]},
        CARDS[one],
    ]


def use(caller: Caller, one: int) -> None:
    """Scoring, explaining and taking in; what is good, bad, twice and no JSON."""
    caller.score(*transactions(one, AT_ONCE), *bad(one))
    caller.score(transactions(one, 1)[0] | {"amount": 1})
    caller.score(*own(one), event_type="web_payment")
    caller.send("POST", EXPLAIN, {"event_type": "web_payment", "transaction": own(one)[0] | {"attempts": NAMES[one]}})
    caller.send("POST", EXPLAIN, {"transaction": transactions(one, 1)[0] | {"step": NAMES[one]}})
    caller.send_text("POST", SCORE, f'{{"{CARDS[one]}": {KEYS[one]}')
    taker = Caller(caller.key_id, caller.headers, ingest.lambda_handler)
    taker.send("POST", "/api/v1/ingest/ingest", {"transactions": [*transactions(one, AT_ONCE), *bad(one)]})


def people(caller: Caller, one: int) -> None:
    """Subscribers and alerts, good and bad."""
    prefix, name = "/api/v1/notifications", NAMES[one]
    who = {"notification_type": "high_risk_alerts", "contact": {"name": name, "email": ADDRESSES[one]}}
    caller.send("POST", f"{prefix}/subscribers", who)
    caller.send("POST", f"{prefix}/subscribers", who | {"contact": {"name": name, "email": f"{ADDRESSES[one]}\r\n"}})
    caller.send(
        "POST", f"{prefix}/system-alert", {"alert_type": f"t{one}", "message": CARDS[one], "details": {"a": name}}
    )
    caller.send("POST", f"{prefix}/fraud-alert", {"transaction": transactions(one, 1)[0], "risk_score": name})
    caller.send("GET", f"{prefix}/confirm?token={ADDRESSES[one]}.{CARDS[one]}.x")
    caller.send("DELETE", f"{prefix}/subscribers/{ADDRESSES[one]}")


def crash(one: int) -> None:
    """What every consumer does with what it cannot read, and when a thing it needs is away."""
    name, card, address = NAMES[one], CARDS[one], ADDRESSES[one]
    queued = {
        "messageId": "m",
        "eventSource": "aws:sqs",
        "body": json.dumps({"transaction": {name: card}, "a": address}),
    }
    event = {"Records": [queued]}
    scoring_worker.lambda_handler(event, Context())  # type: ignore[arg-type]
    retry.lambda_handler(event, Context())  # type: ignore[arg-type]
    stream.lambda_handler({"Records": [record({"record": {"S": "transaction"}, "outcome": {"S": name}})]}, Context())
    for handler, told in ((feedback, "notification_feedback_bounce"), (notice, "notification_sns_job")):
        sns = json.loads((EVENTS / f"{told}.json").read_text())
        for message in (json.dumps({"job_id": name, "eventType": "Bounce", "mail": address}), f"{card} {address}"):
            sns["Records"][0]["Sns"]["Message"] = message
            handler.lambda_handler(sns, Context())


@pytest.mark.parametrize("rounds", [1, pytest.param(OF_EACH // AT_ONCE, marks=pytest.mark.long)])
def test_a_thousand_canaries_are_in_no_line_of_the_log(
    stack: Stack, rounds: int, written: Callable[[], str], told: Callable[..., None]
) -> None:
    service = NotificationApp(stack)
    types = Caller(handler=policy.lambda_handler)
    assert types.send("POST", "/api/v1/policy/event-types", DEVICES).status == 201
    for one in range(0, rounds * AT_ONCE, AT_ONCE):
        caller = Caller(headers={"X-API-Key": KEYS[one], "Authorization": KEYS[one + 1], "From": ADDRESSES[one]})
        use(caller, one)
        people(Caller(headers=caller.headers, handler=notification.lambda_handler), one)
        crash(one)
    service.confirmed(ADDRESSES[0])
    deliver(records(stack))
    service.work()
    told(AWS_ENDPOINT_URL_SESV2="http://127.0.0.1:9")
    deliver(records(stack))
    worker.lambda_handler({"Records": []}, Context())  # type: ignore[arg-type]
    told(
        TRANSACTIONS_TABLE="nothing-there", NOTIFICATIONS_TABLE="nothing-there", INGEST_QUEUE_URL="http://127.0.0.1:9/q"
    )
    use(caller, 0)
    people(Caller(headers=caller.headers, handler=notification.lambda_handler), 0)
    said = written()
    assert all(name in said for name in ("c-0", "own-0"))  # or else this listens to nothing
    assert len(PLANTED) == 5 * OF_EACH
    assert leaks(said) == []


@pytest.mark.parametrize("planted", [NAMES[7], str(BALANCES[7]), KEYS[7], ADDRESSES[7], CARDS[7]])
def test_a_leak_would_be_noticed(planted: str) -> None:
    assert leaks(f'{{"message": "not taken: {planted.upper()}"}}') == [planted]
