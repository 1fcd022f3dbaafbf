"""The model in force, followed by a process that runs: no error, one version an answer, the old one until the new."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from threading import Event
from typing import Any

import pytest

from fraudshield.errors import FilesUnavailable, ModelRefused, NotFound, StoreUnavailable
from fraudshield.event_type.in_force import InForce, NamedModel
from fraudshield.predictor.active import MODEL_CACHE_S, RETRY_S, ActiveModels, PredictorsOfCall
from fraudshield.predictor.artifact import MANIFEST_FILE, MODEL_FILE, MOST_BYTES, Artifact, read
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.scoring.scoring import Scorer
from tests.chunk import ROOT, predictor
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakeStore

FLIPS = 4096
OLD = predictor()
NEW = ModelPredictor(replace(OLD.model, version="2027.1"), NOW)
NAMED = NamedModel(version="2027.1", sha256="d" * 64)


class AtOnce(Executor):
    """Runs what it is given before it answers."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        made: Future[Any] = Future()
        try:
            made.set_result(fn(*args, **kwargs))
        except Exception as exc:
            made.set_exception(exc)
        return made


@dataclass
class World:
    """What is in force, what can be read, and the time."""

    in_force: InForce | None = field(default_factory=InForce)
    models: dict[NamedModel, Predictor | Exception] = field(default_factory=lambda: {NAMED: NEW})
    now: float = 0.0
    loads: int = 0

    def look(self, within_s: float) -> InForce:
        if self.in_force is None:
            raise StoreUnavailable("away")
        return self.in_force

    def load(self, event_type: str, named: NamedModel) -> Predictor:
        self.loads += 1
        found = self.models.get(named, NotFound("gone"))
        if isinstance(found, Exception):
            raise found
        return found

    def active(self, threads: Executor | None = None) -> ActiveModels:
        made = ActiveModels(OLD, self.look, self.load, threads or AtOnce(), lambda: self.now)
        made.begin()
        return made

    def put(self) -> None:
        self.in_force = InForce().with_model("payment", NAMED)


def version(found: Predictor) -> str:
    return found.facts.model_version


def test_a_process_begins_with_the_model_in_force_and_without_one_with_its_own() -> None:
    world = World()
    assert (world.active().of(), world.loads) == (OLD, 0)
    world.put()
    assert world.active().of() is NEW


def test_a_change_is_followed_when_the_look_is_due_and_so_is_its_taking_back() -> None:
    world = World()
    active = world.active()
    world.put()
    world.now = MODEL_CACHE_S - 0.1
    assert active.of() is OLD
    world.now = MODEL_CACHE_S
    assert (active.of(), active.refused) == (NEW, {})
    world.in_force = world.in_force.without_model("payment") if world.in_force else None
    world.now *= 2
    assert (active.of(), world.loads) == (OLD, 1)


@pytest.mark.parametrize("why", [FilesUnavailable("slow"), NotFound("gone")])
def test_a_model_that_cannot_be_read_leaves_the_one_before_and_is_tried_again(why: Exception) -> None:
    world = World(models={NAMED: why})
    world.put()
    active = world.active()
    found = active.of()
    assert (version(found), found.degraded) == (version(OLD), ("model_unread",))
    assert (OLD.degraded, active.of()) == ((), found)  # the same object, so that its tables are filled once
    world.models[NAMED] = NEW
    world.now = RETRY_S
    assert (active.of(), active.refused) == (NEW, {})


def test_an_unfit_model_is_refused_once_and_the_old_one_serves_on() -> None:
    world = World(models={NAMED: ModelRefused("its digest is another")})
    active = world.active()
    world.put()
    for _ in range(3):
        world.now += MODEL_CACHE_S
        assert active.of().degraded == ("model_unread",)
    assert (world.loads, active.refused) == (1, {"payment": "its digest is another"})


def test_a_store_that_is_away_at_first_is_asked_again() -> None:
    world = World(in_force=None)
    active = world.active()
    assert (active.of(), active.refused) == (OLD, {})  # that its policy is unread says so of both
    world.put()
    world.now = RETRY_S
    assert (active.of(), active.refused) == (NEW, {})


def test_eight_callers_meet_no_error_and_one_version_an_answer_while_a_model_is_activated(
    transaction: Callable[..., Any],
) -> None:
    world, slow = World(), Event()
    with ThreadPoolExecutor(1) as threads, ThreadPoolExecutor(8) as callers:
        load = world.load
        world.load = lambda *named: (slow.wait(20), load(*named))[1]  # type: ignore[method-assign]
        active = world.active(threads)
        base = Scorer(active, FakePolicies(), FakeStore(), FakeParking(), FakeAccounts())

        def call(number: int) -> set[str | None]:
            if number == 100:
                world.put()
            if number == 200:
                world.now = MODEL_CACHE_S
            if number == 300:
                slow.set()
            scorer = replace(base, predictors=PredictorsOfCall(active))
            payments = [transaction(transaction_id=f"{number}-{at}") for at in range(3)]
            return {one.decision.model_version for one in scorer.decide(payments)}

        answers = list(callers.map(call, range(600)))
        active.of()
        later = [call(number) for number in range(600, 640)]
    assert all(len(one) == 1 for one in answers)
    assert {version for one in answers for version in one} <= {version(OLD), version(NEW)}
    assert {version for one in later for version in one} == {version(NEW)}


def test_every_byte_that_flips_in_an_artifact_is_noticed() -> None:
    folder, random = ROOT / "model/artifact/model", Random(17)
    whole = Artifact((folder / MANIFEST_FILE).read_bytes(), (folder / MODEL_FILE).read_bytes())
    assert read(whole, manifest_sha256=whole.sha256).manifest_sha256 == whole.sha256
    for number in range(FLIPS):
        flipped = {"manifest": bytearray(whole.manifest), "model": bytearray(whole.model)}
        content = flipped["model" if number % 2 else "manifest"]
        content[random.randrange(len(content))] ^= random.randrange(1, 256)
        with pytest.raises(ModelRefused):
            read(Artifact(bytes(flipped["manifest"]), bytes(flipped["model"])), manifest_sha256=whole.sha256)


def test_what_is_too_large_is_refused_unread() -> None:
    with pytest.raises(ModelRefused, match=r"model\.json has .* bytes"):
        read(Artifact(b"{}", b" " * (MOST_BYTES + 1)))
