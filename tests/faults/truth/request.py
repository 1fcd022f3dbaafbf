"""The requests that an observer makes over and over: every route that reads or takes something in, by service."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.conftest import ROOT

FLAGGED = json.loads((ROOT / "events/transaction.json").read_text())
HONEST = "honest-1"  # stored before the fault

ROUND = 4  # requests of one client

Body = Callable[[str], Any]  # of an id that was never used


@dataclass(frozen=True, slots=True)
class ObservedRequest:
    """A request by name, which is its method and path. `body` makes what is sent, of a new id."""

    name: str
    body: Body | None = None

    @property
    def method(self) -> str:
        """GET, POST and so on."""
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path at the gateway, with the query."""
        return self.name.partition(" ")[2].replace("{id}", HONEST)

    def sent(self, new_id: str) -> bytes | None:
        """The body's bytes."""
        return None if self.body is None else json.dumps(self.body(new_id)).encode()


def payment(new_id: str) -> dict[str, Any]:
    """A small payment that nobody would stop."""
    return dict(FLAGGED) | {"transaction_id": new_id, "type": "PAYMENT", "amount": 12.34, "nameDest": "M1"}


def one_payment(new_id: str) -> dict[str, Any]:
    """A list with one payment."""
    return {"transactions": [payment(new_id)]}


def ids(prefix: str) -> Iterator[str]:
    """Ids that nobody has used."""
    mark = uuid4().hex[:8]
    return (f"{prefix}-{mark}-{number}" for number in itertools.count())


SCORE = "POST /api/v1/score"
INGEST = "POST /api/v1/ingest/ingest"
STATUS = "GET /services/status"
OVERVIEW = "GET /api/v1/monitoring/overview"
EXPLAIN = "POST /api/v1/model/explain"
READ = "GET /api/v1/database/transactions/{id}"
LIST = "GET /api/v1/database/transactions?limit=1"
HISTORY = "GET /api/v1/notifications/history"
QUALITY = "GET /api/v1/ingest/quality"
UPLOAD = "POST /api/v1/batch/uploads"
TELL = "POST /api/v1/notifications/fraud-alert"
OWN_HEALTH = "GET /health"
OPENAPI = "GET /openapi.json"
INFO = "GET /api/v1/model/model/info"
METRICS = "GET /api/v1/monitoring/metrics"

SERVICES = ("analytics", "batch", "database", "ingest", "model", "monitoring", "notifications", "policy")
HEALTH = {service: f"GET /api/v1/{service}/health" for service in SERVICES}

BODIES: Mapping[str, Body] = {
    SCORE: one_payment,
    INGEST: one_payment,
    EXPLAIN: lambda new_id: {"transaction": payment(new_id)},
    UPLOAD: lambda new_id: {"file_name": f"{new_id}.csv"},
    TELL: lambda new_id: {"transaction": payment(new_id), "risk_score": 0.0},
}
READS: Mapping[str, tuple[str, ...]] = {
    "model": ("GET /api/v1/model/policy",),
    "ingest": tuple(f"GET /api/v1/ingest/{name}" for name in ("transactions?limit=1", "stats", "quality", "export")),
    "database": (
        READ,
        LIST,
        *(
            f"GET /api/v1/database/{name}"
            for name in ("statistics", "predictions?transaction_id={id}", "logs", "performance")
        ),
    ),
    "analytics": (
        *(f"GET /api/v1/analytics/{name}" for name in ("fraud-trends", "transaction-patterns", "risk-distribution")),
        *(f"GET /api/v1/analytics/{name}" for name in ("model-performance", "dashboard-summary")),
    ),
    "notifications": (
        HISTORY,
        *(f"GET /api/v1/notifications/{name}" for name in ("stats", "subscribers", "thresholds")),
    ),
    "batch": ("GET /api/v1/batch/jobs", "GET /api/v1/batch/stats"),
    "monitoring": (OVERVIEW, *(f"GET /api/v1/monitoring/{name}" for name in ("services", "alerts"))),
}
BESIDE: Mapping[str, tuple[str, ...]] = {
    "gateway": (OWN_HEALTH, OPENAPI, STATUS),
    "model": (SCORE, INFO, EXPLAIN),
    "ingest": (INGEST,),
    "notifications": (TELL,),
    "batch": (UPLOAD,),
    "monitoring": (METRICS,),
}


def rounds() -> Iterator[tuple[ObservedRequest, ...]]:
    """For each client the requests that it makes in turn, all to one service; few, for each may take seconds."""
    for service in ("gateway", *SERVICES):
        health = (HEALTH[service],) if service in HEALTH else ()
        names = (*BESIDE.get(service, ()), *READS.get(service, ()), *health)
        for begin in range(0, len(names), ROUND):
            yield tuple(ObservedRequest(name, BODIES.get(name)) for name in names[begin : begin + ROUND])


STORE_READS = tuple(name for names in READS.values() for name in names)
EVERYTHING = tuple(one.name for round_ in rounds() for one in round_)
