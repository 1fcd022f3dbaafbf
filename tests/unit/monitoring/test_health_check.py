"""The health checker asks again before it says that a service is down."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fraudshield.budget import AGAIN_S, COLD_HEALTH_S, HEALTH_CACHE_S, HEALTH_S
from fraudshield.monitoring.cloudwatch import CloudWatchMetrics
from fraudshield.monitoring.metric import Metric, Series
from fraudshield.monitoring.probe import HealthChecker
from fraudshield.monitoring.service_health import ServiceHealth

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
FINE = ServiceHealth("healthy", 0.01, "")
PARTLY = ServiceHealth("degraded", 0.01, "queue_unavailable")
DOWN = ServiceHealth("unhealthy", 2.0, "no response in time")


@dataclass
class FakeServices:
    """What each service says, look by look; the last of it stays."""

    says: Mapping[str, list[ServiceHealth]]
    asked: list[list[str]] = field(default_factory=list)

    def health(self, only: Collection[str] | None = None) -> Mapping[str, ServiceHealth]:
        names = sorted(self.says if only is None else only)
        self.asked.append(names)
        return {name: self.says[name].pop(0) if len(self.says[name]) > 1 else self.says[name][0] for name in names}


class NoMetrics(CloudWatchMetrics):
    def read(self, metrics: object, *_: object) -> list[Series]:
        return [Series(Metric("cpu", "CpuPercent", "Maximum", "percent"), ())]


def checked(services: FakeServices) -> tuple[int, list[float]]:
    """How many services are found unhealthy, and what pauses were made."""
    pauses: list[float] = []
    return HealthChecker(services, NoMetrics(""), (), pauses.append).check(NOW).unhealthy, pauses


def test_a_service_that_only_had_to_start_is_not_down() -> None:
    services = FakeServices({"model": [DOWN, FINE], "ingest": [FINE]})
    assert checked(services) == (0, [AGAIN_S])
    assert services.asked == [["ingest", "model"], ["model"]]


def test_a_service_that_fails_twice_is_down() -> None:
    assert checked(FakeServices({"model": [DOWN], "ingest": [FINE]})) == (1, [AGAIN_S])


def test_where_all_work_nobody_is_asked_twice() -> None:
    services = FakeServices({"model": [FINE], "ingest": [PARTLY]})
    assert checked(services) == (0, [])
    assert len(services.asked) == 1


def test_the_second_answer_is_no_memory_of_the_first() -> None:
    assert AGAIN_S > HEALTH_CACHE_S


def test_a_check_waits_for_a_cold_start() -> None:
    assert COLD_HEALTH_S > 2 * HEALTH_S
