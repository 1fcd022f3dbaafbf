"""Who may call how often: the template's usage plans, and the stage's limits for each method."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from infra.laptop.apigateway.gateway_response import GatewayResponseType
from infra.laptop.apigateway.route import Route
from infra.laptop.apigateway.stage import Stage
from infra.laptop.apigateway.throttle import QuotaCounter, QuotaSettings, RateLimit, TokenBucket, today
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import of_type

Clock = Callable[[], float]
Today = Callable[[], date]


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """What a key of the plan may use on the stage. `methods` are limits by `{resource}/{method}`."""

    limit: RateLimit | None = None
    quota: QuotaSettings | None = None
    methods: Mapping[str, RateLimit] = field(default_factory=dict)


class AdmissionControl:
    """Admits requests, or says why not.

    API Gateway's order: first the plan's limit for the method or else for all, then its quota, then the stage's
    limit for the method, which all keys share. What the plan refuses takes nothing from the others.
    """

    def __init__(self, resolver: Resolver, stage: Stage, clock: Clock = time.monotonic, day: Today = today) -> None:
        self._plans = dict(_plans(resolver, stage))
        self._stage, self._clock, self._day = stage, clock, day
        self._buckets: dict[tuple[str, ...], TokenBucket] = {}
        self._quotas: dict[str, QuotaCounter] = {}

    def has_plan(self, key_id: str) -> bool:
        """Whether a key is in a plan of the stage; outside every plan it is as good as none."""
        return key_id in self._plans

    def refuse(self, route: Route, key_id: str | None) -> GatewayResponseType | None:
        """Counts a request; None when it may go on. `key_id` is None where the route asks for no key."""
        if key_id is not None and (refusal := self._refused_by_plan(route, key_id)):
            return refusal
        limit = self._stage.limit(route)
        return None if self._take((route.resource, route.method), limit) else GatewayResponseType.THROTTLED

    def _refused_by_plan(self, route: Route, key_id: str) -> GatewayResponseType | None:
        plan = self._plans[key_id]
        own = plan.methods.get(f"{route.resource}/{route.method}")
        bucket = (key_id, route.resource, route.method) if own else (key_id,)
        if not self._take(bucket, own or plan.limit):
            return GatewayResponseType.THROTTLED
        if plan.quota is None:
            return None
        if key_id not in self._quotas:
            self._quotas[key_id] = QuotaCounter(plan.quota, self._day)
        return None if self._quotas[key_id].take() else GatewayResponseType.QUOTA_EXCEEDED

    def _take(self, name: tuple[str, ...], limit: RateLimit | None) -> bool:
        if limit is None:
            return True
        if name not in self._buckets:
            self._buckets[name] = TokenBucket(limit, self._clock)
        return self._buckets[name].take()


def _plans(resolver: Resolver, stage: Stage) -> Iterator[tuple[str, UsagePlan]]:
    """The plan of every key (its id) that has one on this stage."""
    plans = {
        resolver.ref(name): _plan(resolver.resolve(properties), stage)
        for name, properties in of_type(resolver.template, "AWS::ApiGateway::UsagePlan")
    }
    for _, properties in of_type(resolver.template, "AWS::ApiGateway::UsagePlanKey"):
        held = resolver.resolve(properties)
        if plan := plans[held["UsagePlanId"]]:
            yield held["KeyId"], plan


def _plan(properties: Mapping[str, Any], stage: Stage) -> UsagePlan | None:
    here = [
        one for one in properties.get("ApiStages", []) if one["ApiId"] == stage.api_id and stage.named(one["Stage"])
    ]
    if not here:
        return None
    quota = properties.get("Quota")
    return UsagePlan(
        _limit(properties["Throttle"]) if "Throttle" in properties else None,
        QuotaSettings(int(quota["Limit"]), quota["Period"], int(quota.get("Offset", 0))) if quota else None,
        {name: _limit(one) for name, one in here[0].get("Throttle", {}).items()},
    )


def _limit(throttle: Mapping[str, Any]) -> RateLimit:
    return RateLimit(float(throttle["RateLimit"]), float(throttle["BurstLimit"]))
