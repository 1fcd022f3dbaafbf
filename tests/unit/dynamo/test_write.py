"""What DynamoDB says where a condition did not hold, or where others were in the way."""

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from fraudshield.dynamo.write import (
    cancellation_reasons,
    condition_failed,
    found_instead,
    found_instead_of_each,
    if_allowed,
    only_in_the_way,
)
from tests.aws_failure import cancelled, condition_refused, failing, refused

LATE = ReadTimeoutError(endpoint_url="u")


def test_a_write_that_was_not_allowed_gives_nothing() -> None:
    assert if_allowed(failing()) == "done"
    assert if_allowed(failing(condition_refused())) is None


@pytest.mark.parametrize("failure", [refused("ThrottlingException"), LATE, cancelled("ConditionalCheckFailed")])
def test_every_other_failure_of_a_write_is_raised(failure: Exception) -> None:
    with pytest.raises(type(failure)):
        if_allowed(failing(failure))


def test_a_condition_says_what_was_there_instead() -> None:
    there = {"version": {"N": "3"}}
    assert found_instead(condition_refused(there)) == there
    assert found_instead(condition_refused()) == {}
    assert condition_failed(condition_refused())


def test_what_is_no_condition_is_raised_again() -> None:
    with pytest.raises(ClientError, match="ThrottlingException"):
        found_instead(refused("ThrottlingException"))


def test_a_cancelled_transaction_says_of_each_write_why() -> None:
    failure = cancelled("None", "ConditionalCheckFailed", "TransactionConflict", found=[{}, {"at": {"S": "x"}}])
    assert cancellation_reasons(failure) == ["None", "ConditionalCheckFailed", "TransactionConflict"]
    assert found_instead_of_each(failure) == {1: {"at": {"S": "x"}}}


@pytest.mark.parametrize("failure", [refused("ThrottlingException"), LATE])
def test_what_is_no_cancelled_transaction_has_no_reasons(failure: ClientError) -> None:
    assert cancellation_reasons(failure) == []
    assert found_instead_of_each(failure) == {}


@pytest.mark.parametrize(
    ("failure", "passes"),
    [
        (cancelled("None", "TransactionConflict"), True),
        (cancelled("ConditionalCheckFailed", "TransactionConflict"), False),
        (cancelled("None", "ConditionalCheckFailed"), False),
        (cancelled("ValidationError"), False),
        (refused("ThrottlingException"), False),
        (LATE, False),
    ],
)
def test_only_who_was_merely_in_the_way_will_be_gone(failure: ClientError, passes: bool) -> None:
    assert only_in_the_way(failure) is passes
