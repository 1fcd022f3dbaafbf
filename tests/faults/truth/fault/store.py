"""The store: frozen, gone, slow, killed."""

from collections.abc import Sequence

from tests.faults.truth.expectation import (
    OK,
    TAKEN_IN,
    Expectation,
    Reply,
    alarm,
    answers_in_time,
    line,
    mail,
    quiet,
    says,
)
from tests.faults.truth.mutant import also, changed, fails, healthy, no_mails, silent, status_healthy, unnamed
from tests.faults.truth.plant import engine_killed, frozen, gone, slow
from tests.faults.truth.request import (
    EVERYTHING,
    EXPLAIN,
    HEALTH,
    INFO,
    INGEST,
    METRICS,
    OPENAPI,
    OWN_HEALTH,
    READ,
    SCORE,
    SERVICES,
    STATUS,
    STORE_READS,
    UPLOAD,
)
from tests.faults.truth.scenario import Mutant, Scenario
from tests.faults.truth.site import behind_proxy, own_engine

STORE = "store_unavailable"
ON_STORE = ("analytics", "batch", "database", "monitoring", "notifications", "policy")  # model and ingest work without


def degraded(services: Sequence[str], cause: str) -> Expectation:
    """These services say that they still work, and what is missing."""
    return _health(services, Reply(200, told={"status": "degraded", "degraded": cause}))


def unhealthy(services: Sequence[str], cause: str) -> Expectation:
    """These services say that they cannot work, and what is missing."""
    return _health(services, Reply(503, told={"status": "unhealthy", "degraded": cause}))


def _health(services: Sequence[str], reply: Reply) -> Expectation:
    return says([HEALTH[one] for one in services], reply, who=f"`GET /health` of {', '.join(services)}")


STORE_DOWN = (
    says(SCORE, Reply(200, told={"persisted": "false", "degraded": STORE})),
    says(INGEST, TAKEN_IN, from_s=0),
    says(STORE_READS, Reply(503, STORE), who="every request that reads what is stored"),
    says([OPENAPI, INFO, EXPLAIN, UPLOAD, METRICS, OWN_HEALTH], OK, from_s=0),
    unhealthy(ON_STORE, STORE),
    degraded(["model", "ingest"], STORE),
    says(STATUS, Reply(200, told={"gateway_status": "degraded", "database is": "unhealthy", "model is": "degraded"})),
    alarm("Parked"),
    mail("Alarm Parked", "at the latest when the store is back"),
    line("DatabaseFunction", "WARNING", "store unavailable, breaker open"),
    line("BackfillFunction", "WARNING", "message not settled"),
    answers_in_time(SCORE, INGEST),
)
STORE_MUTANTS = changed(
    healthy("database"),
    healthy("model"),
    status_healthy(),
    silent("Parked"),
    no_mails(),
    unnamed(SCORE, "degraded"),
    fails(READ),
    Mutant("taking in fails beside it", also(INGEST, 503, "queue_unavailable")),
)

# Where the store works, only late or with gaps, both is true: what it gave, and that it did not.
WHOLE_OR_503 = (OK, TAKEN_IN, Reply(503, STORE))

STORE_FAULTS = (
    Scenario(
        name="Store frozen",
        planted="The store's process stands still: connections are made, and nothing comes back.",
        place=own_engine,
        plant=frozen,
        lasts_s=20.0,
        expectations=STORE_DOWN,
        mutants=STORE_MUTANTS,
    ),
    Scenario(
        name="Store gone",
        planted="Connections to the store are reset, new ones refused.",
        place=behind_proxy,
        plant=gone,
        lasts_s=20.0,
        expectations=STORE_DOWN,
        mutants=STORE_MUTANTS,
    ),
    Scenario(
        name="Slow disk",
        planted="Every answer of the store comes 0.15 s late.",
        place=behind_proxy,
        plant=slow,
        lasts_s=15.0,
        expectations=(
            says(SCORE, Reply(200, told={"persisted": ("true", "false")}), from_s=0),
            says(INGEST, TAKEN_IN, from_s=0),
            says(READ, OK, from_s=0),
            says([HEALTH[one] for one in SERVICES], Reply(200), from_s=0),
            says([OPENAPI, INFO, EXPLAIN, UPLOAD, METRICS, OWN_HEALTH, STATUS], OK, from_s=0),
            quiet("ServiceDown", "DeadLetters", "ApiErrors"),
            answers_in_time(SCORE, INGEST),
        ),
        mutants=changed(Mutant("reads are refused after one slow read", also(READ, 503, STORE)), fails(SCORE)),
    ),
    Scenario(
        name="Engine killed",
        planted="The store's process is killed, and again every 4 s when it has been started anew.",
        place=own_engine,
        plant=engine_killed,
        lasts_s=13.0,
        expectations=(
            says(SCORE, OK, from_s=0),
            says(INGEST, TAKEN_IN, from_s=0),
            says(STORE_READS, *WHOLE_OR_503, from_s=0, who="every request that reads what is stored"),
            says([OPENAPI, INFO, EXPLAIN, UPLOAD, METRICS, OWN_HEALTH, STATUS], OK, from_s=0),
            quiet("ServiceDown", "DeadLetters", "ApiErrors"),
            answers_in_time(*EVERYTHING),
        ),
        mutants=changed(fails(READ), Mutant("payments are refused", also(SCORE, 503, "not_persisted"))),
    ),
)
