"""Changes of observations: what would be seen if the product behaved as it once did."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.faults.truth.observation import DURING, Observations, ObservedAlarm, ObservedResponse
from tests.faults.truth.request import HEALTH, OVERVIEW, READ, SERVICES, STATUS
from tests.faults.truth.scenario import Mutant

Change = Callable[[Observations], Observations]

LATE_S = 9.0  # in the fault, when all has settled
SPARED = "store_unavailable"


def answered(request: str, status: int, code: str = "", told: Mapping[str, str] | None = None) -> Change:
    """All responses to a request while the fault lasts are this one instead."""
    instead = ObservedResponse(
        request, DURING, status, code, told or {}, problem=bool(code), retry_after=status == 503, last_s=LATE_S
    )

    def change(seen: Observations) -> Observations:
        others = [one for one in seen.responses if (one.request, one.phase) != (request, DURING)]
        return replace(seen, responses=(*others, instead))

    return change


def healthy(*services: str) -> Mutant:
    """Health as it was: it says what it always says, and asks nobody."""

    def change(seen: Observations) -> Observations:
        for service in services:
            seen = answered(HEALTH[service], 200, told={"status": "healthy", "degraded": ""})(seen)
        return seen

    return Mutant(f"/health of {', '.join(services)} says healthy whatever happens", change)


def status_healthy() -> Mutant:
    """The same of the gateway's list."""
    told = {"gateway_status": "healthy"} | {f"{name} is": "healthy" for name in SERVICES}
    return Mutant("/services/status says healthy whatever happens", answered(STATUS, 200, told=told))


def unhealthy_start() -> Mutant:
    """What is slow because it has just started is taken for what is down."""
    told = {"gateway_status": "degraded", "model is": "unhealthy"}
    return Mutant("a cold start is told as an outage", answered(STATUS, 200, told=told))


def critical_start() -> Mutant:
    """The same of the overview."""
    return Mutant("a cold start is critical", answered(OVERVIEW, 200, told={"system_status": "critical"}))


def also(request: str, status: int, code: str = "") -> Change:
    """Beside its responses a request now and then gets this one."""
    one = ObservedResponse(
        request, DURING, status, code, problem=bool(code), retry_after=status == 503, first_s=LATE_S, last_s=LATE_S
    )
    return lambda seen: replace(seen, responses=(*seen.responses, one))


def breaker_trips() -> Mutant:
    """The breaker as it was: what a caller got wrong is taken for the store's failure, and others are refused."""
    return Mutant("a wrong id opens the breaker for everybody", also(READ, 503, SPARED))


def fails(request: str) -> Mutant:
    """An error that nobody foresaw."""
    return Mutant(f"{request} fails with 500", also(request, 500))


def silent(*alarms: str) -> Mutant:
    """Alarms that never go off."""

    def change(seen: Observations) -> Observations:
        return replace(seen, alarms=[one for one in seen.alarms if one.alarm not in alarms])

    return Mutant(f"{', '.join(alarms)} never goes off", change)


def false_alarm(name: str) -> Mutant:
    """An alarm that cries over nothing."""
    off = ObservedAlarm(name, "ALARM", DURING, LATE_S)
    return Mutant(f"{name} goes off", lambda seen: replace(seen, alarms=(*seen.alarms, off)))


def no_mails() -> Mutant:
    """The alarm's message is given up while the store is away."""
    return Mutant("mails are lost", lambda seen: replace(seen, mails=()))


def unnamed(request: str, fact: str) -> Mutant:
    """A fact is missing in the responses to a request."""

    def change(seen: Observations) -> Observations:
        found = [
            replace(one, told={name: text for name, text in one.told.items() if name != fact})
            if one.request == request
            else one
            for one in seen.responses
        ]
        return replace(seen, responses=found)

    return Mutant(f"{request} does not say {fact}", change)


def _leaking(seen: Observations) -> Observations:
    processes = {name: number + 12 for name, number in seen.after.processes.items()}
    return replace(seen, after=replace(seen.after, processes=processes))


def _open(seen: Observations) -> Observations:
    descriptors = {name: number + 1000 for name, number in seen.after.descriptors.items()}
    return replace(seen, after=replace(seen.after, descriptors=descriptors))


COMMON = (
    Mutant("what was parked is dropped", lambda seen: replace(seen, lost=("seen4-1 is not stored",))),
    Mutant("nothing is counted any more", lambda seen: replace(seen, miscounted=("total/api transactions: 3",))),
    Mutant("it needs a restart", lambda seen: replace(seen, back_s=None)),
    Mutant("a worker stays behind for each request", _leaking),
    Mutant("a descriptor stays open for each request", _open),
)


def changed(*own: Mutant) -> tuple[Mutant, ...]:
    """These, and those that go for every fault."""
    return (*own, *COMMON)
