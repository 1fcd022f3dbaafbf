"""What a review costs: a claim, a verdict and what is read for an account, as DynamoDB's engine counts them."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from fraudshield.erasure.thing import Thing
from fraudshield.history import wiring as history_wiring
from infra.laptop.process import dynoxide
from tests.conftest import connected
from tests.integration.review.reviewing import analyst, decide, take_next
from tests.labelling import flag
from tests.lists import Item, made, put
from tests.metering import Meter, metered
from tests.stack import Stack

MOST_OF_A_CLAIM, MOST_OF_A_VERDICT = 4, 12
ROWS, PAYMENTS = 100, 600  # more than an account's part is read of, and than the queue's first page has
BOTH = {"outcome": "review,block"}


@pytest.fixture
def sqlite_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _longer_timeouts: None) -> Iterator[Stack]:
    """moto counts one unit for everything, so this takes the SQLite engine or is left out."""
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        pytest.skip(f"UNITS OF A REVIEW NOT MEASURED: {binary.reason}")
    with mock_aws(), dynoxide.serve(binary, tmp_path / "test.db") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        yield from connected(monkeypatch)


def of(stack: Stack, number: int, first: int = 0) -> None:
    """Payments of one account, one in two of them flagged."""
    changes: dict[str, Any] = {"nameOrig": "C1", "nameDest": "C2"}
    items: list[Item] = [made(first + at, **changes) for at in range(number)]
    put(stack, *items)


def test_a_claim_and_a_verdict_cost_what_the_record_of_them_says(sqlite_stack: Stack) -> None:
    flag(sqlite_stack)
    take_next(min_amount=10**9, **BOTH)  # who this process is has been read
    with metered() as claiming:
        claim = take_next(**BOTH)["review"]["claim"]
    with metered() as deciding:
        assert decide("t", "decline", claim, note="The holder called").status == 200
    sys.stdout.write(f"claim {dict(claiming.units)}, verdict {dict(deciding.units)}\n")
    assert claiming.units["write"] <= MOST_OF_A_CLAIM
    assert deciding.units["write"] <= MOST_OF_A_VERDICT


def test_the_next_review_and_an_account_cost_the_same_however_much_there_is(sqlite_stack: Stack) -> None:
    histories = replace(history_wiring.entity_histories(), rows=ROWS)

    def cost() -> tuple[Meter, Meter]:
        with metered() as account:
            histories.of(Thing("account", "C1", ()), sharing=True)
        with metered() as following:
            analyst().send("POST", "/api/v1/database/reviews/next", {"filters": BOTH})
        return account, following

    of(sqlite_stack, PAYMENTS)
    some = cost()
    of(sqlite_stack, PAYMENTS, first=PAYMENTS)
    more = cost()
    for before, after in zip(some, more, strict=True):
        sys.stdout.write(f"{dict(before.units)} -> {dict(after.units)}\n")
        assert after.calls == before.calls
        assert after.units["read"] <= before.units["read"] * 1.05
