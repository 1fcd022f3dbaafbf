"""Lists of transactions: complete, in order, narrowed by the query."""

from collections.abc import Callable, Mapping

import pytest

from fraudshield.errors import Malformed
from fraudshield.text.timestamp import instant
from tests.lists import LAST, Item, ids, made, pages, put, query, the_list, wanted
from tests.stack import Stack

JOB = f"job-{'0' * 32}"


def codes(item: Item) -> set[str]:
    return {one["S"] for one in item.get("codes", {"L": []})["L"]}


@pytest.fixture(scope="module")
def stored(lasting_stack: Stack) -> list[Item]:
    """Some of them to themselves, every eighth labelled; some of a file, and by another model, policy or rule."""
    items = [made(number) for number in range(36)]
    for item in items[::5]:
        item |= {"model_version": {"S": "another"}, "policy_version": {"N": "7"}, "job": {"S": JOB}}
    for item in items[::3]:
        item |= {"codes": {"L": [{"S": "odd"}, {"S": "rule:night"}]}}
    for item in items[::8]:
        item |= {"label": {"S": "fraud"}, "label_source": {"S": "analyst"}, "labelled_at": {"S": instant(LAST)}}
        item.pop("review_queue", None)
    put(lasting_stack, *items)
    return items


@pytest.mark.parametrize("limit", ["1", "7", "36", "1000"])
def test_every_transaction_comes_once_newest_first_whatever_the_page_size(
    lasting_stack: Stack, stored: list[Item], limit: str
) -> None:
    found = list(pages(the_list(lasting_stack), limit=limit))
    assert sorted(ids(found)) == sorted(wanted(stored))
    times = [row.occurred_at for page in found for row in page.rows]
    assert times == sorted(times, reverse=True)
    assert all(len(page.rows) == int(limit) for page in found[:-1])


