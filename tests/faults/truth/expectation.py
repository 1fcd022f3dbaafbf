"""What must be seen of a fault: each expectation is a row of the table and a check of observations, in one value.

A check returns complaints, one a line, and looks at nothing but its argument: defects are planted in observations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.truth.observation import AFTER, BEFORE, CAUGHT_UP, DURING, Census, Observations, ObservedResponse
from tests.faults.truth.request import EVERYTHING

SETTLE_S = 8.0  # health is cached for 5 s and then asked anew; what is said until then may be of before
SINGLE_S = 10.0  # a payment is answered within 2.5 s; four times that on a loaded machine
CALLERS = 6  # of one function at once: two clients, the list of services, the health check, a second of each
LEEWAY = 32  # descriptors of connections to engine and services, which are kept and shared
EACH = 5  # descriptors of the laptop's own process for a function's: its connection, its output, its end
MIRRORS = ("dynoxide", "guarded_program")  # they hold a connection or two for each thread of a function that asks
THREADS = 16  # of a function's process

Check = Callable[[Observations], list[str]]


@dataclass(frozen=True, slots=True)
class Expectation:
    """`who` says `what`, `when`; `check` complains where it does not. What is awaited may come after the fault."""

    who: str
    what: str
    when: str
    check: Check
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that is allowed. `told` are facts, each with what has to be in it, or one of several."""

    status: int
    code: str = ""
    told: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def allows(self, seen: ObservedResponse) -> bool:
        """Whether the response is one of these."""
        same = (seen.status, seen.code) == (self.status, self.code)
        return same and all(_within(seen.told.get(name, ""), wanted) for name, wanted in self.told.items())

    @property
    def words(self) -> str:
        """For the table."""
        said = [f"{name} {' or '.join(f'`{one}`' for one in _several(text))}" for name, text in self.told.items()]
        return ", ".join([f"{self.status} `{self.code}`" if self.code else str(self.status), *said])


def _within(said: str, wanted: str | tuple[str, ...]) -> bool:
    return any(one in said for one in _several(wanted))


def _several(wanted: str | tuple[str, ...]) -> tuple[str, ...]:
    return (wanted,) if isinstance(wanted, str) else wanted


OK = Reply(200)
TAKEN_IN = Reply(202)


def says(requests: str | Sequence[str], *allowed: Reply, from_s: float = SETTLE_S, who: str = "") -> Expectation:
    """Every response to these requests is an allowed one from so many seconds after the fault on, until it ends."""
    names = (requests,) if isinstance(requests, str) else tuple(requests)

    def check(seen: Observations) -> list[str]:
        return [line for name in names for line in _unlike(seen.of(name, from_s=from_s), name, allowed)]

    what = "; or ".join(reply.words for reply in allowed)
    return Expectation(who or ", ".join(f"`{name}`" for name in names), what, _when(from_s), check)


def comes(request: str, reply: Reply, when: str) -> Expectation:
    """Some time the request is answered so."""

    def check(seen: Observations) -> list[str]:
        found = [one for phase in (DURING, AFTER, CAUGHT_UP) for one in seen.of(request, phase)]
        return [] if any(map(reply.allows, found)) else [f"never; {told(one)}" for one in found[-1:]]

    return Expectation(f"`{request}`", reply.words, when, check, awaited=True)


def _unlike(responses: Sequence[ObservedResponse], name: str, allowed: Sequence[Reply]) -> list[str]:
    if not responses:
        return [f"{name} was never answered"]
    return [f"{told(one)}" for one in responses if not any(reply.allows(one) for reply in allowed)]


def told(one: ObservedResponse) -> str:
    """A response in one line."""
    facts = ", ".join(f"{name} {text}" for name, text in one.told.items())
    spent = f"{one.times} times from {one.first_s:.0f} to {one.last_s:.0f} s"
    return f"{one.request} ({one.phase}): {one.status} {one.code} {facts} ({spent})"


def _when(from_s: float) -> str:
    return "at once" if from_s == 0 else f"within {from_s:g} s"


def alarm(*names: str, when: str = "within a minute") -> Expectation:
    """Each of these alarms goes off."""

    def check(seen: Observations) -> list[str]:
        off = {one.alarm for one in seen.alarms if one.state == "ALARM"}
        return [f"the alarm {name} did not go off" for name in names if name not in off]

    return Expectation(_alarms(names), "goes off", when, check, awaited=True)


def quiet(*names: str) -> Expectation:
    """None of these alarms goes off; without names none at all."""

    def check(seen: Observations) -> list[str]:
        off = {one.alarm for one in seen.alarms if one.state == "ALARM"}
        return [f"the alarm {name} went off" for name in sorted(off) if not names or name in names]

    return Expectation(_alarms(names) if names else "every alarm", "does not go off", "all the time", check)


