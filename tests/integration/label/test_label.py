"""Labels over HTTP: in force, taken back, in the review queue or out of it, one by one and as a file."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from fraudshield.aws.client import dynamodb
from fraudshield.budget import BACK_OFF_S, STORE_S
from fraudshield.errors import StoreUnavailable
from fraudshield.label import wiring as label_wiring
from fraudshield.label.dynamo import NOT_REACHED
from fraudshield.label.dynamo_item import relabelled
from fraudshield.label.label import TICK, Label, recorded
from functions.database.app import lambda_handler as handler
from tests.authors import ADA
from tests.caller import ApiResponse, Caller
from tests.concurrently import concurrently
from tests.fakes import NOW
from tests.labelling import ANALYST, DATABASE, approve, flag, in_review, item, label, take_back, upload
from tests.stack import Stack, client
from tests.timeouts import wait_for_store

FRAUD = Label("fraud", "analyst", NOW)
LABELLERS = 20
LABELLERS_S = 60  # to be done with it, on the slowest machine
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens


def test_a_label_is_in_force_and_stands_on_the_transaction(stack: Stack) -> None:
    flag(stack)
    response = label("fraud", source="chargeback", labelled_at="2026-11-20T08:00:00Z")
    assert response.status == 200
    assert response.json["label"] == response.json["history"][0]
    assert response.json["label"] | {"recorded_at": ""} == {
        "label": "fraud",
        "source": "chargeback",
        "labelled_at": "2026-11-20T08:00:00Z",
        "recorded_at": "",
        "by": "AnalystKey",
        "undone_at": None,
    }
    stored = item(stack)
    assert {name: stored[name] for name in ("label", "label_source", "labelled_at", "label_revision")} == {
        "label": {"S": "fraud"},
        "label_source": {"S": "chargeback"},
        "labelled_at": {"S": "2026-11-20T08:00:00.000000Z"},
        "label_revision": {"N": "1"},
    }


def test_the_newest_wins_and_the_history_stays(stack: Stack) -> None:
    flag(stack)
    label("fraud", labelled_at="2026-11-20T08:00:00Z")
    label("genuine", labelled_at="2026-11-21T08:00:00Z")
    late = label("fraud", labelled_at="2026-11-19T08:00:00Z")
    assert late.json["label"]["label"] == "genuine"
    assert [one["labelled_at"][:10] for one in late.json["history"]] == ["2026-11-19", "2026-11-21", "2026-11-20"]
    assert item(stack)["label"] == {"S": "genuine"}


def test_taking_back_brings_the_one_before_and_at_last_the_review_queue(stack: Stack) -> None:
    before = flag(stack)
    label("fraud", labelled_at="2026-11-20T08:00:00Z")
    label("genuine", labelled_at="2026-11-21T08:00:00Z")
    assert in_review(stack) == set()
    assert take_back().json["label"]["label"] == "fraud"
    assert (item(stack)["label"], in_review(stack)) == ({"S": "fraud"}, set())
    last = take_back(requestContext={"requestId": "another", "identity": {"apiKeyId": "AnalystKey"}})
    assert last.json["label"] is None
    assert [bool(one["undone_at"]) for one in last.json["history"]] == [True, True]
    assert item(stack) == before | {"label_revision": {"N": "4"}}
    assert in_review(stack) == {"t"}


def test_a_request_that_comes_twice_takes_back_once(stack: Stack) -> None:
    flag(stack)
    label("fraud", labelled_at="2026-11-20T08:00:00Z")
    label("genuine", labelled_at="2026-11-21T08:00:00Z")
    assert take_back().text == take_back().text
    assert item(stack)["label"] == {"S": "fraud"}


def test_the_same_label_is_recorded_once_and_again_after_it_was_taken_back(stack: Stack) -> None:
    flag(stack)
    same = {"labelled_at": "2026-11-20T08:00:00Z"}
    assert label("fraud", **same).text == label("fraud", **same).text
    assert item(stack)["label_revision"] == {"N": "1"}
    take_back()
    assert len(label("fraud", **same).json["history"]) == 2
    assert item(stack)["label"] == {"S": "fraud"}


def test_an_approved_transaction_never_enters_the_review_queue(stack: Stack) -> None:
    approve(stack)
    label("fraud")
    take_back()
    assert in_review(stack) == set()


def test_a_record_ages_out_with_its_transaction(stack: Stack, told: Any) -> None:
    told(RETENTION_DAYS="30")
    flag(stack)
    label("fraud")
    assert len({found["expires_at"]["N"] for found in stack.items()}) == 1
    assert len(stack.items()) == 2


def test_an_id_with_a_slash_can_be_labelled(stack: Stack) -> None:
    approve(stack, "a/b c")
    assert label("fraud", "a%2Fb%20c").json["transaction_id"] == "a/b c"
    assert ANALYST.send("GET", f"{DATABASE}/transactions/a%2Fb%20c/label").json["label"]["label"] == "fraud"


def test_where_no_label_is_in_force_none_is_taken_back(stack: Stack) -> None:
    flag(stack)
    assert take_back().status == 404


def test_a_file_labels_many_and_says_what_it_could_not(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_store(monkeypatch)
    for name in ("a", "b"):
        flag(stack, name)
    response = upload("transaction_id,label\na,fraud\nb,genuine\nnobody,fraud\nb,perhaps\n")
    assert response.status == 200
    assert [(error["line"], error["code"]) for error in response.json["errors"]] == [
        (4, "not_found"),
        (5, "literal_error"),
    ]
    assert (response.json["labelled"], response.json["failed"]) == (2, 2)
    assert [item(stack, name)["label"]["S"] for name in ("a", "b")] == ["fraud", "genuine"]
    assert item(stack, "a")["label_source"] == {"S": "import"}


def test_of_one_transactions_lines_the_last_is_in_force(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_store(monkeypatch)
    flag(stack)
    truths = ["fraud", "genuine"] * 5
    lines = [f"t,{truth},{source},2026-11-20T08:00:00Z" for truth, source in zip(truths, "xxxxxxxxxx", strict=True)]
    sources = ("analyst", "chargeback", "rule", "import")
    lines = [line.replace(",x,", f",{sources[number % 4]},") for number, line in enumerate(lines)]
    response = upload("\n".join(["transaction_id,label,source,labelled_at", *lines]))
    assert (response.json["labelled"], response.json["unchanged"]) == (4, 6)
    assert item(stack)["label"] == {"S": "genuine"}


def test_a_file_that_comes_again_changes_nothing(stack: Stack) -> None:
    flag(stack)
    file = "transaction_id,label,labelled_at\nt,fraud,2026-11-20T08:00:00Z\n"
    upload(file)
    before = stack.items()
    assert upload(file).json["unchanged"] == 1
    assert stack.items() == before


def test_what_does_not_fit_into_the_time_is_said_line_by_line_and_not_half_done(stack: Stack) -> None:
    flag(stack)
    before = stack.items()
    [done] = label_wiring.labels().add_many([("t", FRAUD)], ADA, time.monotonic() + STORE_S)
    assert (done, stack.items()) == (NOT_REACHED, before)
    assert upload("transaction_id,label\nt,fraud\n").json["labelled"] == 1  # and the breaker is closed


def test_what_the_store_does_not_take_is_said_line_by_line(stack: Stack, told: Callable[..., None]) -> None:
    told(AWS_ENDPOINT_URL_DYNAMODB=NOWHERE)
    response = upload("transaction_id,label\nt,fraud\nt,genuine\n")
    assert [error["code"] for error in response.json["errors"]] == ["store_unavailable"] * 2
    assert label("fraud").status == 503


def test_many_who_label_one_transaction_at_once_are_all_recorded(engine_stack: Stack) -> None:
    flag(engine_stack)
    labels = [
        Label("fraud" if number % 2 else "genuine", "analyst", NOW + number * TICK) for number in range(LABELLERS)
    ]
    concurrently([partial(persistent, partial(label_wiring.labels().add, "t", one, ADA)) for one in labels])
    history = label_wiring.labels().history("t")
    assert sorted(one.label.labelled_at for one in history) == [one.labelled_at for one in labels]
    assert len({one.recorded_at for one in history}) == LABELLERS
    stored = item(engine_stack)
    assert (stored["label"], stored["label_revision"]) == ({"S": labels[-1].truth}, {"N": str(LABELLERS)})


def test_the_check_sees_a_labeller_who_does_not_look_at_the_revision(engine_stack: Stack) -> None:
    """Two have read before either writes; the later write forgets the other's newer label."""
    flag(engine_stack)
    newer = label_wiring.labels().add("t", Label("fraud", "analyst", NOW + TICK), ADA)
    older = recorded([], Label("genuine", "analyst", NOW), "key", NOW)
    unread: Any = relabelled(engine_stack.transactions, item(engine_stack) | {"label_revision": {"N": "0"}}, [older])
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        client("dynamodb").update_item(**unread)
    naive = {name: value for name, value in unread.items() if name != "ConditionExpression"}
    client("dynamodb").update_item(**naive)
    assert item(engine_stack)["label"] != {"S": newer[0].label.truth}


