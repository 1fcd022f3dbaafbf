"""The model in force, as this process knows it: the release's own, until what is in force names another."""

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from copy import copy
from threading import Lock

from fraudshield.errors import FraudShieldError, ModelRefused, StoreUnavailable
from fraudshield.event_type.in_force import InForce, NamedModel
from fraudshield.predictor.port import Predictor

MODEL_CACHE_S = 50.0  # what is then looked up and read counts within a minute
FIRST_S = 0.95  # for the first look and the first model together, before a process serves
LOOK_S = 0.04  # for later ones: a payment waits for them, and the model that is known can serve
RETRY_S = 5.0  # between two attempts at a model that could not be read
UNREAD = "model_unread"
NEVER = float("-inf")

Look = Callable[[float], InForce]
Load = Callable[[NamedModel], Predictor]


class ActiveModel:
    """The predictor of one event type.

    What is in force is looked up every `MODEL_CACHE_S`; a model that it names is read in a thread, and until it is
    there the one before it serves. One that cannot be read or is unfit never serves; `degraded` says so then.
    `own` is the release's model, `look` reads what is in force within so many seconds, `load` reads a model.
    """

    def __init__(
        self,
        event_type: str,
        own: Predictor,
        look: Look,
        load: Load,
        threads: Executor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._event_type = event_type
        self._own, self._look, self._load = own, look, load
        self._threads, self._clock = threads, clock
        self._serving, self._named = own, NamedModel()
        self._wanted = NamedModel()
        self._reading: Future[Predictor] | None = None
        self._fresh_until = self._retry_at = NEVER
        self._refused = ""
        self._one_at_a_time = Lock()
        self._marked: tuple[Predictor, Predictor] | None = None

    def begin(self) -> None:
        """Reads what is in force and the model that it names, before this process serves. Never raises."""
        stop_at = self._clock() + FIRST_S
        self._renew(FIRST_S)
        self._take(max(0.0, stop_at - self._clock()))

    def current(self) -> Predictor:
        """The predictor to decide by; a call asks once and uses it for all of its payments. It never raises."""
        if self._one_at_a_time.acquire(blocking=False):  # who comes meanwhile is served by what is there
            try:
                if self._clock() >= self._fresh_until:
                    self._renew(LOOK_S)
                self._take(LOOK_S)
            finally:
                self._one_at_a_time.release()
        serving = self._serving
        return self._with_degraded(serving) if self.degraded else serving

    @property
    def degraded(self) -> tuple[str, ...]:
        """`model_unread` where another model serves than the one that is known to be in force.

        Where what is in force was never read the policy was not either, and `policy_unread` says so of both.
        """
        return (UNREAD,) if self._refused else ()

    @property
    def refused(self) -> str:
        """Why the model in force does not serve; empty where it does."""
        return self._refused

    def _renew(self, within_s: float) -> None:
        self._fresh_until = self._clock() + MODEL_CACHE_S
        try:
            found = self._look(within_s).models.get(self._event_type, NamedModel())
        except StoreUnavailable:
            self._fresh_until = self._clock() + RETRY_S
            return
        wanted = NamedModel(version=found.version, sha256=found.sha256)
        if wanted != self._wanted:
            self._wanted, self._reading, self._retry_at, self._refused = wanted, None, NEVER, ""

    def _take(self, within_s: float) -> None:
        if self._wanted == self._named:
            return
        if not self._wanted.version:
            self._serve(self._own)
            return
        if self._reading is None:
            if self._clock() < self._retry_at:
                return
            self._reading = self._threads.submit(self._load, self._wanted)
        try:
            self._serve(self._reading.result(within_s))
        except TimeoutError:
            return
        except FraudShieldError as exc:
            self._reading, self._refused = None, str(exc)
            fit = not isinstance(exc, ModelRefused)  # what is unfit stays so: it is named by its digest
            self._retry_at = self._clock() + (RETRY_S if fit else float("inf"))

    def _with_degraded(self, serving: Predictor) -> Predictor:
        marked = self._marked
        if marked is None or marked[0] is not serving:
            said = copy(serving)
            said.degraded = (*serving.degraded, UNREAD)
            self._marked = marked = (serving, said)
        return marked[1]

    def _serve(self, predictor: Predictor) -> None:
        self._serving, self._named, self._reading, self._refused = predictor, self._wanted, None, ""
