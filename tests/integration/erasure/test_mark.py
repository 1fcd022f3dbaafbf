"""The marks of erased accounts: found by whoever knows the name, readable by nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.errors import StoreUnavailable
from fraudshield.text.timestamp import instant
from tests.fakes import NOW
from tests.stack import Stack, client

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens


def mark(stack: Stack, *accounts: str) -> None:
    """As an erasure leaves them."""
    for number, account in enumerate(accounts):
        key = {"account_hash": {"S": erasure_wiring.erasures().mark(account)}}
        erased_at = {"erased_at": {"S": instant(NOW + timedelta(seconds=number))}}
        client("dynamodb").put_item(TableName=stack.erasures, Item=key | erased_at)


def test_an_erased_account_is_found_with_its_time_and_no_other_is(stack: Stack) -> None:
    mark(stack, "C1", "C2")
    found = erasure_wiring.erasures().erased_at(["C1", "C2", "C3", "c1"])
    assert found == {"C1": NOW, "C2": NOW + timedelta(seconds=1)}


@pytest.mark.parametrize("number", [0, 1, 100, 101, 250])
def test_any_number_of_accounts_can_be_asked_for(lasting_stack: Stack, number: int) -> None:
    mark(lasting_stack, "C7")
    names = [f"C{n}" for n in range(number)]
    assert erasure_wiring.erasures().erased_at(names).keys() == {"C7"} & set(names)


def test_the_mark_shows_no_name_and_fits_no_other_secret(stack: Stack, told: Callable[..., None]) -> None:
    mark(stack, "C1231006815")
    stored = client("dynamodb").scan(TableName=stack.erasures)["Items"]
    assert "C1231006815" not in str(stored)
    secret = client("secretsmanager")
    secret.put_secret_value(SecretId=stack.resolver.refs["SigningSecret"], SecretString="another")
    told()
    assert erasure_wiring.erasures().erased_at(["C1231006815"]) == {}


def test_a_mark_is_no_pseudonym(stack: Stack) -> None:
    erasures = erasure_wiring.erasures()
    assert erasures.mark("C1")[:32] not in erasures.pseudonym("C1")


def test_a_store_that_is_away_is_said_so(stack: Stack, told: Callable[..., None]) -> None:
    erasures = erasure_wiring.erasures()
    told(AWS_ENDPOINT_URL_DYNAMODB=NOWHERE)
    with pytest.raises(StoreUnavailable):
        erasures.erased_at(["C1"])