def test_a_label_whose_response_was_lost_is_recorded_once(stack: Stack, told: Callable[..., None]) -> None:
    flag(stack)
    lost = lose_the_first_response("TransactWriteItems")
    response = insist(lambda: label("fraud", labelled_at="2026-11-20T08:00:00Z"), told)
    assert response.json["label"]["label"] == "fraud"
    assert (lost, item(stack)["label_revision"]) == (["TransactWriteItems"], {"N": "1"})


def test_an_undo_whose_response_was_lost_is_done_once(stack: Stack, told: Callable[..., None]) -> None:
    flag(stack)
    label("fraud", labelled_at="2026-11-20T08:00:00Z")
    label("genuine", labelled_at="2026-11-21T08:00:00Z")
    lost = lose_the_first_response("TransactWriteItems")
    assert insist(take_back, told).json["label"]["label"] == "fraud"
    assert (lost, item(stack)["label_revision"]) == (["TransactWriteItems"], {"N": "3"})


def persistent(add: Callable[[], object]) -> None:
    """A labeller who is told that others were faster all the time, and does try again."""
    last_start = time.monotonic() + LABELLERS_S
    while not taken(add):
        assert time.monotonic() < last_start
        time.sleep(BACK_OFF_S)


def taken(add: Callable[[], object]) -> bool:
    try:
        add()
    except StoreUnavailable:
        return False
    return True


