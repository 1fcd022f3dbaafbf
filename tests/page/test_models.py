"""Models: what is shown of each, and what is sent to have one judged, compared and put in force. Answers are played."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.axe import RUN_AXE
from tests.page.conftest import ADMIN, ANALYST, PICTURES, Open, Seeded, Tab
from tests.page.test_rules import ANSWER

AREA = {"value": 0.812, "low": 0.77, "high": 0.85}
CURVES = {
    "precision_recall": {"model": [[0.0, 1.0], [0.5, 0.9], [1.0, 0.1]], "logistic": [[0.0, 0.8], [1.0, 0.05]]},
    "reliability": [[0.001, 0.0012, 4000.0], [0.02, 0.018, 900.0], [0.4, 0.43, 80.0]],
}
METRICS = {
    "scores": {"model": {"auprc": AREA}, "logistic": {"auprc": AREA | {"value": 0.61}}},
    "test": {"rows": 20_000, "frauds": 120},
    "curves": CURVES,
    "expected_over_observed": {"all": {"value": 1.04, "low": 0.9, "high": 1.2}},
}


def model(version: str, state: str) -> dict[str, Any]:
    head = {"version": version, "state": state, "event_type": "payment", "trained_at": "2026-11-01T00:00:00Z"}
    return head | {"metrics": METRICS, "sha256": version[-1] * 64, "has_report": True}


CHAMPION = {"event_type": "payment", "version": "2027.1", "sha256": "1" * 64, "policy_version": 4}
VERSIONS = {
    "versions": [model("2027.3", "published"), model("2027.2", "challenger"), model("2027.1", "champion")],
    "champion": CHAMPION,
    "challengers": [{"version": "2027.2", "sha256": "2" * 64, "since": "2026-11-20T00:00:00Z"}],
}
COMPARED = ANSWER | {
    **{"comparison_id": "c-1", "status": "completed", "progress": 100, "trained_on": 340, "error": None},
    **{"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "rules": []},
    "gate": {"passes": False, "why_not": "It may find 3.1% less of the money, and 2.0% is the most", "margin": 0.02},
}
BETTER = COMPARED | {"gate": {"passes": True, "why_not": None, "margin": 0.02}}
UNCOMPARED = {"status": 409, "code": "not_compared", "title": "Conflict", "detail": "It was not compared"}


class Played:
    """Answers for paths below /api/v1/model; what was sent there is kept."""

    def __init__(self, page: Page) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.answers: dict[str, Any] = {
            "GET versions": VERSIONS,
            "GET versions/2027.2/shadow": ANSWER | {"compared": 120, "rules": []},
            "GET comparisons/c-1": COMPARED,
            "POST comparisons": {"comparison_id": "c-1", "status": "pending"},
            "POST versions/2027.3/challenge": {"event_type": "payment", "challengers": []},
            "POST versions/2027.3/activate": UNCOMPARED,
            "POST versions/2027.2/activate": CHAMPION | {"version": "2027.2"},
            "POST rollback": CHAMPION | {"version": "2027.0"},
        }
        page.route("**/api/v1/model/**", self._answer)

    def _answer(self, route: Route) -> None:
        request = route.request
        path = request.url.partition("/api/v1/model/")[2].partition("?")[0]
        played = self.answers.get(f"{request.method} {path}")
        if request.method != "GET":
            self.sent.append((request.method, path, json.loads(request.post_data or "null")))
        if played is None:
            route.continue_()
            return
        status = played.get("status")
        route.fulfill(status=status if isinstance(status, int) else 200, json=played)


@pytest.fixture
def opened(tab: Open) -> Any:
    def open_one(key: str = ADMIN, **how: Any) -> tuple[Tab, Played]:
        here = tab(key, **how)
        return here, Played(here.page)

    return open_one


def test_models_stand_with_their_state_their_curves_and_how_they_compare(opened: Any, seeded: Seeded) -> None:
    here, _ = opened(ANALYST)
    page = here.go("models?version=2027.2&test=c-1")
    rows = page.get_by_role("table", name="Published models").locator("tbody tr")
    assert rows.count() == 3
    for text in ("2027.3", "published", "0.812", "0.770 to 0.850", "20,000"):
        expect(rows.first).to_contain_text(text)
    expect(page.get_by_role("heading", name="In force: 2027.1")).to_be_visible()
    expect(page.get_by_text("120 of them fraud")).to_be_visible()
    expect(page.locator("figure.curves")).to_have_count(2)
    expect(page.get_by_text("It does not pass the gate: It may find 3.1% less of the money")).to_be_visible()
    expect(page.get_by_text("340 payments that it was trained on are left out")).to_be_visible()
    expect(page.get_by_text("over 41 of account")).to_have_count(6)  # in shadow, and on history
    for name in ("Put it in force", "Roll back", "Make it a challenger"):  # an administrator's
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_one_is_made_a_challenger_compared_and_put_in_force(opened: Any, seeded: Seeded) -> None:
    here, api = opened()
    page = here.go("models?version=2027.3")
    page.get_by_role("button", name="Make it a challenger").click()
    expect(page.locator("[role=status]").first).to_contain_text("2027.3 is judged beside")
    page.get_by_label("Payments from").fill("2026-11-01")
    page.get_by_label("Until").fill("2026-12-01")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**test=c-1")
    span = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    assert api.sent[-1] == ("POST", "comparisons", {"challenger": "2027.3", **span})
    page.get_by_label("Note: why").fill("finds more")
    page.get_by_role("button", name="Put it in force").click()
    expect(page.get_by_text("not_compared")).to_be_visible()
    assert api.sent[-1] == ("POST", "versions/2027.3/activate", {"note": "finds more"})

    api.answers["GET comparisons/c-1"] = BETTER
    page = here.go("models?version=2027.2&test=c-1")
    expect(page.get_by_text("It passes the gate.")).to_be_visible()
    page.get_by_label("Note: why").fill("finds more")
    page.get_by_label("Policy version").fill("5")
    page.get_by_label("without a comparison").check()
    page.get_by_role("button", name="Put it in force").click()
    expect(page.locator("[role=status]").first).to_contain_text("2027.2 is in force")
    assert api.sent[-1][2] == {"note": "finds more", "policy_version": 5, "force": True}
    page.get_by_role("button", name="Roll back").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("[role=status]").first).to_contain_text("2027.0 is in force again")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened: Any, seeded: Seeded, scheme: str) -> None:
    here, _ = opened(scheme=scheme)
    page = here.go("models?version=2027.2&test=c-1")
    here.settled()
    page.screenshot(path=PICTURES / f"models-compared-{scheme}.png", full_page=True, animations="disabled")
    page.evaluate((PICTURES / "axe.js").read_text())
    assert [one for one in page.evaluate(RUN_AXE) if one["impact"] in {"serious", "critical"}] == []


def test_it_fits_into_360_pixels(opened: Any, seeded: Seeded) -> None:
    here, _ = opened(width=360)
    page = here.go("models?version=2027.2&test=c-1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
