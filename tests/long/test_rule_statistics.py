"""Statistics of rules over 10,000 payments: a fifth delivered again, shuffled, by 25 processes that die."""

import pytest

from functions.policy import app
from tests.caller import Caller
from tests.rules.history import deliver_until_counted, killing, ruled, wrong
from tests.stack import Stack
from tests.stream_history import shards

pytestmark = pytest.mark.long
PAYMENTS, EVERY = 10_000, 12  # batches are of 30 records at the middle: every twelfth of some 470 dies, twice 25 times


def test_under_duplicates_shuffles_and_kills_they_are_those_of_the_payments(engine_stack: Stack) -> None:
    records, end = ruled(PAYMENTS, "many rules", days=30)
    kills = killing(EVERY)
    deliver_until_counted(shards(records, "many rules"), kills, "many rules")
    analyst = Caller("AnalystKey", handler=app.lambda_handler)
    for days in (1, 7, 30):
        found = analyst.send("GET", f"/api/v1/policy/rules/statistics?days={days}").json
        assert wrong(found, end, days) == []
