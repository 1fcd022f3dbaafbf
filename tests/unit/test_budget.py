"""The sums of the time budget come out."""

from fraudshield import budget

SINGLE_S = 2.5  # what one transaction is promised
STORE_GONE_S = 1.5  # what it is promised with the store unreachable


def test_one_transaction_answers_in_time_whatever_fails() -> None:
    assert budget.STORE_S + budget.VELOCITY_S + budget.STORE_S + budget.PARK_S <= SINGLE_S


def test_a_payment_of_a_known_type_answers_in_time_too() -> None:
    whole = budget.STORE_S + budget.VELOCITY_S + budget.STORE_S + budget.PARK_S
    assert whole + budget.EVENT_TYPE_LOOK_S <= SINGLE_S


def test_with_the_store_gone_the_first_failure_is_the_only_wait() -> None:
    assert budget.VELOCITY_S + budget.STORE_S + budget.PARK_S <= STORE_GONE_S


def test_reading_velocities_leaves_most_of_a_call_to_its_writes() -> None:
    assert budget.STORE_S + budget.VELOCITIES_S <= budget.WRITES_STOP_S / 2


def test_two_reads_that_are_never_answered_fit_into_a_store_call() -> None:
    assert budget.ATTEMPTS * budget.READ_S + budget.BACK_OFF_S <= budget.STORE_S


def test_a_look_up_ends_within_the_time_of_a_request_to_the_store() -> None:
    assert budget.LOOKUP_ATTEMPTS * (budget.READ_S + budget.BACK_OFF_S) <= budget.LOOKUP_S <= budget.REQUEST_S / 4


def test_what_is_left_when_writes_stop_is_parked_within_the_request() -> None:
    assert budget.WRITES_STOP_S + budget.STORE_S <= budget.REQUEST_S
    assert budget.WRITES_STOP_S + budget.PARK_S <= budget.REQUEST_S


def test_a_verdict_and_its_label_end_before_their_function() -> None:
    """The last attempt of either begins `STORE_S` before its time is up, and takes as long as a look-up may."""
    verdict_ends = budget.REQUEST_S - budget.LABEL_S - budget.STORE_S + budget.LOOKUP_S
    assert verdict_ends <= budget.REQUEST_S - budget.STORE_S  # so that there is a try at the label
    assert budget.REQUEST_S - budget.STORE_S + budget.LOOKUP_S < budget.FUNCTION_S


def test_the_function_outlives_its_request_and_the_gateway_its_function() -> None:
    assert budget.REQUEST_S < budget.FUNCTION_S < budget.INTEGRATION_S < 29  # API Gateway's own limit