def insist(call: Callable[[], ApiResponse], told: Callable[..., None]) -> ApiResponse:
    """Returns the response; on a slow machine our second attempt is out of time, and the caller makes it."""
    response = call()
    if response.status == 503:
        told()
        response = call()
    return response


def lose_the_first_response(operation: str) -> list[str]:
    """From now on; what was lost is in the list."""
    lost: list[str] = []

    def lose(**_: Any) -> None:
        if not lost:
            lost.append(operation)
            raise EndpointConnectionError(endpoint_url="the response is lost")

    dynamodb().meta.events.register(f"after-call.dynamodb.{operation}", lose)
    return lost


def dry_run(text: str) -> ApiResponse:
    caller = Caller("AnalystKey", {"Content-Type": "text/csv"}, handler)
    return caller.send_text("POST", f"{DATABASE}/labels?dry_run=true", text)


def test_a_dry_run_says_what_would_match_is_unknown_or_contradicts_and_records_nothing(stack: Stack) -> None:
    for name in ("a", "b", "c", "=d"):
        flag(stack, name)
    label("fraud", "a")
    label("genuine", "b")
    before = stack.items()
    said = dry_run("transaction_id,label\na,fraud\nb,fraud\nc,genuine\nc,fraud\n'=d,fraud\nnobody,fraud\nc,perhaps\n")
    assert said.status == 200
    counts = {
        name: said.json[name] for name in ("lines", "matched", "unknown", "contradicting", "unchanged", "labelled")
    }
    assert counts == {"lines": 7, "matched": 5, "unknown": 1, "contradicting": 2, "unchanged": 1, "labelled": 0}
    assert said.json["contradictions"] == [
        {"line": 3, "transaction_id": "b", "label": "fraud", "against": "genuine"},
        {"line": 5, "transaction_id": "c", "label": "fraud", "against": "genuine"},
    ]
    assert [(one["line"], one["code"]) for one in said.json["errors"]] == [(7, "not_found"), (8, "literal_error")]
    assert stack.items() == before


def test_a_dry_run_looks_up_more_than_one_read_takes(stack: Stack) -> None:
    flag(stack)
    lines = "".join(f"n{number},fraud\n" for number in range(250))
    said = dry_run(f"transaction_id,label\n{lines}t,fraud\n").json
    assert (said["matched"], said["unknown"], said["dry_run"]) == (1, 250, True)


def test_what_a_run_is_dry_by_is_true_or_false(stack: Stack) -> None:
    caller = Caller("AnalystKey", {"Content-Type": "text/csv"}, handler)
    assert caller.send_text("POST", f"{DATABASE}/labels?dry_run=perhaps", "x").json["code"] == "invalid_parameter"
