"""Buckets, quotas, and the order in which plans and the stage use them."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from infra.laptop.apigateway.gateway_response import GatewayResponseType
from infra.laptop.apigateway.route import LambdaIntegration, Route
from infra.laptop.apigateway.stage import stage
from infra.laptop.apigateway.throttle import QuotaCounter, QuotaSettings, RateLimit, TokenBucket
from infra.laptop.apigateway.usage_plan import AdmissionControl
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template
from tests.stack import template

SCORE = Route("/api/v1/score", "ANY", key_required=True, integration=LambdaIntegration("ModelFunction", 11))
MODEL = Route("/api/v1/model/{proxy+}", "ANY", key_required=True, integration=LambdaIntegration("ModelFunction", 11))
PREFLIGHT = Route("/api/v1/score", "OPTIONS", key_required=False, integration=LambdaIntegration("ModelFunction", 11))


@dataclass
class FakeClock:
    """Stands still until told."""

    now: float = 100.0
    day: date = date(2026, 11, 24)


def taken(bucket: TokenBucket | QuotaCounter, times: int) -> int:
    return sum(bucket.take() for _ in range(times))


def test_a_bucket_gives_its_burst_and_then_refills_at_its_rate() -> None:
    clock = FakeClock()
    bucket = TokenBucket(RateLimit(rate=2, burst=3), lambda: clock.now)
    assert taken(bucket, 5) == 3
    clock.now += 0.5
    assert taken(bucket, 5) == 1
    clock.now += 0.49
    assert taken(bucket, 5) == 0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = FakeClock()
    bucket = TokenBucket(RateLimit(rate=2, burst=3), lambda: clock.now)
    clock.now += 3600
    assert taken(bucket, 10) == 3


def test_a_bucket_without_a_burst_lets_nobody_in() -> None:
    assert taken(TokenBucket(RateLimit(rate=100, burst=0)), 3) == 0


def test_a_quota_is_full_again_when_its_period_turns() -> None:
    clock = FakeClock()
    quota = QuotaCounter(QuotaSettings(2, "DAY"), lambda: clock.day)
    assert taken(quota, 3) == 2
    clock.day = date(2026, 11, 25)
    assert taken(quota, 3) == 2


@pytest.mark.parametrize(
    ("period", "offset", "start"),
    [
        ("DAY", 0, date(2026, 11, 24)),
        ("WEEK", 0, date(2026, 11, 22)),  # a Sunday
        ("WEEK", 1, date(2026, 11, 23)),
        ("WEEK", 2, date(2026, 11, 24)),
        ("WEEK", 3, date(2026, 11, 18)),
        ("MONTH", 0, date(2026, 11, 1)),
    ],
)
def test_a_quotas_period_starts_in_utc_on_its_offset(period: str, offset: int, start: date) -> None:
    assert QuotaSettings(1, period, offset).start(date(2026, 11, 24)) == start


def test_a_period_that_api_gateway_does_not_have_is_refused() -> None:
    with pytest.raises(SetupError, match="YEAR"):
        QuotaSettings(1, "YEAR").start(date(2026, 11, 24))


def changed(**plans: dict[str, Any]) -> Template:
    """The template with more in its plans."""
    copy = deepcopy(template())
    for name, more in plans.items():
        copy["Resources"][name]["Properties"] |= more
    return copy


def admission(clock: FakeClock, over: Template | None = None, **parameters: str) -> AdmissionControl:
    resolver = Resolver(over or template(), parameters)
    return AdmissionControl(resolver, stage(resolver), lambda: clock.now, lambda: clock.day)


def refusals(gate: AdmissionControl, route: Route, key_id: str | None, times: int) -> list[GatewayResponseType | None]:
    return [gate.refuse(route, key_id) for _ in range(times)]


def test_a_key_over_its_plans_burst_is_throttled_and_other_keys_are_not() -> None:
    gate = admission(FakeClock(), PlanBurstLimit="2", PlanRateLimit="1")
    assert refusals(gate, SCORE, "AnalystKey", 3) == [None, None, GatewayResponseType.THROTTLED]
    assert refusals(gate, MODEL, "AnalystKey", 1) == [GatewayResponseType.THROTTLED]
    assert refusals(gate, SCORE, "AdminKey", 2) == [None, None]


def test_what_a_plan_refuses_takes_nothing_from_the_methods_own_limit() -> None:
    gate = admission(FakeClock(), PlanBurstLimit="1", ScoreBurstLimit="2", ScoreRateLimit="1")
    assert refusals(gate, SCORE, "AnalystKey", 5)[1:] == [GatewayResponseType.THROTTLED] * 4
    assert refusals(gate, SCORE, "AdminKey", 1) == [None]


def test_all_keys_share_a_methods_limit_and_each_method_has_its_own() -> None:
    gate = admission(FakeClock(), ScoreBurstLimit="2", ScoreRateLimit="1")
    assert refusals(gate, SCORE, "AnalystKey", 2) == [None, None]
    assert refusals(gate, SCORE, "AdminKey", 1) == [GatewayResponseType.THROTTLED]
    assert refusals(gate, MODEL, "AdminKey", 1) == [None]


def test_a_keyless_route_has_the_limit_that_the_template_gives_it() -> None:
    gate = admission(FakeClock())
    assert refusals(gate, PREFLIGHT, None, 41) == [None] * 40 + [GatewayResponseType.THROTTLED]


def test_a_limit_for_all_methods_of_one_resource_goes_before_the_general_one() -> None:
    setting = {
        "ResourcePath": "/~1api~1v1~1score",
        "HttpMethod": "*",
        "ThrottlingRateLimit": 1,
        "ThrottlingBurstLimit": 1,
    }
    own = changed()
    own["Resources"]["ApiStage"]["Properties"]["MethodSettings"].append(setting)
    assert refusals(admission(FakeClock(), own), SCORE, "AdminKey", 2) == [None, GatewayResponseType.THROTTLED]
    assert refusals(admission(FakeClock(), own), MODEL, "AdminKey", 2) == [None, None]


def test_a_plans_own_limit_for_a_method_stands_in_for_its_general_one() -> None:
    stages = [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "ApiStage"}, "Throttle": {"/api/v1/score/ANY": one(1, 1)}}]
    gate = admission(FakeClock(), changed(AdminPlan={"ApiStages": stages}))
    assert refusals(gate, SCORE, "AdminKey", 2) == [None, GatewayResponseType.THROTTLED]
    assert refusals(gate, MODEL, "AdminKey", 2) == [None, None]


def test_a_quota_that_is_used_up_says_so_until_the_next_day() -> None:
    clock = FakeClock()
    gate = admission(clock, changed(AdminPlan={"Quota": {"Limit": 2, "Period": "DAY"}}))
    assert refusals(gate, SCORE, "AdminKey", 3) == [None, None, GatewayResponseType.QUOTA_EXCEEDED]
    assert refusals(gate, SCORE, "AnalystKey", 3) == [None, None, None]
    clock.day = date(2026, 11, 25)
    assert refusals(gate, SCORE, "AdminKey", 1) == [None]


def test_a_throttled_request_does_not_count_against_the_quota() -> None:
    clock = FakeClock()
    plan = {"Quota": {"Limit": 2, "Period": "DAY"}, "Throttle": one(1, 1)}
    gate = admission(clock, changed(AdminPlan=plan))
    assert refusals(gate, SCORE, "AdminKey", 2) == [None, GatewayResponseType.THROTTLED]
    clock.now += 1
    assert refusals(gate, SCORE, "AdminKey", 1) == [None]


def test_a_key_of_another_stages_plan_has_none_here() -> None:
    elsewhere = [{"ApiId": {"Ref": "Api"}, "Stage": "another"}]
    gate = admission(FakeClock(), changed(AdminPlan={"ApiStages": elsewhere}))
    assert not gate.has_plan("AdminKey")
    assert gate.has_plan("AnalystKey")


def one(rate: float, burst: int) -> dict[str, float]:
    return {"RateLimit": rate, "BurstLimit": burst}
