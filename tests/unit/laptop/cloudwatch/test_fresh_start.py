"""The template's alarms about services, on a start: one bad look is no outage, and that none was is no alarm."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.laptop.cloudwatch.alarm import ALARM, INSUFFICIENT, OK, AlarmSpec, alarm_specs, alarm_state, period_start
from infra.laptop.intrinsic import Resolver
from tests.contract.expanded import template

BEGUN = datetime(2026, 11, 24, 10, 4, tzinfo=UTC)
LOOKS = timedelta(minutes=5)
ALL = 7.0


@pytest.fixture(scope="module")
def specs() -> dict[str, AlarmSpec]:
    return {spec.name.rsplit("-", 1)[-1]: spec for spec in alarm_specs(Resolver(template(), {}))}


def state(spec: AlarmSpec, *looks: float) -> str:
    """The alarm's state after looks every five minutes from the start on, of so many unhealthy services each."""
    values: dict[datetime, float] = {}
    at = BEGUN
    for number in looks:
        start = period_start(at, spec.period_s)
        values[start] = max(values.get(start, 0.0), number)
        at += LOOKS
    return alarm_state(spec, values, max(BEGUN, at - LOOKS), INSUFFICIENT, BEGUN)


@pytest.mark.parametrize("looks", [[ALL], [ALL, 0.0], [ALL, 0.0, 0.0, 0.0], [], [0.0] * 4])
def test_a_first_look_that_meets_a_cold_start_opens_nothing(specs: dict[str, AlarmSpec], looks: list[float]) -> None:
    assert state(specs["ServiceDown"], *looks) == OK


def test_a_service_that_stays_down_is_told_within_two_quarters_of_an_hour(specs: dict[str, AlarmSpec]) -> None:
    assert state(specs["ServiceDown"], ALL, ALL, ALL, ALL) == ALARM


def test_an_alarm_that_took_no_data_for_an_outage_would_be_open_at_once(specs: dict[str, AlarmSpec]) -> None:
    """Planted: as it was, on AWS, where an alarm does not know when it was made."""
    spec = specs["ServiceDown"]
    assert alarm_state(spec, {}, BEGUN, INSUFFICIENT) == OK
    was = AlarmSpec(**{name: getattr(spec, name) for name in spec.__slots__} | {"missing": "breaching"})
    assert alarm_state(was, {}, BEGUN, INSUFFICIENT) == ALARM


def test_that_nobody_has_looked_yet_is_no_change(specs: dict[str, AlarmSpec]) -> None:
    assert alarm_state(specs["NotWatched"], {}, BEGUN, INSUFFICIENT) == INSUFFICIENT
    assert specs["NotWatched"].no_data_actions


def test_an_alarm_that_the_stack_does_not_have_is_not_judged() -> None:
    """Else moto is told of the state of an alarm that it has not, every ten seconds."""
    assert "ScoringFails" not in {spec.name.rsplit("-", 1)[-1] for spec in alarm_specs(Resolver(template(), {}))}
    slowly = Resolver(template(), {"ScoringRollout": "Canary10Percent5Minutes"})
    assert "ScoringFails" in {spec.name.rsplit("-", 1)[-1] for spec in alarm_specs(slowly)}
