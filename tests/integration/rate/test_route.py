"""The rates at their routes: put as a file, shown as JSON or as the file that may be put again."""

import json

import pytest

from fraudshield.aws import client as aws
from fraudshield.rate import wiring as rate_wiring
from functions.policy import app as policy
from tests.caller import ApiResponse, Caller
from tests.event_types import ORDER
from tests.stack import Stack, client

RATES = "/api/v1/policy/rates"
CSV = "currency,from,rate\r\nJPY,2026-01-01T00:00:00Z,0.0060\r\nUSD,2026-01-01T00:00:00Z,0.92\r\n"


def put(text: str, query: str = "?base=EUR") -> ApiResponse:
    caller = Caller(headers={"Content-Type": "text/csv", "X-Actor": "ada"}, handler=policy.lambda_handler)
    return caller.send_text("PUT", RATES + query, text)


def get(accept: str = "application/json") -> ApiResponse:
    return Caller(headers={"Accept": accept}, handler=policy.lambda_handler).send("GET", RATES)


def test_before_any_are_put_there_is_an_empty_version(stack: Stack) -> None:
    assert get().json == {
        "version": 0, "base": None, "digest": None, "count": 0, "currencies": [], "created_at": None,
        "created_by": "", "rates": [],
    }  # fmt: skip


def test_what_is_put_is_shown_and_its_file_makes_no_new_version(stack: Stack) -> None:
    made = put(CSV)
    assert made.status == 200, made.text
    assert (made.json["version"], made.json["base"], made.json["count"]) == (1, "EUR", 2)
    assert (made.json["created_by"], made.json["actor"], made.json["currencies"]) == ("AdminKey", "ada", ["JPY", "USD"])
    shown = get()
    assert shown.json["rates"][0] == {"currency": "JPY", "from": "2026-01-01T00:00:00Z", "rate": 0.006}
    file = get("text/csv")
    assert file.headers["content-disposition"] == 'attachment; filename="rates.csv"'
    assert put(file.text).json["version"] == 1
    assert put(file.text.replace("0.92", "0.93")).json["version"] == 2


def test_bad_lines_are_named_and_nothing_is_put(stack: Stack) -> None:
    refused = put("currency,from,rate\nJPY,2026-01-01,0\nXXX,2026-01-01,1\n")
    assert (refused.status, refused.json["code"]) == (422, "invalid_rates")
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [
        ("/lines/2", "bad_rate"),
        ("/lines/3", "unknown_currency"),
    ]
    assert get().json["version"] == 0


def test_the_base_may_be_left_out_where_all_types_report_in_one_currency(stack: Stack) -> None:
    refused = put(CSV, "")
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "no_base")
    Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", dict(ORDER))
    assert put(CSV, "").json["base"] == "EUR"


@pytest.mark.parametrize(("query", "status"), [("?base=EURO", 422), ("?base=EUR&bass=1", 400)])
def test_a_parameter_that_means_nothing_is_refused(stack: Stack, query: str, status: int) -> None:
    assert put(CSV, query).status == status


def test_what_another_process_put_meanwhile_is_no_loss(stack: Stack) -> None:
    """Its version is there first, so that this one's is the next."""
    put(CSV)
    rate_wiring.rates.cache_clear()
    assert put(CSV.replace("0.92", "0.91")).json["version"] == 2
    items = client("dynamodb").scan(TableName=stack.policies)["Items"]
    [in_force] = [one for one in items if one["name"]["S"] == "in_force"]
    assert json.loads(in_force["body"]["S"])["rates"]["version"] == 2
    assert {one["version"]["N"] for one in items if one["name"]["S"] == "rates"} == {"1", "2"}


def test_a_stored_version_that_cannot_be_read_is_an_outage_and_no_fault(stack: Stack) -> None:
    put(CSV)
    rate_wiring.rates.cache_clear()
    key = {"name": {"S": "rates"}, "version": {"N": "1"}}
    aws.dynamodb().put_item(TableName=stack.policies, Item={**key, "body": {"B": b"damaged"}})
    assert get().status == 503