FILTERS: Mapping[str, tuple[dict[str, str], Callable[[Item], bool]]] = {
    "type": ({"type": "TRANSFER"}, lambda item: item["type"]["S"] == "TRANSFER"),
    "outcome": ({"outcome": "block"}, lambda item: item["outcome"]["S"] == "block"),
    "source": ({"source": "api"}, lambda item: True),
    "another source": ({"source": "queue"}, lambda item: False),
    "labelled": ({"labelled": "true"}, lambda item: "label" in item),
    "not labelled": ({"labelled": "false"}, lambda item: "label" not in item),
    "first day": ({"start_date": "2026-03-02"}, lambda item: item["occurred_at"]["S"] > "2026-03-02"),
    "last day": ({"end_date": "2026-03-01"}, lambda item: item["occurred_at"]["S"] < "2026-03-02"),
    "one day": ({"start_date": "2026-03-03", "end_date": "2026-03-03"}, lambda i: i["occurred_at"]["S"] > "2026-03-03"),
    "empty day": ({"start_date": "2026-03-02", "end_date": "2026-03-02"}, lambda item: False),
    "account": ({"account": "C3"}, lambda item: "C3" in {item["nameOrig"]["S"], item["nameDest"]["S"]}),
    "account and type": (
        {"account": "C3", "type": "PAYMENT"},
        lambda item: "C3" in {item["nameOrig"]["S"], item["nameDest"]["S"]} and item["type"]["S"] == "PAYMENT",
    ),
    "account and day": (
        {"account": "C3", "start_date": "2026-03-03"},
        lambda i: "C3" in {i["nameOrig"]["S"], i["nameDest"]["S"]} and i["occurred_at"]["S"] > "2026-03-03",
    ),
    "two outcomes": ({"outcome": "review,block"}, lambda i: i["outcome"]["S"] in {"review", "block"}),
    "less than the store keeps": ({"min_risk": "2.2e-311", "min_amount": "5e-324"}, lambda item: True),
    "amounts": ({"min_amount": "5", "max_amount": "2.0e1"}, lambda item: 5 <= float(item["amount"]["N"]) <= 20),
    "risk above": ({"min_risk": "0.6"}, lambda item: False),
    "risk": ({"min_risk": "0.5", "max_risk": "0.5"}, lambda item: True),
    "label": ({"label": "fraud"}, lambda item: "label" in item),
    "another label": ({"label": "genuine"}, lambda item: False),
    "reason": ({"reason": "odd"}, lambda item: "odd" in codes(item)),
    "rule": ({"rule": "night"}, lambda item: "rule:night" in codes(item)),
    "model": ({"model_version": "another"}, lambda item: item["model_version"] == {"S": "another"}),
    "policy": ({"policy_version": "7"}, lambda item: item["policy_version"] == {"N": "7"}),
    "job": ({"job_id": JOB}, lambda item: "job" in item),
    "job and account": (
        {"job_id": JOB, "account": "C3"},
        lambda item: "job" in item and "C3" in {item["nameOrig"]["S"], item["nameDest"]["S"]},
    ),
    "reason and account": (
        {"reason": "odd", "account": "C2", "max_amount": "30"},
        lambda item: (
            "odd" in codes(item)
            and "C2" in {item["nameOrig"]["S"], item["nameDest"]["S"]}
            and float(item["amount"]["N"]) <= 30
        ),
    ),
    "an account as an entity": (
        {"entity": "account:%433"},
        lambda item: "C3" in {item["nameOrig"]["S"], item["nameDest"]["S"]},
    ),
    "an entity without a slot": ({"entity": "device:C3"}, lambda item: False),
    "the built-in type": ({"event_type": "payment"}, lambda item: True),
    "both queues": (
        {"outcome": "review,block", "labelled": "false", "sort": "expected_loss"},
        lambda item: "review_queue" in item,
    ),
    "queue by reason": (
        {"outcome": "review,block", "labelled": "false", "sort": "expected_loss", "reason": "odd", "job_id": JOB},
        lambda item: "review_queue" in item and "odd" in codes(item) and "job" in item,
    ),
    "nobody": ({"account": "nobody"}, lambda item: False),
    "queue": (
        {"outcome": "review", "labelled": "false", "sort": "expected_loss"},
        lambda item: item.get("review_queue") == {"S": "review"},
    ),
    "queue of an account": (
        {"outcome": "block", "labelled": "false", "sort": "expected_loss", "account": "C2", "type": "CASH_OUT"},
        lambda item: (
            item.get("review_queue") == {"S": "block"}
            and item["type"]["S"] == "CASH_OUT"
            and "C2" in {item["nameOrig"]["S"], item["nameDest"]["S"]}
        ),
    ),
    "queue of a day": (
        {"outcome": "block", "labelled": "false", "sort": "expected_loss", "end_date": "2026-03-01"},
        lambda item: item.get("review_queue") == {"S": "block"} and item["occurred_at"]["S"] < "2026-03-02",
    ),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("limit", ["3", "100"])
def test_a_filter_lets_through_what_it_says_and_nothing_else(
    lasting_stack: Stack, stored: list[Item], name: str, limit: str
) -> None:
    asked, passes = FILTERS[name]
    found = ids(pages(the_list(lasting_stack), **asked, limit=limit))
    assert sorted(found) == sorted(wanted(stored, passes))


@pytest.mark.parametrize("examined", [-1000, -50])
def test_a_page_that_looked_at_enough_is_short_and_the_list_still_complete(
    lasting_stack: Stack, stored: list[Item], examined: int
) -> None:
    found = list(
        pages(the_list(lasting_stack, examined=examined, filtered_page=2), type="TRANSFER", labelled="true", limit="50")
    )
    assert len(found) > 1
    assert sorted(ids(found)) == sorted(
        wanted(stored, lambda item: item["type"]["S"] == "TRANSFER" and "label" in item)
    )


def test_the_review_queue_is_dearest_first(lasting_stack: Stack, stored: list[Item]) -> None:
    found = pages(the_list(lasting_stack), outcome="review", labelled="false", sort="expected_loss", limit="4")
    losses = [row.expected_loss for page in found for row in page.rows]
    assert losses == sorted(losses, key=lambda loss: loss or 0, reverse=True)
    assert None not in losses


@pytest.mark.parametrize("offset", [1, 25, 35, 36, 10_000])
def test_an_offset_is_as_many_rows_further(lasting_stack: Stack, stored: list[Item], offset: int) -> None:
    of = the_list(lasting_stack)
    everything = ids(pages(of))
    assert ids([of.page(query(offset=str(offset), limit="7"))]) == everything[offset : offset + 7]


def test_an_offset_beyond_what_one_request_reads_is_refused(lasting_stack: Stack, stored: list[Item]) -> None:
    with pytest.raises(Malformed, match="next_cursor"):
        the_list(lasting_stack, examined=-1000).page(query(offset="20", limit="1", type="PAYMENT"))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"start_date": "2026-03-02", "end_date": "2026-03-01"}, "dates_order"),
        ({"cursor": "x", "offset": "1"}, "two_places"),
        ({"sort": "expected_loss"}, "no_queue"),
        ({"sort": "expected_loss", "outcome": "approve", "labelled": "false"}, "no_queue"),
        ({"sort": "expected_loss", "outcome": "review"}, "no_queue"),
        ({"sort": "expected_loss", "outcome": "review,approve", "labelled": "false"}, "no_queue"),
        ({"min_amount": "2", "max_amount": "1"}, "bounds_order"),
        ({"account": "C1", "entity": "device:d"}, "two_places"),
        ({"label": "fraud", "labelled": "false"}, "no_label"),
        ({"entity": "device"}, "string_pattern_mismatch"),
        ({"outcome": "review,blocked"}, "enum"),
        ({"max_risk": "1.5"}, "less_than_equal"),
        ({"policy_version": "18203768256556538265600"}, "whole_number"),
        ({"policy_version": "9999999999"}, "less_than_equal"),
        ({"min_amount": "1,5"}, "number"),
    ],
)
def test_parameters_that_do_not_fit_together_are_refused(asked: dict[str, str], code: str) -> None:
    with pytest.raises(Malformed) as raised:
        query(**asked)
    assert [fault.code for fault in raised.value.faults] == [code]


def test_a_cursor_goes_with_its_filter_only(lasting_stack: Stack, stored: list[Item]) -> None:
    of = the_list(lasting_stack)
    cursor = of.page(query(limit="5", type="PAYMENT")).next_cursor or ""
    assert of.page(query(limit="50", type="PAYMENT", cursor=cursor)).rows
    for other in ({}, {"type": "DEBIT"}, {"type": "PAYMENT", "account": "C1"}):
        with pytest.raises(Malformed) as raised:
            of.page(query(cursor=cursor, **other))
        assert raised.value.code == "invalid_cursor"
