"""`fraudshield policy test` and `policy library`: what they ask of the API, what they print, how they end."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from infra.cli.policy.comparison import is_worse, lines, verdict
from infra.rule_library import LIBRARY
from tests.cli.command import ROOT, Run

MEASURED = {"entity": "account", "accounts": 41, "enough": True, "why_not": None, "days_more": None}
NUMBERS = {"approve": 12_900, "review": 80, "block": 20}
MONEY = {"approve": 9000.0, "review": 800.5, "block": 200.0}
SIGNS = {"entity": "account"}
RULE = {"code": "large", "hits": 60, "alone": 40, "amount": 600.0, "fraud": 9, "genuine": 3}


def measure(low: float, high: float) -> dict[str, Any]:
    return MEASURED | {"difference": (low + high) / 2, "low": low, "high": high}


UNKNOWN = {
    **{"difference": None, "low": None, "high": None, "entity": "account", "accounts": 3, "enough": False},
    **{"why_not": "3 accounts are decided otherwise, and 6 are needed", "days_more": 12},
}
TEST: dict[str, Any] = {
    **{"backtest_id": "t-1", "status": "completed", "progress": 100.0, "version": 3, "against": 2, "error": None},
    **{"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T12:30:45Z", "compared": 13_000, "differs": 40},
    "control": {"share": 0.01, "blocks": 200, "payments": 2.0, "money": 55.5, "fraud_money": 12.0},
    "outcomes": {"now": NUMBERS, "then": NUMBERS | {"approve": 12_880, "review": 100}},
    "money": {"now": MONEY, "then": MONEY, "fraud": {"all": 500.0, "stopped_now": 200.0, "stopped_then": 300.0}},
    "labels": {"fraud": 50, "genuine_said": 20, "genuine_by_age": 600, "young": 300, "blocked": 30},
    "rules": [RULE | {"precision": 0.75, "not_evaluated": 1}],
    "paired": {"recall": measure(0.012, 0.05), "precision": UNKNOWN, "review_share": measure(-0.005, -0.003)},
    "sign_test": {
        "fraud": SIGNS | {"better": 12, "worse": 3, "p": 0.0176},
        "genuine": SIGNS | {"better": 1, "worse": 0, "p": None},
    },
    **{"unknowable_share": {"payments": 0.1, "money": 0.2}, "not_kept_share": 0.03, "drafts_tried": 2},
}
TOLD = """\
Its control share (1.0 % of 200 blocks) would let 2.0 payments of 55.50 EUR through, 12.00 EUR of that labelled fraud: \
all of it may be lost.

Version 3 against version 2, payments from 2026-11-01 to 2026-11-30T12:30Z: 13,000 compared, 40 decided otherwise.

decided                  now    then     money now  money then
approve               12,900  12,880  9,000.00 EUR  9,000.00 EUR
review                    80     100    800.50 EUR  800.50 EUR
block                     20      20    200.00 EUR  200.00 EUR
fraud stopped  of 500.00 EUR            200.00 EUR  300.00 EUR

measure    points   from     to  at 95 %, of
recall      +3.10  +1.20  +5.00  41 accounts
precision       -      -      -  not enough data: 3 accounts are decided otherwise, and 6 are needed, about 12 more days
reviews     -0.40  -0.50  -0.30  41 accounts

sign test            better  worse  p
fraud, by account        12      3  0.018
genuine, by account       1      0  -

rule   held  alone  fraud  genuine  precision       money  not evaluated
large    60     40      9        3     75.0 %  600.00 EUR  1

