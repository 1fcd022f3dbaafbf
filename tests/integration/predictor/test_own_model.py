"""A model of an event type of one's own: published, put in force, and what decides at every way in."""

from pathlib import Path

import pytest

from fraudshield.errors import ModelRefused
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.feature import Feature
from tests.caller import EXPLAIN, HEALTH, REPLAY, Caller
from tests.conftest import README_TRANSACTION, forget
from tests.integration.batch.test_history import as_file
from tests.job_run import Batch
from tests.published.card_sales import (
    ADMIN,
    FIRST,
    MODELS,
    OF_SALES,
    RANKS,
    SALE,
    SECOND,
    TREES,
    TYPES,
    activate,
    put_model,
    sales,
    scored,
)
from tests.published.own_model import above, write_model
from tests.stack import Stack, client


def test_a_type_is_scored_by_its_own_model_by_every_way_in_and_replayed_to_the_byte(
    sales_stack: Stack, tmp_path: Path
) -> None:
    [before] = scored(FIRST, store=False)
    assert (before["risk"], before["decision_source"], before["quality"]) == (None, "rules", ["nothing_decides"])
    put_model(sales_stack, write_model(tmp_path / "a", sales(), TREES, ranks=RANKS))
    draft = {"event_type": "card_sale", "based_on": 1, "thresholds": {"review": 0.3, "block": 0.95}}
    assert ADMIN.send("POST", "/api/v1/policy/versions", draft).status == 201
    activated = activate("own-1", policy_version=2, force=True)
    assert (activated.status, activated.json["event_type"], activated.json["policy_version"]) == (200, "card_sale", 2)
    listed = ADMIN.send("GET", MODELS + OF_SALES).json
    assert [(one["version"], one["state"]) for one in listed["versions"]] == [("own-1", "champion")]
    assert ADMIN.send("GET", f"{TYPES}/card_sale").json.get("quality") is None
    assert ADMIN.send("GET", HEALTH.replace("model", "policy")).json["degraded"] == []

    [first] = scored(FIRST)
    [second] = scored(SECOND)
    assert (first["risk"], first["decision"], first["model_version"]) == (0.0, "approve", "own-1")
    assert (second["risk"], second["decision"], second["decision_source"]) == (0.9, "review", "model")
    assert (second["aggregates"], second["degraded"], second["quality"]) == ({"card_sales_24h": 1}, [], [])
    said = [one["text"] for one in second["reasons"]]
    assert said == ["The card paid 1 times within the day", "It comes by web", "The amount is 2,000.00"]

    why = Caller().send("POST", EXPLAIN, {"transaction_id": "s2"}).json
    assert (why["explained_by"], why["model_version"], round(why["margin"], 9)) == ("own-1", "own-1", 0.9)
    assert [one["value"] for one in why["contributions"]] == [2000, 1, 1]
    for name in ("s1", "s2"):
        assert Caller().send("POST", REPLAY, {"transaction_id": name}).json["same"]

    batch = Batch(sales_stack)
    rows = [one | {"sale_id": f"file-{one['sale_id']}", "card": "c2"} for one in (FIRST, SECOND)]
    client("s3").put_object(Bucket=sales_stack.bucket, Key="uploads/f.csv", Body=as_file(rows).encode())
    data = {"s3_key": "uploads/f.csv", "event_type": "card_sale", "history": "file"}
    opened = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": data, "store": "all"})
    assert batch.run(opened.json["job_id"]).status == "completed"
    kept = {one["transaction_id"]["S"]: one for one in sales_stack.items()}
    for name in ("s1", "s2"):
        of_file, online = kept[f"file-{name}"], kept[name]
        assert [of_file[part] for part in ("risk", "features", "model_version", "outcome")] == [
            online[part] for part in ("risk", "features", "model_version", "outcome")
        ]
    assert Caller().send("POST", REPLAY, {"transaction_id": "file-s2"}).json["same"]

    late = {name: value for name, value in SECOND.items() if name != "channel"}  # missing, as it was in training
    assert [one["risk"] for one in scored(late | {"sale_id": "s3"})] == [0.6]


