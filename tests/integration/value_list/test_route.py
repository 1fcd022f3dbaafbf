"""Lists at their routes: made, filled, asked and emptied."""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from fraudshield.value_list import service_wiring as list_wiring
from functions.database import app as database
from functions.policy import app as policy
from tests.authors import ADA
from tests.caller import ApiResponse, Caller
from tests.concurrently import concurrently
from tests.stack import Stack, client

LISTS = "/api/v1/policy/lists"
MULES = f"{LISTS}/mules"
ENTRIES = f"{MULES}/entries"


def send(method: str, path: str, body: Any = None, key: str = "AnalystKey") -> ApiResponse:
    return Caller(key, {"X-Actor": "ada"}, policy.lambda_handler).send(method, path, body)


def send_file(text: str, accept: str = "application/json") -> ApiResponse:
    headers = {"Content-Type": "text/csv", "Accept": accept}
    return Caller("AnalystKey", headers, policy.lambda_handler).send_text("POST", ENTRIES, text)


def values(path: str = ENTRIES) -> list[str]:
    return sorted(one["value"] for one in send("GET", path).json["entries"])


@pytest.fixture
def mules(stack: Stack) -> Stack:
    made = send("PUT", MULES, {"kind": "account", "description": "Told by banks"}, "AdminKey")
    assert made.status == 200, made.text
    return stack


def test_lists_are_made_by_administrators_and_filled_by_analysts(mules: Stack) -> None:
    assert send("PUT", f"{LISTS}/others", {"kind": "account"}).status == 403
    [shown] = send("GET", LISTS).json["lists"]
    assert (shown["name"], shown["kind"], shown["by"], shown["actor"]) == ("mules", "account", "AdminKey", "ada")
    added = send("POST", ENTRIES, {"value": "C1", "note": "seen"})
    assert (added.status, added.json["added"]) == (200, 1)
    assert added.json["entry"] | {"added_at": ""} == {
        "value": "C1", "note": "seen", "state": "on", "added_at": "", "expires_at": None, "removed_at": None,
        "by": "AnalystKey", "actor": "ada",
    }  # fmt: skip
    assert send("POST", ENTRIES, {"value": "C1", "note": "seen"}).json["unchanged"] == 1
    assert send("POST", ENTRIES, {"value": "C1", "note": "again"}).json["changed"] == 1


def test_what_was_removed_is_found_by_its_value_and_listed_no_more(mules: Stack) -> None:
    odd = "a/b +\u00e9#1%2"
    send("POST", ENTRIES, {"value": odd})
    assert values() == [odd]
    assert send("DELETE", f"{ENTRIES}/{quote(odd, safe='')}").json["entry"]["state"] == "removed"
    assert values() == []
    [entry] = send("GET", f"{ENTRIES}?value={quote(odd)}").json["entries"]
    assert entry["removed_at"] is not None
    assert send("DELETE", f"{ENTRIES}/{quote(odd, safe='')}").status == 404
    assert send("POST", ENTRIES, {"value": odd}).json["added"] == 1
    assert values(f"{ENTRIES}?value=nobody") == []


def test_a_file_is_taken_line_by_line_and_comes_back_as_it_was(mules: Stack) -> None:
    made = send_file("value,note,expires_at\nC1,=x,2096-01-01T00:00:00Z\nC2\n+49123,,\nC1,,\n")
    assert (made.status, made.json["status"], made.json["added"], made.json["failed"]) == (200, "partial", 2, 2)
    assert [(one["line"], one["code"]) for one in made.json["errors"]] == [(3, "row_length"), (5, "value_twice")]
    file = Caller("AnalystKey", {"Accept": "text/csv"}, policy.lambda_handler).send("GET", ENTRIES)
    assert sorted(file.text.splitlines()) == [
        "'+49123,,", "C1,'=x,2096-01-01T00:00:00Z", "value,note,expires_at"
    ]  # fmt: skip
    again = send_file(file.text).json
    assert (again["unchanged"], again["changed"]) == (2, 0)
    assert send_file("value\n\x01\n").status == 422


