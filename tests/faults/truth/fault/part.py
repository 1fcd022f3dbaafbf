"""What stands beside the store: queues, the model, the secret, SES."""

from tests.faults.truth.expectation import OK, TAKEN_IN, Reply, alarm, comes, line, mail, quiet, says
from tests.faults.truth.fault.store import degraded, unhealthy
from tests.faults.truth.mutant import also, answered, changed, fails, healthy, no_mails, silent, status_healthy, unnamed
from tests.faults.truth.plant import mails_refused, model_refused, queues_gone, secret_gone
from tests.faults.truth.request import (
    EVERYTHING,
    EXPLAIN,
    HEALTH,
    HISTORY,
    INFO,
    INGEST,
    LIST,
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
from tests.faults.truth.site import copied, own_engine

RULES = Reply(200, told={"persisted": "true", "decision_source": "rules", "degraded": "model_refused"})
CURSORS = ("GET /api/v1/database/predictions?transaction_id={id}", LIST)  # pages that go on
UNHARMED = tuple(name for name in EVERYTHING if name not in {HEALTH["notifications"], STATUS})


def well(*services: str) -> tuple[str, ...]:
    """The names of requests for the health of the others."""
    return tuple(HEALTH[one] for one in SERVICES if one not in services)


PART_FAULTS = (
    Scenario(
        name="Queue gone",
        planted="The queues of what was taken in and of what could not be stored are deleted, and made again later.",
        place=own_engine,
        plant=queues_gone,
        lasts_s=12.0,
        expectations=(
            says(INGEST, Reply(503, "queue_unavailable"), from_s=0),
            says(SCORE, Reply(200, told={"persisted": "true"}), from_s=0),
            says(STORE_READS, OK, from_s=0, who="every request that reads what is stored"),
            unhealthy(["ingest"], "queue_unavailable"),
            degraded(["model"], "queue_unavailable"),
            says(
                STATUS,
                Reply(200, told={"gateway_status": "degraded", "ingest is": "unhealthy", "model is": "degraded"}),
            ),
            says([OPENAPI, INFO, EXPLAIN, UPLOAD, METRICS, OWN_HEALTH], OK, from_s=0),
        ),
        mutants=changed(
            healthy("ingest"),
            status_healthy(),
            fails(INGEST),
            Mutant("payments are promised to be kept", answered(INGEST, 202)),
        ),
    ),
    Scenario(
        name="Model refused",
        planted="The model's file is cut in half, and functions are deployed anew; then repaired, and deployed again.",
        place=copied,
        plant=model_refused,
        lasts_s=20.0,
        expectations=(
            says(SCORE, RULES),
            says(INGEST, TAKEN_IN, from_s=0),
            says(INFO, OK, from_s=0),
            says(STORE_READS, OK, from_s=0, who="every request that reads what is stored"),
            degraded(["model", "ingest"], "model_refused"),
            says(STATUS, Reply(200, told={"gateway_status": "degraded", "model is": "degraded"})),
            says(well("model", "ingest"), Reply(200, told={"status": "healthy"}), from_s=0),
            alarm("Degraded"),
            mail("Alarm Degraded", "within a minute"),
            line("ModelFunction", "ERROR", "model refused, rules decide"),
        ),
        mutants=changed(
            healthy("model"),
            status_healthy(),
            silent("Degraded"),
            no_mails(),
            unnamed(SCORE, "degraded"),
            unnamed(SCORE, "decision_source"),
        ),
    ),
    Scenario(
        name="Secret gone",
        planted="The secret is marked as deleted, and functions are deployed anew; then it is restored.",
        place=own_engine,
        plant=secret_gone,
        lasts_s=12.0,
        expectations=(
            says(CURSORS, Reply(503, "store_unavailable"), OK, from_s=0),
            says(READ, OK, from_s=0),
            says(SCORE, Reply(200, told={"persisted": "true"}), from_s=0),
            says(INGEST, TAKEN_IN, from_s=0),
            degraded(["database", "notifications", "batch"], "secret_unavailable"),
            says(STATUS, Reply(200, told={"gateway_status": "degraded", "database is": "degraded"})),
            says(well("database", "notifications", "batch", "ingest", "monitoring"), OK, from_s=0),
        ),
        mutants=changed(
            healthy("database"),
            status_healthy(),
            fails(LIST),
            Mutant("reading by id fails too", also(READ, 503, "store_unavailable")),
        ),
    ),
    Scenario(
        name="SES refusing",
        planted="The sender's address is not verified any more, while three people subscribe.",
        place=own_engine,
        plant=mails_refused,
        lasts_s=15.0,
        expectations=(
            says(UNHARMED, OK, TAKEN_IN, from_s=0, who="every other request"),
            comes(HISTORY, Reply(200, told={"mails": "queued", "reasons": "MessageRejected"}), "within a minute"),
            alarm("MailsRefused"),
            quiet("ServiceDown", "DeadLetters", "ApiErrors", "MailsGivenUp"),
            mail("Confirm", "within a minute of its end", phases=("caught up", "after")),
        ),
        mutants=changed(silent("MailsRefused"), no_mails(), unnamed(HISTORY, "reasons"), fails(HISTORY)),
    ),
)
