"""FraudShield before a payment, with the standard library of Python 3.11 alone. Copy it and change it.

python3 client.py PAYMENT.json        prints approve, review or block; of a review its verdict, when it comes
python3 client.py label ID TRUTH      says what a payment turned out to be: fraud or genuine
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

URL = os.environ.get("FRAUDSHIELD_URL", "http://127.0.0.1:8000")
TIME_OUT_S = float(os.environ.get("FRAUDSHIELD_TIME_OUT_S", "3"))  # it answers within 2.5 s, whatever fails
TRIES = 2
LABEL_TRIES = 5  # nobody waits for a label
HOLD_FROM = 500  # without any answer, what is dearer than this waits for a person
ASK_EVERY_S = float(os.environ.get("FRAUDSHIELD_ASK_EVERY_S", "10"))
VERDICT_WITHIN_S = float(os.environ.get("FRAUDSHIELD_VERDICT_WITHIN_S", "3600"))


class NoAnswer(Exception):
    """Nothing is known of what was sent; the same may be sent again."""


def call(method: str, path: str, body: object = None, key: str = "TEST_API_KEY") -> dict[str, Any]:
    """The response as JSON. Raises NoAnswer, or ValueError with what we did wrong."""
    headers = {"X-API-Key": os.environ[key], "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, sent, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIME_OUT_S) as response:
            found: dict[str, Any] = json.load(response)
            return found
    except urllib.error.HTTPError as exc:
        if exc.code == 429 or exc.code >= 500:
            raise NoAnswer(exc.code) from exc
        raise ValueError(exc.read().decode()) from exc  # our fault: sending it again would not help
    except (OSError, json.JSONDecodeError) as exc:  # a time-out is an OSError
        raise NoAnswer(exc) from exc


def decide(payment: dict[str, Any]) -> str:
    """approve, review or block. A retry has the same transaction_id, so it is decided once, whichever call arrived."""
    for _ in range(TRIES):
        try:
            [entry] = call("POST", "/api/v1/score", {"transactions": [payment]})["results"]
        except NoAnswer as exc:
            print(f"no answer: {exc}", file=sys.stderr)
            continue
        if not entry["persisted"]:  # it stands all the same: it is queued, and stored soon
            print("decided, and not stored yet", file=sys.stderr)
        return str(entry["decision"])
    return "review" if payment["amount"] >= HOLD_FROM else "approve"


def verdict(transaction_id: str) -> str:
    """What a person says of a payment in review: approve or block. Block where nobody says it in time."""
    until = time.monotonic() + VERDICT_WITHIN_S
    while time.monotonic() < until:
        try:
            stored = call("GET", f"/api/v1/database/transactions/{quote(transaction_id, safe='')}")
            if stored["label"] is not None:
                return "approve" if stored["label"]["label"] == "genuine" else "block"
        except (NoAnswer, ValueError):  # it may not be stored yet
            pass
        time.sleep(ASK_EVERY_S)
    return "block"


def report(transaction_id: str, truth: str) -> None:
    """Labels a payment, as when its chargeback comes. Safe to repeat. It takes the key of an analyst."""
    path = f"/api/v1/database/transactions/{quote(transaction_id, safe='')}/label"
    for left in reversed(range(LABEL_TRIES)):
        try:
            call("PUT", path, {"label": truth, "source": "chargeback"}, key="FRONTEND_API_KEY")
            return
        except NoAnswer:
            if not left:
                raise


def main(arguments: list[str]) -> None:
    """Does as the command line says."""
    if arguments[0] == "label":
        report(*arguments[1:])
        return
    payment = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    decision = decide(payment)
    print(decision, flush=True)
    if decision == "review":
        print(verdict(payment["transaction_id"]))


if __name__ == "__main__":
    main(sys.argv[1:])