Known of them: 50 fraud, 20 said to be genuine, 600 genuine by age, 300 too young to know, 30 blocked and never to be \
known.
What nobody can judge: of what differs 10.0 %, and 20.0 % of its money, was blocked and has no label.
With 3.0 % of them something was not kept that a rule of it reads.
Drafts tried on these days: 2; the intervals allow for that.
It is better than what is in force.
"""


class PolicyApi(BaseHTTPRequestHandler):
    """Answers by method and path; a list is taken one by one. What was sent is kept."""

    answers: ClassVar[dict[str, Any]] = {}
    sent: ClassVar[list[tuple[str, Any]]] = []

    def do_GET(self) -> None:
        """What is there."""
        self._answer("GET")

    def do_POST(self) -> None:
        """What is made."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.sent.append((self.path.removeprefix("/api/v1/policy/"), body))
        self._answer("POST")

    def _answer(self, method: str) -> None:
        found = self.answers.get(f"{method} {urlsplit(self.path).path.removeprefix('/api/v1/policy/')}")
        body = found.pop(0) if isinstance(found, list) else found
        content = json.dumps(body if body is not None else {"detail": f"{self.path} is not there"}).encode()
        self.send_response(404 if body is None else body.get("status_code", 200))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def policy(run: Run) -> Iterator[Run]:
    """`fraudshield policy ...` against the answers of `PolicyApi`."""
    PolicyApi.sent, PolicyApi.answers = [], {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), PolicyApi)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    reached = ("--url", f"http://127.0.0.1:{server.server_port}", "--key", "key")
    yield lambda *arguments: run("policy", *arguments, *reached)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_test_is_waited_for_and_printed_with_its_verdict(policy: Run) -> None:
    running = {"status": "running", "progress": 40.0}
    PolicyApi.answers = {
        "POST versions/3/backtests": {"backtest_id": "t-1", "status": "pending"},
        "GET backtests/t-1": [running, TEST, TEST],
        "GET event-types/payment": {"reporting_currency": "EUR"},
    }
    done = policy("test", 3, "--from", "2026-11-01", "--to", "2026-11-30T13:30+01:00")
    assert (done.code, done.out, done.err) == (0, TOLD, "running, 40 %\n")
    assert PolicyApi.sent == [
        (
            "versions/3/backtests?event_type=payment",
            {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T12:30:00Z"},
        )
    ]
    as_json = policy("test", 3, "--json")
    assert json.loads(as_json.out) == TEST


def test_a_test_that_finds_it_worse_or_does_not_finish_ends_otherwise(policy: Run) -> None:
    worse = TEST | {"paired": {"recall": measure(-0.02, -0.01)}}
    failed = {"status": "failed", "progress": 0.0, "error": {"code": "parts_failed", "detail": "Parts failed"}}
    PolicyApi.answers = {
        "POST versions/3/backtests": {"backtest_id": "t-1", "status": "pending"},
        "GET backtests/t-1": [worse, failed],
    }
    done = policy("test", 3, "--currency", "points")
    assert (done.code, done.out.splitlines()[-1]) == (1, "It is worse than what is in force.")
    assert "200.00 points" in done.out
    assert policy("test", 3).code == 2
    refused = policy("test", 3, "--from", "yesterday")
    assert (refused.code, refused.err) == (
        2,
        "fraudshield: --from yesterday is no day or time: expected as in 2026-11-24 or 2026-11-24T12:00Z\n",
    )
    assert policy("test", 4).code == 2


@pytest.mark.parametrize(
    ("paired", "said"),
    [
        ({"recall": UNKNOWN}, "Not enough data to say whether it is better."),
        ({"recall": measure(-0.01, 0.02)}, "No difference is to be seen."),
        ({"review_share": measure(0.01, 0.02)}, "It is worse than what is in force."),
        (
            {"recall": measure(0.01, 0.02), "review_share": measure(0.01, 0.02)},
            "It is better in some measures and worse in others: weigh them.",
        ),
    ],
)
def test_the_verdict_is_the_page_s(paired: Any, said: str) -> None:
    answer = TEST | {"paired": paired}
    assert verdict(answer) == said == list(lines(answer))[-1]
    assert said in (ROOT / "functions/gateway/page/screen/comparison.js").read_text(encoding="utf-8")
    assert is_worse(answer) is ("worse" in said)


def test_the_library_is_listed_and_a_rule_of_it_becomes_a_draft(policy: Run) -> None:
    rules = json.loads(LIBRARY.read_text(encoding="utf-8"))
    own = {"code": "own", "outcome": "review", "when": "amount > 1"}
    in_force = {"version": 4, "thresholds": {"review": 0.1, "block": 0.5}, "rules": [own], "note": "before"}
    PolicyApi.answers = {
        "GET library": {"rules": rules},
        "GET versions": {"versions": [{"version": 4, "state": "active"}]},
        "GET versions/4": in_force,
        "POST versions": [{"version": 5}, {"status_code": 422, "detail": "/rules/1/when: there is no list so"}],
    }
    listed = policy("library").out
    assert "structuring             payment       review   1 query\n  Several payments just under" in listed
    assert "stolen_card             card_payment  block    1 look-up\n" in listed
    assert len(listed.splitlines()) == 2 * len(rules)
    made = policy("library", "structuring")
    assert (made.code, made.out) == (0, "Draft 5 has it; `fraudshield policy test 5` says what it would do\n")
    [(path, sent)] = PolicyApi.sent
    [structuring] = [one["rule"] for one in rules if one["rule"]["code"] == "structuring"]
    assert (path, sent["based_on"], sent["event_type"]) == ("versions", 4, "payment")
    assert (sent["rules"], sent["note"]) == ([own, structuring], "structuring of the library")
    assert sent["thresholds"] == in_force["thresholds"]
    lacking = policy("library", "stolen_card", "--event-type", "payment")
    assert lacking.code == 2
    assert "; it needs `fraudshield lists put stolen_cards --kind text`" in lacking.err
    assert policy("library", "no_such_rule").code == 2
    in_force["rules"] = [own, structuring]
    twice = policy("library", "structuring")
    assert (twice.code, len(PolicyApi.sent)) == (2, 2)