def test_an_extended_type_goes_by_payments_model_until_it_has_its_own(sales_stack: Stack, tmp_path: Path) -> None:
    sent = README_TRANSACTION | {"device": "d-1", "amount": 5000.0}
    [before] = scored(sent, event_type="web_sale", store=False)
    [payment] = scored(README_TRANSACTION | {"amount": 5000.0}, event_type="payment", store=False)
    assert (before["risk"], before["model_version"]) == (payment["risk"], payment["model_version"])
    web = event_type_wiring.event_types().newest("web_sale")
    put_model(sales_stack, write_model(tmp_path / "w", web, [above(0, 1000.0, 0.5)], "web-1"), "web_sale")
    assert activate("web-1", "?event_type=web_sale").status == 200
    [after] = scored(sent, event_type="web_sale", store=False)
    assert (after["risk"], after["model_version"]) == (0.5, "web-1")
    assert scored(README_TRANSACTION, event_type="payment", store=False)[0]["model_version"] == payment["model_version"]
    assert ADMIN.send("POST", "/api/v1/model/rollback?event_type=web_sale", {}).status == 200
    forget()
    assert scored(sent, event_type="web_sale", store=False)[0]["risk"] == before["risk"]


def test_a_model_that_is_not_of_the_type_as_it_is_is_neither_published_nor_put_in_force(
    sales_stack: Stack, tmp_path: Path
) -> None:
    unknown = sales().model_copy(update={"features": {**sales().features, "spent": Feature(value="card_spent")}})
    for number, (of, says) in enumerate(
        [
            (sales().model_copy(update={"digest": "0" * 64}), "digest"),
            (sales().model_copy(update={"version": 7}), "version 7"),
            (sales().model_copy(update={"name": "web_sale"}), "web_sale"),
            (unknown, "card_spent"),
        ]
    ):
        folder = write_model(tmp_path / str(number), of, TREES, ranks=RANKS)
        with pytest.raises(ModelRefused, match=says):
            put_model(sales_stack, folder)
    with pytest.raises(ModelRefused, match="no_such_type"):
        put_model(
            sales_stack,
            write_model(tmp_path / "n", sales().model_copy(update={"name": "no_such_type"}), TREES),
            "no_such_type",
        )

    made = put_model(sales_stack, write_model(tmp_path / "a", sales(), TREES, ranks=RANKS))
    wider = SALE | {"aggregates": {"card_sales_24h": {"of": "count", "over": "card", "within": "48h"}}}
    assert ADMIN.send("POST", TYPES, wider).json["version"] == 2
    refused = activate("own-1")
    assert (refused.status, refused.json["code"]) == (409, "model_unfit")
    assert "card_sales_24h" in refused.json["detail"]
    again = ADMIN.send("POST", TYPES, SALE).json  # as it was trained, and fits again
    assert (again["version"], "model_reads_otherwise" in again) == (3, False)
    assert activate("own-1").status == 200
    told = ADMIN.send("POST", TYPES, wider).json
    assert (told["version"], told["model_reads_otherwise"]) == (4, ["card_sales_24h"])
    more = SALE["aggregates"] | {"card_sales_1h": {"of": "count", "over": "card", "within": "1h"}}
    told = ADMIN.send("POST", TYPES, SALE | {"aggregates": more}).json
    assert (told["version"], "model_reads_otherwise" in told) == (5, False)
    assert scored(FIRST, store=False)[0]["model_version"] == "own-1"

    whole = client("s3").get_object(Bucket=sales_stack.bucket, Key=made.key("model.json"))["Body"].read()
    client("s3").put_object(Bucket=sales_stack.bucket, Key=made.key("model.json"), Body=whole + b" ")
    forget()
    [entry] = scored(FIRST, store=False)
    assert (entry["risk"], entry["decision_source"], entry["degraded"]) == (None, "rules", ["model_unread"])
    client("s3").put_object(Bucket=sales_stack.bucket, Key=made.key("model.json"), Body=whole)
    forget()
    assert scored(FIRST, store=False)[0]["degraded"] == []
    assert ADMIN.send("POST", f"/api/v1/model/rollback{OF_SALES}", {}).json["version"] is None
    forget()
    assert scored(FIRST, store=False)[0]["risk"] is None
