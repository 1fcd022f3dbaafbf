"""A challenger from its publication to the champion's place: judged beside it, compared, let through by the gate."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from fraudshield.label import wiring as label_wiring
from fraudshield.label.label import Label
from infra.cli.models.comparison import said
from tests.authors import ADA
from tests.backtest.run import run_to_end
from tests.caller import Caller
from tests.job_run import Batch
from tests.published.card_sales import ADMIN, FIRST, MODELS, OF_SALES, RANKS, activate, put_model, sales, scored
from tests.published.own_model import above, write_model
from tests.stack import Stack
from tests.stream_history import change, count, shards

COMPARISONS = "/api/v1/model/comparisons"
SPAN = {"from": "2026-11-20T00:00:00Z", "to": "2026-11-28T00:00:00Z"}
BY_AMOUNT, BY_CHANNEL = [above(0, 1000.0, 0.3)], [above(2, 0.5, 0.06)]  # whose risks are of other scales
ACCOUNTS = 16


def pay() -> None:
    """A fraud by the web and a genuine payment in a shop for each card; of both every other one is over 1,000."""
    sent = [
        FIRST | {"sale_id": f"{kind}-{at}", "card": f"c{at}", "channel": channel, "amount": 2000 if at % 2 else 100}
        for at in range(ACCOUNTS)
        for kind, channel in (("fraud", "web"), ("genuine", "shop"))
    ]
    scored(*sent)
    for one in sent:
        kind: Literal["fraud", "genuine"] = "fraud" if one["channel"] == "web" else "genuine"
        label_wiring.labels().add(str(one["sale_id"]), Label(kind, "chargeback", datetime.now(UTC)), ADA)


def compared(batch: Batch, challenger: str, **more: str) -> Any:
    started = ADMIN.send("POST", COMPARISONS + OF_SALES, SPAN | {"challenger": challenger} | more)
    assert (started.status, started.json["status"]) == (202, "pending"), started.text
    assert started.headers["location"] == f"comparisons/{started.json['comparison_id']}"
    run_to_end(batch, started.json["comparison_id"])
    found = ADMIN.send("GET", f"{COMPARISONS}/{started.json['comparison_id']}").json
    assert found["status"] == "completed", found["error"]
    return found


def test_a_challenger_takes_the_champions_place_once_a_comparison_says_that_it_may(
    sales_stack: Stack, tmp_path: Path
) -> None:
    batch = Batch(sales_stack)
    for version, trees in (("amount-1", BY_AMOUNT), ("channel-1", BY_CHANNEL)):
        put_model(sales_stack, write_model(tmp_path / version, sales(), trees, version, RANKS))
    learnt = write_model(tmp_path / "l", sales(), BY_CHANNEL, "learnt-1", RANKS, "2026-11-28T00:00:00Z")
    put_model(sales_stack, learnt)
    none = ADMIN.send("POST", COMPARISONS + OF_SALES, SPAN | {"challenger": "channel-1"})
    assert (none.status, none.json["errors"][0]["code"] if none.json.get("errors") else none.json["code"]) == (
        422,
        "no_champion",
    )
    assert activate("amount-1").status == 200  # the first of the type takes nobody's place
    challenged = ADMIN.send("POST", f"{MODELS}/channel-1/challenge{OF_SALES}")
    assert [one["version"] for one in challenged.json["challengers"]] == ["channel-1"]
    assert ADMIN.send("POST", f"{MODELS}/channel-1/challenge{OF_SALES}").json == challenged.json
    assert ADMIN.send("POST", f"{MODELS}/amount-1/challenge{OF_SALES}").json["code"] == "is_champion"
    states = {one["version"]: one["state"] for one in ADMIN.send("GET", MODELS + OF_SALES).json["versions"]}
    assert states == {"amount-1": "champion", "channel-1": "challenger", "learnt-1": "published"}

    pay()
    for shard, some in shards([change(None, one) for one in sales_stack.items()], "challenger").items():
        count(shard, some)
    shadow = ADMIN.send("GET", f"{MODELS}/channel-1/shadow{OF_SALES}").json
    assert (shadow["state"], shadow["compared"], shadow["shadow_failed"]) == ("challenger", 2 * ACCOUNTS, 0)
    assert (shadow["outcomes"]["now"]["review"], shadow["outcomes"]["then"]["review"]) == (ACCOUNTS, ACCOUNTS)
    assert (shadow["paired"]["recall"]["difference"], shadow["differs"]) == (0.5, ACCOUNTS)
    assert ADMIN.send("GET", f"{MODELS}/learnt-1/shadow{OF_SALES}").status == 404

    refused = activate("channel-1")
    assert (refused.status, refused.json["code"]) == (409, "not_compared")
    found = compared(batch, "channel-1")
    assert (found["champion"], found["challenger"], found["compared"], found["trained_on"]) == (
        *("amount-1", "channel-1"),
        *(2 * ACCOUNTS, 0),
    )
    assert found["outcomes"]["now"]["review"] == found["outcomes"]["then"]["review"] == ACCOUNTS
    assert found["matched_thresholds"] == {"review": 0.06, "block": None}
    recall = found["paired"]["recall"]
    assert (recall["difference"], recall["accounts"], recall["entity"]) == (0.5, ACCOUNTS, "card")
    assert found["gate"] == {"passes": True, "why_not": None, "margin": 0.02}
    assert [*said(found)][-1] == "It passes the gate"

    worse = compared(batch, "amount-1", champion="channel-1")
    assert worse["paired"]["value_recall"]["low"] < -0.02
    assert worse["gate"]["passes"] is False
    own = compared(batch, "learnt-1")
    assert (own["compared"], own["trained_on"], own["gate"]["passes"]) == (0, 2 * ACCOUNTS, False)
    unconvincing = activate("learnt-1")
    assert (unconvincing.status, unconvincing.json["code"]) == (409, "not_good_enough")

    assert activate("channel-1").status == 200
    assert scored(FIRST | {"sale_id": "later"}, store=False)[0]["model_version"] == "channel-1"
    overtaken = activate("learnt-1")
    assert overtaken.json["code"] == "stale_comparison"
    assert activate("learnt-1", force=True).status == 200
    listed = ADMIN.send("GET", MODELS + OF_SALES).json
    assert listed["challengers"] == []
    log = [one["action"] for one in ADMIN.send("GET", "/api/v1/policy/audit?kind=model").json["entries"]]
    assert log[:6] == ["activated", "activated", "compared", "compared", "compared", "challenged"]
    analyst = Caller(key_id="AnalystKey", handler=ADMIN.handler)
    assert analyst.send("POST", f"{MODELS}/channel-1/challenge{OF_SALES}").json["code"] == "scope_missing"