def test_a_list_is_read_page_by_page(mules: Stack) -> None:
    send_file("value\n" + "".join(f"C{number}\n" for number in range(60)))
    send("DELETE", f"{ENTRIES}/C7")
    found: list[str] = []
    path = f"{ENTRIES}?limit=25"
    for _ in range(5):
        page = send("GET", path).json
        found += [one["value"] for one in page["entries"]]
        if page["next_cursor"] is None:
            break
        path = f"{ENTRIES}?limit=25&cursor={page['next_cursor']}"
    assert sorted(found) == sorted(f"C{number}" for number in range(60) if number != 7)
    assert send("GET", f"{LISTS}/others/entries").status == 404
    assert send("GET", f"{ENTRIES}?cursor=x").json["code"] == "invalid_cursor"


def test_the_audit_log_names_no_value_and_a_guess_finds_none(mules: Stack) -> None:
    send("POST", ENTRIES, {"value": "C-canary", "note": "canary"})
    send("DELETE", f"{ENTRIES}/C-canary")
    items = client("dynamodb").scan(TableName=mules.policies)["Items"]
    entries = [one for one in items if one["name"]["S"].startswith("audit#")]
    assert "canary" not in str(entries)
    by_kind = {(one["kind"]["S"], one["action"]["S"]): one for one in entries}
    added, removed = by_kind["list_entry", "created"], by_kind["list_entry", "removed"]
    assert added["after"] == removed["before"]
    assert "after" not in removed


def test_an_entity_says_which_lists_hold_it_until_it_is_erased(mules: Stack) -> None:
    send("POST", ENTRIES, {"value": "C1", "note": "seen", "expires_at": "2096-01-01T00:00:00Z"})
    caller = Caller(handler=database.lambda_handler)
    path = "/api/v1/database/accounts/C1"
    [held] = caller.send("GET", path).json["lists"]
    assert (held["name"], held["note"], held["expires_at"]) == ("mules", "seen", "2096-01-01T00:00:00Z")
    erased = caller.send("DELETE", path).json
    assert erased["done"] == {"deleted": 0, "pseudonymised": 0, "list_entries": 1}
    assert caller.send("DELETE", path).json["done"]["list_entries"] == 0  # another erasure
    assert caller.send("GET", path).json["lists"] == []
    assert values(f"{ENTRIES}?value=C1") == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"value": ""}, 422, "invalid_entry"),
        ({"value": "C1", "expires_at": "2020-01-01T00:00:00Z"}, 422, "invalid_entry"),
        ({}, 422, "invalid_entry"),
        ([], 400, "malformed"),
    ],
)
def test_a_bad_entry_is_refused(mules: Stack, body: Any, status: int, code: str) -> None:
    refused = send("POST", ENTRIES, body)
    assert (refused.status, refused.json["code"]) == (status, code)
    assert send("POST", f"{LISTS}/mule/entries", {"value": "C1"}).status == 404


def test_the_kind_of_a_list_stays(mules: Stack) -> None:
    assert send("PUT", MULES, {"kind": "text"}, "AdminKey").json["code"] == "list_conflict"
    assert send("PUT", f"{LISTS}/max", {"kind": "text"}, "AdminKey").json["errors"][0]["code"] == "reserved_name"


def test_two_who_change_one_entry_at_once_both_do_it(mules: Stack) -> None:
    """The second reads what the first wrote; of an entry that was read before, the write is refused."""
    store, now = list_wiring.list_store(), datetime.now(UTC)
    send("POST", ENTRIES, {"value": "C1"})
    before = store.entry("mules", "C1")
    assert before is not None
    send("POST", ENTRIES, {"value": "C1", "note": "first"})
    assert not store._put("mules", before, before, ADA, now)
    send("POST", ENTRIES, {"value": "C1", "note": "second"})
    after = store.entry("mules", "C1")
    assert after is not None
    assert (after.note, after.revision) == ("second", 3)


def test_long_files_of_two_people_with_the_same_values_are_stored_whole_and_each_value_counts_once(
    engine_stack: Stack,
) -> None:
    """On the engine, which takes writes one after the other: sent all at once they would be late and sent again."""
    assert send("PUT", MULES, {"kind": "account"}, "AdminKey").status == 200
    file = "value\n" + "".join(f"C{number}\n" for number in range(600))
    told = [one.json for one in concurrently([partial(send_file, file)] * 2)]
    assert [(one["status"], one["failed"]) for one in told] == [("success", 0)] * 2
    assert sum(one["added"] for one in told) == sum(one["unchanged"] for one in told) == 600
    assert send("GET", f"{ENTRIES}?value=C599").json["entries"][0]["state"] == "on"
