"""Statistics of rules, read from the counts."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.rule.statistics import RuleStatistics, RuleStatisticsQuery, rule_statistics
from fraudshield.api.openapi import documented
from fraudshield.api.request import query, scope
from fraudshield.api.response import json_response
from fraudshield.errors import UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.owner import owners_of_type

ANALYST = Depends(scope("analyst"))

router = APIRouter()


@router.get(
    "/rules/statistics",
    dependencies=[ANALYST],
    **documented(RuleStatistics, query=RuleStatisticsQuery, raises=(UnknownEventType,)),
)
async def statistics(request: Request) -> Response:
    """How often each rule held, for whom and for how much, beside which others, and how right it was."""
    asked, now = query(request, RuleStatisticsQuery), datetime.now(UTC)
    event_type = event_type_wiring.event_types().named(asked.event_type)
    policy = policy_wiring.policies().of(owners_of_type(event_type)).newest()
    codes = {rule.code for rule in policy.rules}
    return json_response(rule_statistics(analytics_wiring.aggregates(), event_type, codes, asked.days, now))
