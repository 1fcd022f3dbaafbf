"""Who may call how often: the template's usage plans, and the stage's limits for each method."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from infra.local.gateway_response import Kind
from infra.local.intrinsic import Resolver
from infra.local.route import Route
from infra.local.stage import Stage, of_type
from infra.local.throttle import Allowance, Bucket, Limit, Quota, today

Clock = Callable[[], float]
Today = Callable[[], date]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a key of the plan may use on the stage. `methods` are limits by `{resource}/{method}`."""

    limit: Limit | None = None
    quota: Allowance | None = None
    methods: Mapping[str, Limit] = field(default_factory=dict)


class Admission:
    """Lets requests in, or says why not.

    API Gateway's order: first the plan's limit for the method or else for all, then its quota, then the stage's
    limit for the method, which all keys share. What the plan refuses takes nothing from the others.
    """

    def __init__(self, resolver: Resolver, stage: Stage, clock: Clock = time.monotonic, day: Today = today) -> None:
        self._plans = dict(_plans(resolver, stage))
        self._stage, self._clock, self._day = stage, clock, day
        self._buckets: dict[tuple[str, ...], Bucket] = {}
        self._quotas: dict[str, Quota] = {}

    def has_plan(self, key_id: str) -> bool:
        """A key outside every plan of the stage is as good as none."""
        return key_id in self._plans

    def refuse(self, route: Route, key_id: str | None) -> Kind | None:
        """Counts a request; None when it may go on. `key_id` is None where the route asks for no key."""
        if key_id is not None and (refusal := self._refused_by_plan(route, key_id)):
            return refusal
        limit = self._stage.limit(route)
        return None if self._take((route.resource, route.method), limit) else Kind.THROTTLED

    def _refused_by_plan(self, route: Route, key_id: str) -> Kind | None:
        plan = self._plans[key_id]
        own = plan.methods.get(f"{route.resource}/{route.method}")
        bucket = (key_id, route.resource, route.method) if own else (key_id,)
        if not self._take(bucket, own or plan.limit):
            return Kind.THROTTLED
        if plan.quota is None:
            return None
        if key_id not in self._quotas:
            self._quotas[key_id] = Quota(plan.quota, self._day)
        return None if self._quotas[key_id].take() else Kind.QUOTA_EXCEEDED

    def _take(self, name: tuple[str, ...], limit: Limit | None) -> bool:
        if limit is None:
            return True
        if name not in self._buckets:
            self._buckets[name] = Bucket(limit, self._clock)
        return self._buckets[name].take()


def _plans(resolver: Resolver, stage: Stage) -> Iterator[tuple[str, Plan]]:
    """The plan of every key (its id) that has one on this stage."""
    plans = {
        resolver.ref(name): _plan(resolver.resolve(properties), stage)
        for name, properties in of_type(resolver.template, "AWS::ApiGateway::UsagePlan")
    }
    for _, properties in of_type(resolver.template, "AWS::ApiGateway::UsagePlanKey"):
        held = resolver.resolve(properties)
        if plan := plans[held["UsagePlanId"]]:
            yield held["KeyId"], plan


def _plan(properties: Mapping[str, Any], stage: Stage) -> Plan | None:
    here = [
        one for one in properties.get("ApiStages", []) if one["ApiId"] == stage.api_id and stage.named(one["Stage"])
    ]
    if not here:
        return None
    quota = properties.get("Quota")
    return Plan(
        _limit(properties["Throttle"]) if "Throttle" in properties else None,
        Allowance(int(quota["Limit"]), quota["Period"], int(quota.get("Offset", 0))) if quota else None,
        {name: _limit(one) for name, one in here[0].get("Throttle", {}).items()},
    )


def _limit(throttle: Mapping[str, Any]) -> Limit:
    return Limit(float(throttle["RateLimit"]), float(throttle["BurstLimit"]))
