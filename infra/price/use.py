"""What a million payments cost by the way they come in, put together from the parts that were recorded."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template
from infra.price.record import RunRecord
from infra.price.table import prices

MILLION = 1_000_000
FLAGGED = 0.005  # of simulated payments: who is told of them costs more
CALLS = 0.1  # of ten payments in one


@dataclass(frozen=True, slots=True)
class PricedUse:
    """A way in, or what something more costs: how much of each part one payment takes; less than none is a
    part that it is compared with. `goal` is in dollars a million."""

    name: str
    parts: Mapping[str, float]
    goal: float | None = None


SCORED = {"count_steady": 1.0, "alert": FLAGGED}  # what follows from every stored decision
USES = (
    PricedUse("online, one payment a call", {"score_one": 1, "usage": 1, **SCORED}, 7.50),
    PricedUse("online, ten payments a call", {"score_ten": 1, "usage": CALLS, **SCORED}, 4.00),
    PricedUse("the queue, one payment a call", {"ingest_one": 1, "usage": 1, "work": 1, **SCORED}),
    PricedUse("the queue, ten payments a call", {"ingest_ten": 1, "usage": CALLS, "work": 1, **SCORED}),
    PricedUse("a file that is scored only (store: none)", {"file_none": 1}, 0.05),
    PricedUse("a file whose flagged rows are stored (the default)", {"file_flagged": 1, "count_file": FLAGGED}, 0.05),
    PricedUse("a file whose rows are all stored (store: all)", {"file_all": 1, "count_file": 1}),
)
EXTRAS = (
    PricedUse("below a payment a second: each is counted by itself", {"count_one": 1, "count_steady": -1}),
    PricedUse("above 400 a second: counted a hundred at once", {"count_hundred": 1, "count_steady": -1}),
    PricedUse("each slot (an entity with an index)", {"score_slot": 1, "score_plain": -1}),
    PricedUse("each busy entity", {"count_busy": 1, "count_idle": -1}),
    PricedUse("each list that the rules ask", {"score_list": 1, "score_one": -1}),
    PricedUse("each month that a payment is kept, back-ups included", {"kept": 1}),
    PricedUse("a stored payment in a test on history", {"history_more": 1, "history": -1}),
)


def amounts(use: PricedUse, run: RunRecord, template: Template) -> dict[str, float]:
    """What one payment takes of everything that has a price; Lambda's time by each function's memory.

    Where parts are compared their durations are left out: what lies between them is mostly chance.
    """
    resolver, timed = Resolver(template, {}), all(times > 0 for times in use.parts.values())
    taken: defaultdict[str, float] = defaultdict(float)
    for name, times in use.parts.items():
        part = run.parts[name]
        for what, amount in part.amounts.items():
            taken[what] += times * amount / part.number
        for function, seconds in part.handler_s.items() if timed else ():
            taken["lambda_gb_s"] += times * seconds * _gigabytes(resolver, function) / part.number
    return dict(taken)


def million(use: PricedUse, run: RunRecord, template: Template) -> dict[str, float]:
    """Dollars for a million of them, by what is billed; what comes to nothing is left out."""
    each = prices().each
    dollars = {what: amount * each[what] * MILLION for what, amount in amounts(use, run, template).items()}
    return {what: price for what, price in sorted(dollars.items(), key=lambda one: -one[1]) if abs(price) >= 0.00005}


def _gigabytes(resolver: Resolver, function: str) -> float:
    properties = resolver.template["Resources"][function]["Properties"]
    return int(str(resolver.resolve(properties["MemorySize"]))) / 1024
