"""The plan of a test on history: the version, the time up to which labels count, and the parts of the span."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

from fraudshield.backtest.backtest import DAY, Backtest
from fraudshield.backtest.challenger.models import ComparedModels
from fraudshield.backtest.entity import entity_fields
from fraudshield.backtest.port import BacktestStore, PartFiles, Place, StoredDecisions
from fraudshield.errors import JobEnded, NotFound
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.policy.owner import owners_of_type
from fraudshield.policy.policy import Policy
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import instant

PLAN, PARTS = "plan.json", "parts.json"
PLAN_ID = "plan"  # a test has one plan
PART_PAYMENTS = 20_000
SHARDS = 10
TICK = timedelta(microseconds=1)


class PlannedPart(BaseModel):
    """Payments of one key of the time index between two times, both included; the state machine's map hands one out."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    plan_id: str = PLAN_ID
    index: int
    day_shard: str
    first: str
    last: str


class BacktestPlan(BaseModel):
    """`genuine_after` has the seconds of each event type that is compared; `fields` are those of entities."""

    model_config = ConfigDict(frozen=True)

    backtest_id: str
    policy: Policy
    as_of: datetime
    days: float
    drafts_tried: int
    fields: tuple[str, ...]
    genuine_after: dict[str, float | None]
    parts: tuple[PlannedPart, ...]
    event_type: str = PAYMENT  # whose policy it is, and whose models are compared where some are
    models: ComparedModels | None = None

    @property
    def ages(self) -> Mapping[str, timedelta | None]:
        """From which age on nobody's word makes a payment genuine, by event type."""
        return {name: None if s is None else timedelta(seconds=s) for name, s in self.genuine_after.items()}


def folder(backtest_id: str) -> str:
    """The prefix of the keys of a test."""
    return f"jobs/{backtest_id}/"


def part_key(backtest_id: str, index: int) -> str:
    """Where the sums of a part are."""
    return f"{folder(backtest_id)}part-{index:06d}"


@dataclass(frozen=True, slots=True)
class BacktestPlanner:
    """Plans a test once: planning it again gives the plan by which it runs.

    `types` gives all event types, `version` a version of one's policy, `has_own` whether one has a policy of its own,
    and `history` opens the stored decisions of some types.
    """

    store: BacktestStore
    files: PartFiles
    types: Callable[[], Iterable[EventType]]
    version: Callable[[str, int], Policy | None]
    has_own: Callable[[str], bool]
    history: Callable[[Iterable[str]], StoredDecisions]
    now: Callable[[], datetime]
    part_payments: int = PART_PAYMENTS

    def plan(self, backtest_id: str) -> BacktestPlan:
        """Raises NotFound: the version is gone, or not as it was; JobEnded; Unavailable: to be tried again."""
        asked = self.store.find(backtest_id)
        if asked.ended:
            raise JobEnded(f"The test is {asked.status}")
        plan = find_plan(self.files, backtest_id) or self._made(asked)
        listed = json_text([part.model_dump() for part in plan.parts])
        self.files.put_new(folder(backtest_id) + PARTS, listed.encode())
        self.store.begin(backtest_id, len(plan.parts))
        return plan

    def _made(self, asked: Backtest) -> BacktestPlan:
        policy = self.version(asked.event_type, asked.version)
        if policy is None:
            raise NotFound(f"Version {asked.version} is not there any more")
        if policy.digest != asked.digest:
            raise NotFound(f"Version {asked.version} has been changed since its test was asked for")
        types = [one for one in self.types() if self._decides(asked, one)]
        history = self.history([one.name for one in types])
        plan = BacktestPlan(
            backtest_id=asked.backtest_id,
            policy=policy,
            as_of=self.now(),
            days=asked.days,
            drafts_tried=asked.drafts_tried,
            fields=tuple(entity_fields(types)),
            genuine_after={one.name: _seconds(one.genuine_after) for one in types},
            parts=tuple(self._parts(asked, history)),
            event_type=asked.event_type,
            models=asked.models,
        )
        written = plan.model_dump(mode="json") | {"policy": policy.model_dump(exclude_none=True)}  # exact numbers
        self.files.put_new(folder(asked.backtest_id) + PLAN, json_text(written).encode())
        return read_plan(self.files, asked.backtest_id)  # that of another attempt, where one was faster

    def _decides(self, asked: Backtest, event_type: EventType) -> bool:
        """Whether the owner's policy decides payments of this type; models are compared on their own type's alone."""
        owner = asked.event_type
        if event_type.name == owner or asked.models is not None:
            return event_type.name == owner
        return owner in owners_of_type(event_type) and not self.has_own(event_type.name)

    def _parts(self, asked: Backtest, history: StoredDecisions) -> Iterator[PlannedPart]:
        index = 0
        for day_shard, first, last in spans(asked.since, asked.until):
            for start, end in cut(history.places(day_shard, first, last), last, self.part_payments):
                yield PlannedPart(job_id=asked.backtest_id, index=index, day_shard=day_shard, first=start, last=end)
                index += 1


def spans(since: datetime, until: datetime) -> Iterator[tuple[str, str, str]]:
    """Each key of the time index, with the first and the last stored time of the span in it; `until` is not in it."""
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < until:
        first, last = instant(max(since, day)), instant(min(until, day + DAY) - TICK)
        for shard in range(SHARDS):
            yield f"{day.date().isoformat()}#{shard}", first, last
        day += DAY


def cut(places: Iterable[Place], last: str, most: int) -> Iterator[tuple[str, str]]:
    """The times of parts of about `most` payments, which cover all from the first on; one moment is never parted."""
    starts: list[str] = []
    counted, before = 0, ""
    for place in places:
        if not starts or (counted >= most and place.occurred_at != before):
            starts.append(place.occurred_at)
            counted = 0
        counted, before = counted + 1, place.occurred_at
    for start, following in pairwise([*starts, ""]):
        yield start, _before(following) if following else last


def find_plan(files: PartFiles, backtest_id: str) -> BacktestPlan | None:
    """The stored plan of a test."""
    found = files.get(folder(backtest_id) + PLAN)
    return None if found is None else BacktestPlan.model_validate(strict_json.parse(found))


def read_plan(files: PartFiles, backtest_id: str) -> BacktestPlan:
    """The stored plan of a test. Raises NotFound."""
    if (plan := find_plan(files, backtest_id)) is None:
        raise NotFound(f"The plan of {backtest_id} is gone")
    return plan


def _before(stored: str) -> str:
    return instant(datetime.fromisoformat(stored) - TICK)


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else age.total_seconds()
