"""Rules, and a draft beside what is in force: what is shown and what is sent. The API's answers are played."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.axe import RUN_AXE
from tests.page.conftest import ADMIN, ANALYST, PICTURES, Open, Seeded, Tab

RULE = {"code": "new_payee", "outcome": "review", "when": "amount > 900 && type == 'TRANSFER'", "text": "A new payee"}
QUIET = {"code": "never", "outcome": "block", "when": "amount > 1e9"}
DIGEST = "d" * 64
HEAD = {"created_at": "2026-11-30T10:00:00Z", "created_by": "key-1", "note": "As it was"}
ACTIVE = HEAD | {"version": 2, "state": "active", "digest": "a" * 64, "rules": 2}
DRAFT = HEAD | {"version": 3, "state": "draft", "digest": DIGEST, "rules": 2, "note": "Fewer reviews"}
POLICY: dict[str, Any] = {"thresholds": {"review": 0.03, "block": 0.4}, "conditions": [], "expired": []}
IN_FULL = {
    2: ACTIVE | POLICY | {"rules": [RULE, QUIET]},
    3: DRAFT | POLICY | {"rules": [RULE, QUIET], "based_on": 2},
}
FIGURES = {
    **{"code": "new_payee", "in_force": True, "hits": 1200, "share": 0.012, "amount": 5400.5, "labelled_fraud": 30},
    **{"labelled_genuine": 10, "false_positive_share": 0.25, "accounts": 310, "accounts_at_least": False, "alone": 900},
    **{"overlap": {}, "only_beside": None, "not_evaluated": 4, "last_held_on": "2026-11-30"},
}
STATISTICS = {
    **{"event_type": "payment", "days": 30, "since": "2026-11-01", "until": "2026-11-30", "decisions": 100_000},
    **{"rules": [FIGURES], "never_held": ["never"]},
}
MEASURED = {"entity": "account", "accounts": 41, "enough": True, "why_not": None, "days_more": None}
UNKNOWN = {"difference": None, "low": None, "high": None, "entity": "account", "accounts": 3, "enough": False}
PAIRED = {
    "recall": MEASURED | {"difference": 0.031, "low": 0.012, "high": 0.05},
    "value_recall": MEASURED | {"difference": 0.01, "low": -0.01, "high": 0.03},
    "precision": UNKNOWN | {"why_not": "fewer than 6 accounts differ", "days_more": 12},
    "review_share": MEASURED | {"difference": 0.004, "low": 0.003, "high": 0.005},
}
NUMBERS = {"approve": 900, "review": 80, "block": 20}
MONEY = {"approve": 9000.0, "review": 800.5, "block": 200.0}
ANSWER = {
    **{
        "compared": 1000,
        "differs": 40,
        "outcomes": {"now": NUMBERS, "then": NUMBERS | {"approve": 880, "review": 100}},
    },
    "money": {"now": MONEY, "then": MONEY, "fraud": {"all": 500.0, "stopped_now": 200.0, "stopped_then": 300.0}},
    "labels": {"fraud": 50, "genuine_said": 20, "genuine_by_age": 600, "young": 300, "blocked": 30},
    "rules": [
        {
            "code": "new_payee",
            "hits": 60,
            "alone": 40,
            "amount": 600.0,
            "fraud": 9,
            "genuine": 3,
            "precision": 0.75,
            "not_evaluated": 0,
        }
    ],
    **{"paired": PAIRED, "sign_test": {"fraud": {"better": 12, "worse": 3, "p": 0.0176, "entity": "account"}}},
    **{"enough": True, "unknowable_share": {"payments": 0.1, "money": 0.2}, "not_kept_share": 0.0, "drafts_tried": 2},
}
TEST = ANSWER | {
    **{"backtest_id": "t-1", "status": "completed", "progress": 100, "version": 3, "digest": DIGEST, "against": 2},
    **{"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "error": None},
}
SAME = {
    "added": ["never"],
    "removed": [],
    "changed": [],
    "settings": [{"what": "thresholds", "before": 1, "after": 2}],
    "reordered": False,
}
MISSPELLED = {
    **{"status": 422, "code": "invalid_expression", "title": "Unprocessable", "detail": "The expression is not valid"},
    "errors": [
        {
            "pointer": "/when",
            "position": 9,
            "detail": "there is no field amout",
            "code": "unknown_name",
            "suggestion": "amount",
        }
    ],
}

SCREENS = {"rules": "rules", "version": "rules/3?test=t-1"}
Answers = dict[str, Any]


class Played:
    """Answers for paths below /api/v1/policy; what was sent there is kept."""

    def __init__(self, page: Page, answers: Answers) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.answers = answers
        page.route("**/api/v1/policy/**", self._answer)

    def _answer(self, route: Route) -> None:
        request, path = route.request, urlsplit(route.request.url).path.partition("/api/v1/policy/")[2]
        played = self.answers.get(f"{request.method} {path}")
        if request.method != "GET":
            body = request.post_data or ""
            self.sent.append((request.method, path, json.loads(body) if body.startswith("{") else body))
        if played is None:
            route.continue_()
            return
        answer = played(self.sent[-1][2]) if callable(played) else played
        status = answer.get("status")
        route.fulfill(status=status if isinstance(status, int) else 200, json=answer)


def check(body: Any) -> Any:
    """What the check of an expression answers."""
    if "amout" in body["when"]:
        return MISSPELLED
    tried = {"state": "held", "text_with_values": "amount (1000) > 900"} if "transaction" in body else {}
    return {"fields": ["amount"], "aggregates": [], "lists": [], "text": body["when"]} | tried


HELD_BACK = {
    **{"event_type": "payment", "version": 2, "open": True, "whole": False, "rules": ["new_payee"], "cause": "traffic"},
    **{"opened_at": "2026-11-30T10:00:00Z", "blocked": 30, "payments": 300, "closed_at": None, "note": ""},
    "limits": {"share": 0.1, "rule_share": 0.1, "rules": {}},
}
ANSWERS: Answers = {
    "GET breaker": HELD_BACK,
    "POST breaker/close": HELD_BACK,
    "GET versions": {"versions": [DRAFT, ACTIVE], "breaker": HELD_BACK, "next_cursor": None},
    "GET versions/2": IN_FULL[2],
    "GET versions/3": IN_FULL[3],
    "GET versions/2/difference": SAME,
    "GET versions/3/shadow": ANSWER | {"compared": 120},
    "GET rules/statistics": STATISTICS,
    "GET backtests/t-1": TEST,
    "POST check": check,
    "POST versions": IN_FULL[3],
    "PUT versions/3": IN_FULL[3],
    "POST versions/3/backtests": {"backtest_id": "t-1", "status": "pending"},
    "POST versions/3/activate": IN_FULL[3] | {"state": "active"},
}
Opened = Callable[..., tuple[Tab, Played]]


@pytest.fixture
def opened(tab: Open) -> Opened:
    def open_one(key: str = ADMIN, answers: Answers = ANSWERS, **how: Any) -> tuple[Tab, Played]:
        here = tab(key, **how)
        return here, Played(here.page, answers)

    return open_one


def test_rules_in_force_stand_with_what_they_did(opened: Opened, seeded: Seeded) -> None:
    here, _ = opened(ANALYST)
    page = here.go("rules")
    row = page.get_by_role("table", name="Rules in force").locator("tbody tr")
    assert row.count() == 2
    for text in ("new_payee", "1,200", "1.20 %", "5,400.50", "310", "75 % of 40", "not evaluated 4 times"):
        expect(row.first).to_contain_text(text)
    expect(row.last).to_contain_text("never held")
    assert page.get_by_role("table", name="Versions").locator("tbody tr").count() == 2
    expect(page.get_by_role("button", name="Begin with version 2")).to_have_count(0)  # an administrator's


def test_what_may_not_block_for_now_is_said_and_closed_by_an_administrator(opened: Opened, seeded: Seeded) -> None:
    here, api = opened()
    for route in ("rules", "rules/2", "rules/3"):
        said = here.go(route).get_by_label("Open breaker")
        for text in ("Rule new_payee may not block for now", "30 of the last 300 payments", "10.0 %", "that changed"):
            expect(said).to_contain_text(text)
    said.get_by_label("Note: why it may block again").fill("they are stolen")
    said.get_by_role("button", name="Close the breaker").click()
    expect(here.page.locator("[role=status]").first).to_contain_text("It blocks again")
    assert api.sent[-1] == ("POST", "breaker/close", {"event_type": "payment", "note": "they are stolen"})
    here, _ = opened(ANALYST)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    expect(here.go("rules").get_by_label("Open breaker")).to_be_visible()
    calls = [one.partition("/api/v1/")[2].partition("?")[0] for one in asked if "/api/v1/policy/" in one]
    assert sorted(calls) == ["policy/rules/statistics", "policy/versions", "policy/versions/2"]
    expect(here.page.get_by_role("button", name="Close the breaker")).to_have_count(0)


NO_RULE = IN_FULL[2] | {"rules": []}
STOLEN = {"code": "stolen_card", "outcome": "block", "when": "card in lists.stolen"}
LIBRARY = [
    {"event_type": "payment", "says": "A payee of today.", "aggregates": {}, "lists": {}, "rule": RULE}
    | {"reads": {"queries": 1, "look_ups": 0}},
    {"event_type": "payment", "says": "A stolen card.", "aggregates": {"n_1h": {}}, "lists": {"stolen": "text"}}
    | {"reads": {"queries": 2, "look_ups": 1}, "rule": STOLEN},
    {"event_type": "card_payment", "says": "Another type's.", "aggregates": {}, "lists": {}, "rule": QUIET}
    | {"reads": {"queries": 0, "look_ups": 0}},
]


def test_where_no_rule_is_in_force_the_library_offers_some_as_drafts(opened: Opened, seeded: Seeded) -> None:
    empty = {
        **{"GET versions": {"versions": [ACTIVE | {"rules": 0}], "next_cursor": None}, "GET versions/2": NO_RULE},
        "GET library": {"rules": LIBRARY, "count": 3},
    }
    here, api = opened(answers=ANSWERS | empty)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    page = here.go("rules")
    rows = page.get_by_role("table", name="Rules to begin with").locator("tbody tr")
    expect(rows).to_have_count(2)
    page.screenshot(path=PICTURES / "rules-empty-light.png", full_page=True, animations="disabled")
    for text in ("new_payee", "A payee of today.", "1 query"):
        expect(rows.first).to_contain_text(text)
    expect(rows.last).to_contain_text("2 queries and 1 look-up")
    expect(rows.last).to_contain_text("needs the list stolen, the aggregate n_1h")
    calls = [one.partition("/api/v1/")[2].partition("?")[0] for one in asked if "/api/v1/policy/" in one]
    assert sorted(calls) == ["policy/library", "policy/versions", "policy/versions/2"]
    page.get_by_role("button", name="Make a draft with new_payee").click()
    page.wait_for_url("**/#/rules/3")
    method, path, body = api.sent[-1]
    assert (method, path, body["rules"], body["based_on"]) == ("POST", "versions", [RULE], 2)
    assert body["note"] == "new_payee of the library"
    here, _ = opened(ANALYST, answers=ANSWERS | empty)
    expect(here.go("rules").get_by_role("table", name="Rules to begin with").locator("tbody tr")).to_have_count(2)
    expect(here.page.get_by_role("button", name="Make a draft")).to_have_count(0)


def test_what_a_control_share_may_lose_is_said_before_it_is_put_in_force(opened: Opened, seeded: Seeded) -> None:
    loss = {"share": 0.01, "blocks": 200, "payments": 2.0, "money": 55.5, "fraud_money": 12.0}
    said = (
        "Its control share (1.0 % of 200 blocks) would let 2.0 payments of 55.50 through, 12.00 of that labelled fraud"
    )
    drawn = IN_FULL[3] | {"control": {"share": 0.01, "max_amount": 100}}
    for control_loss, told in ((loss, said), (None, "a test on history says what that may lose")):
        answers = ANSWERS | {"GET versions/3": drawn | {"control_loss": control_loss}, "GET backtests/t-1": TEST}
        here, _ = opened(answers=answers)
        expect(here.go("rules/3").get_by_role("heading", name="Into force").locator("..")).to_contain_text(told)


def test_a_draft_is_written_with_a_check_of_every_word_and_kept(opened: Opened, seeded: Seeded) -> None:
    here, api = opened()
    page = here.go("rules")
    page.get_by_role("button", name="Begin with version 2").click()
    page.wait_for_url("**/#/rules/3")
    assert api.sent[0][2]["rules"] == [RULE, QUIET]
    page.get_by_role("button", name="Add a rule").click()
    form = page.locator("details.rule").last
    form.get_by_label("Code").fill("large")
    form.get_by_label("When").fill("1000.0 < amout")
    expect(form.locator("mark")).to_have_text("amout")
    form.get_by_role("button", name="Use amount").click()
    expect(form.get_by_label("When")).to_have_value("1000.0 < amount")
    expect(form).to_contain_text("reads amount")
    form.get_by_label("Try it on a payment").fill(seeded.sent[0]["transaction_id"])
    form.get_by_role("button", name="Try").click()
    expect(form).to_contain_text("It holds: amount (1000) > 900")
    tried = next(body for _, path, body in reversed(api.sent) if path == "check")
    assert tried["transaction"]["transaction_id"] == seeded.sent[0]["transaction_id"]
    assert not tried["transaction"].keys() & {"source", "decision", "received_at"}
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.locator("[role=status]").first).to_contain_text("The draft is kept")
    method, path, body = api.sent[-1]
    assert (method, path, body["based_on_digest"]) == ("PUT", "versions/3", DIGEST)
    assert body["rules"][-1] == {"code": "large", "outcome": "review", "when": "1000.0 < amount"}
    assert not body.keys() & {"version", "state", "digest", "created_at"}


def test_a_draft_stands_beside_what_is_in_force_with_the_shadow_first(opened: Opened, seeded: Seeded) -> None:
    here, api = opened()
    page = here.go("rules/3")
    page.get_by_role("button", name="Test it").click()
    expect(page.get_by_role("img", name="Test: differences with their intervals")).to_be_visible()
    page.wait_for_url("**test=t-1")
    here.settled()
    assert {*api.sent[0][2]} == {"from", "to"}
    headings = page.locator(".grid-even h2").all_inner_texts()
    assert headings == ["Shadow: what came since", "Test on history"]
    test = page.locator(".grid-even .panel").last
    expect(test.locator(".verdict")).to_have_text("It is better in some measures and worse in others: weigh them.")
    expect(test).to_contain_text("Recall +3.10 points, 95 % interval +1.20 to +5.00, over 41 of account")
    expect(test).to_contain_text("Precision: not enough data (fewer than 6 accounts differ), about 12 more days")
    expect(test).to_contain_text("12 and 3, p = 0.018")
    page.screenshot(path=PICTURES / "draft-light.png", full_page=True, animations="disabled")
    page.emulate_media(media="print")
    expect(page.locator(".signatures")).to_be_visible()
    expect(page.locator("#app > header")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    page.emulate_media(media="screen")
    page.get_by_label("Note: why", exact=True).fill("The committee agreed")
    page.get_by_role("button", name="Put it in force").click()
    expect(page.locator("[role=status]").first).to_contain_text("Version 3 is in force")
    assert api.sent[-1] == ("POST", "versions/3/activate", {"note": "The committee agreed"})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_rules(opened: Opened, seeded: Seeded, scheme: str) -> None:
    here, _ = opened(scheme=scheme)
    for name, route in SCREENS.items():
        page = here.go(route)
        page.screenshot(path=PICTURES / f"{name}-{scheme}.png", full_page=True, animations="disabled")
        page.evaluate((PICTURES / "axe.js").read_text())
        problems = page.evaluate(RUN_AXE)
        assert [one for one in problems if one["impact"] in {"serious", "critical"}] == []


def test_rules_fit_into_360_pixels(opened: Opened, seeded: Seeded) -> None:
    here, _ = opened(width=360)
    for name, route in SCREENS.items():
        page = here.go(route)
        page.screenshot(path=PICTURES / f"{name}-narrow.png", full_page=True, animations="disabled")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
