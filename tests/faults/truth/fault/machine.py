"""The machine and those who call: a cold start, disks, a clock, ids that cannot be."""

from tests.faults.truth.expectation import OK, TAKEN_IN, Reply, answers_in_time, comes, line, quiet, says
from tests.faults.truth.fault.store import STORE, WHOLE_OR_503
from tests.faults.truth.mutant import (
    also,
    breaker_trips,
    changed,
    critical_start,
    fails,
    false_alarm,
    unhealthy_start,
    unnamed,
)
from tests.faults.truth.plant import cold_start, disk_full, read_only
from tests.faults.truth.request import (
    EVERYTHING,
    EXPLAIN,
    HEALTH,
    INFO,
    INGEST,
    METRICS,
    OPENAPI,
    OVERVIEW,
    OWN_HEALTH,
    QUALITY,
    READ,
    SCORE,
    SERVICES,
    STATUS,
    STORE_READS,
)
from tests.faults.truth.scenario import Mutant, Scenario
from tests.faults.truth.sender import MALFORMED_ID, SKEWED, clock_off, malformed_ids
from tests.faults.truth.site import own_engine, small_disk

WELL = Reply(200, told={"gateway_status": "healthy"})
OTHERS = tuple(name for name in EVERYTHING if name not in {SCORE, STATUS, OVERVIEW})
ALL_WELL = (
    says(SCORE, Reply(200, told={"persisted": "true"}), from_s=0),
    says(OTHERS, OK, TAKEN_IN, from_s=0, who="every other request"),
    says(STATUS, WELL),
    quiet(),
)
# The path without an id is the list; an id that nobody can have is one that is not there, or is refused as it is.
REFUSED = (
    OK,
    *(Reply(status, code) for status, code in ((404, "not_found"), (422, "invalid_input"), (400, "malformed"))),
)
# SQLite may find space in pages that it has, so a payment is stored, parked, or refused and said so: all are true.
NO_SPACE = (OK, Reply(503, "not_persisted"), Reply(503, STORE))

MACHINE_FAULTS = (
    Scenario(
        name="Cold start",
        planted="Every function's processes are gone, as after a deployment, and the health check runs at once.",
        place=own_engine,
        plant=cold_start,
        lasts_s=15.0,
        expectations=(
            says(OVERVIEW, Reply(200, told={"system_status": "healthy"})),
            *ALL_WELL,
        ),
        mutants=changed(false_alarm("ServiceDown"), unhealthy_start(), critical_start()),
    ),
    Scenario(
        name="Full disk",
        planted="Not a byte is free on the disk where the laptop keeps everything.",
        place=small_disk,
        plant=disk_full,
        lasts_s=15.0,
        expectations=(
            says([OWN_HEALTH, OPENAPI, INFO, EXPLAIN, METRICS], OK, from_s=0),
            says(SCORE, *NO_SPACE, from_s=0),
            says(INGEST, TAKEN_IN, Reply(503, "queue_unavailable"), from_s=0),
            says(STORE_READS, *WHOLE_OR_503, from_s=0, who="every request that reads what is stored"),
            says([HEALTH[one] for one in SERVICES], OK, Reply(503, told={"status": "unhealthy"}), from_s=0),
        ),
        mutants=changed(
            fails(OWN_HEALTH), fails(SCORE), Mutant("what needs no disk is refused", also(INFO, 503, STORE))
        ),
    ),
    Scenario(
        name="Read-only folder",
        planted="The laptop's folder is mounted over itself, read-only: nothing there can be opened for writing.",
        place=own_engine,
        plant=read_only,
        lasts_s=12.0,
        expectations=(
            says([OWN_HEALTH, OPENAPI, INFO, EXPLAIN, METRICS], OK, from_s=0),
            says(SCORE, Reply(200, told={"persisted": "true"}), from_s=0),  # the engine's file is open
            says(INGEST, Reply(503, "queue_unavailable"), from_s=0),  # a message is a file of its own
            says(STORE_READS, OK, from_s=0, who="every request that reads what is stored"),
            line("IngestFunction", "WARNING", "messages not queued"),
            says([HEALTH[one] for one in SERVICES], OK, Reply(503, told={"status": "unhealthy"}), from_s=0),
        ),
        mutants=changed(fails(OWN_HEALTH), fails(SCORE)),
    ),
    Scenario(
        name="Clock 10 minutes off",
        planted="A sender's clock is ten minutes ahead, then ten behind: its payments say so in `occurred_at`.",
        place=own_engine,
        plant=clock_off,
        lasts_s=12.0,
        expectations=(
            says(SKEWED, OK, from_s=0),
            *ALL_WELL,
            comes(QUALITY, Reply(200, told={"flags": "clock_skew"}), "as soon as it is counted"),
        ),
        mutants=changed(fails(SCORE), false_alarm("CountingLate"), unnamed(QUALITY, "flags")),
    ),
    Scenario(
        name="One malformed id a second",
        planted="Empty, 2,049 bytes and more, `%00`, `%2F`, `..`, bytes that are not UTF-8, one a second.",
        place=own_engine,
        plant=malformed_ids,
        lasts_s=15.0,
        expectations=(says(MALFORMED_ID, *REFUSED, from_s=0), *ALL_WELL, answers_in_time(*EVERYTHING)),
        mutants=changed(breaker_trips(), fails(READ), false_alarm("ApiErrors")),
    ),
)