def _alarms(names: Sequence[str]) -> str:
    return ", ".join(f"alarm `{name}`" for name in names)


def mail(words: str, when: str, phases: Sequence[str] = (DURING, AFTER, CAUGHT_UP)) -> Expectation:
    """Somebody who wants to hear of the system gets a mail with these words in its subject."""

    def check(seen: Observations) -> list[str]:
        subjects = [one.subject for one in seen.mails if one.phase in phases]
        return [] if any(words in subject for subject in subjects) else [f"no mail has {words!r} in its subject"]

    return Expectation(f"mail “{words}”", "comes", when, check, awaited=True)


def no_mail(words: str) -> Expectation:
    """Nobody gets one while the fault lasts."""

    def check(seen: Observations) -> list[str]:
        found = [one.subject for one in seen.mails if words in one.subject and one.phase == DURING]
        return [f"a mail came: {subject}" for subject in found]

    return Expectation(f"mail “{words}”", "does not come", "while it lasts", check)


def line(function: str, level: str, message: str) -> Expectation:
    """The function logs the message."""

    def check(seen: Observations) -> list[str]:
        said = {(one.function, one.level) for one in seen.lines if message in one.message and one.phase == DURING}
        return [] if (function, level) in said else [f"{function} does not log {level} {message!r}"]

    return Expectation(f"log of `{function}`", f"{level} “{message}”", "while it lasts", check)


def _honest(seen: Observations) -> list[str]:
    """Failures of ours, and those that are said in a way that no program reads."""
    complaints = []
    for one in seen.responses:
        if one.phase == BEFORE:  # when everything begins at once; an observer is no fault
            continue
        unwell = one.status == 503 and one.told.get("status") == "unhealthy"
        if one.status in {0, 500, 502, 504} or (one.status >= 400 and not unwell and not (one.problem and one.code)):
            complaints.append(told(one))
        if one.status == 503 and not unwell and not one.retry_after:
            complaints.append(f"{told(one)} does not say when to come again")
    return complaints


HONEST = Expectation(
    "every request", "no 500, 502 or 504; a 503 is a problem document with `Retry-After`", "all the time", _honest
)


def answers_in_time(*requests: str) -> Expectation:
    """No response to these takes longer than four times what is promised."""

    def check(seen: Observations) -> list[str]:
        late = [one for name in requests for one in seen.of(name) if one.slowest_s > SINGLE_S]
        return [f"{told(one)} took {one.slowest_s:.1f} s" for one in late]

    every = set(requests) == set(EVERYTHING)
    who = "every request" if every else ", ".join(f"`{name}`" for name in requests)
    return Expectation(who, f"is answered within {SINGLE_S:g} s", "all the time", check)


def _back(seen: Observations) -> list[str]:
    if seen.back_s is not None:
        return []
    return ["not everything came back"] + [told(one) for name in EVERYTHING for one in seen.of(name, AFTER)[-1:]]


BACK = Expectation("every request", "as before the fault, without a restart", "within a minute of its end", _back)


def _kept(seen: Observations) -> list[str]:
    return [*(["no payment was acknowledged"] if not seen.acknowledged else []), *seen.lost]


KEPT = Expectation(
    "every payment answered 200 or 202", "is stored with its decision", "within a minute of its end", _kept
)
COUNTED = Expectation(
    "every counter",
    "equals what the stored payments come to, added up by other code",
    "within a minute of its end",
    lambda seen: list(seen.miscounted),
)


def _no_more(seen: Observations) -> list[str]:
    before, after = seen.before, seen.after
    functions = _functions(after)
    new = max(0, functions - _functions(before))
    more = [
        f"{name}: {number} processes, {before.processes.get(name, 0)} before"
        for name, number in after.processes.items()
        if number > max(before.processes.get(name, 0), CALLERS)
    ]
    return more + [
        f"{name}: {number} descriptors, {before.descriptors.get(name, 0)} before"
        for name, number in after.descriptors.items()
        if number
        > before.descriptors.get(name, 0)
        + (THREADS * functions if any(one in name for one in MIRRORS) else LEEWAY + EACH * new)
    ]


def _functions(census: Census) -> int:
    return sum(number for name, number in census.processes.items() if name.startswith("functions."))


NO_MORE = Expectation("processes and descriptors", "no more than before", "in the end", _no_more)

ALWAYS = (HONEST, BACK, KEPT, COUNTED, NO_MORE)
