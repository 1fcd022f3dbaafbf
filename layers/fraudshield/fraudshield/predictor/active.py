"""The models in force, as this process knows them: payment's is the release's until what is in force names another."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from copy import copy
from threading import Lock

from fraudshield.errors import FraudShieldError, ModelRefused, StoreUnavailable
from fraudshield.event_type.in_force import InForce, NamedModel
from fraudshield.policy.owner import PAYMENT, Owners
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.without_model import NO_MODEL, UNREAD, UNREAD_MODEL

MODEL_CACHE_S = 50.0  # what is then looked up and read counts within a minute
FIRST_S = 0.95  # for the first look and the first models together, before a process serves
LOOK_S = 0.04  # for later ones: a payment waits for them, and the model that is known can serve
RETRY_S = 5.0  # between two attempts at a model that could not be read
NEVER = float("-inf")

Look = Callable[[float], InForce]
Load = Callable[[str, NamedModel], Predictor]


class ActiveModel:
    """The model of one event type; `own` scores where what is in force names none, and None is none at all.

    One that is new is read in a thread, and until it is there the one before it serves. One that cannot be read or is
    unfit never serves.
    """

    def __init__(self, own: Predictor | None, read: Callable[[NamedModel], Future[Predictor]]) -> None:
        self._own, self._read = own, read
        self._serving, self._named = own, NamedModel()
        self._wanted = NamedModel()
        self._reading: Future[Predictor] | None = None
        self._retry_at = NEVER
        self._refused = ""

    @property
    def serving(self) -> Predictor | None:
        """What decides."""
        return self._serving

    @property
    def refused(self) -> str:
        """Why the model in force does not serve; empty where it does."""
        return self._refused

    def want(self, named: NamedModel) -> None:
        """Says which is in force."""
        wanted = NamedModel(version=named.version, sha256=named.sha256)
        if wanted != self._wanted:
            self._wanted, self._reading, self._retry_at, self._refused = wanted, None, NEVER, ""

    def start(self, now: float) -> bool:
        """Whether one has to be waited for; starts to read it where nobody does and it is time."""
        if self._wanted == self._named:
            return False
        if not self._wanted.version:
            self._serve(self._own)
            return False
        if self._reading is None and now >= self._retry_at:
            self._reading = self._read(self._wanted)
        return self._reading is not None

    def take(self, within_s: float, now: Callable[[], float]) -> None:
        """Takes the one that is being read, if it is there in time."""
        if self._reading is None:
            return
        try:
            self._serve(self._reading.result(within_s))
        except TimeoutError:
            return
        except FraudShieldError as exc:
            self._reading, self._refused = None, str(exc)
            fit = not isinstance(exc, ModelRefused)  # what is unfit stays so: it is named by its digest
            self._retry_at = now() + (RETRY_S if fit else float("inf"))

    def _serve(self, predictor: Predictor | None) -> None:
        self._serving, self._named, self._reading, self._refused = predictor, self._wanted, None, ""


class ActiveModels:
    """The `Predictors` port: the models in force of all event types.

    What is in force is looked up every `MODEL_CACHE_S` for all of them; `degraded` says `model_unread` where another
    one serves than the one that is known to be in force. Where what is in force was never read the policy was not
    either, and `policy_unread` says so of both. `own` is the release's model, `look` reads what is in force within so
    many seconds, `load` reads a model of an event type.
    """

    def __init__(
        self, own: Predictor, look: Look, load: Load, threads: Executor, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look, self._load = look, load
        self._threads, self._clock = threads, clock
        [payment] = PAYMENT
        self._types = {payment: self._of_type(payment, own)}
        self._fresh_until = NEVER
        self._one_at_a_time = Lock()
        self._marked: dict[str, tuple[Predictor, Predictor]] = {}

    @property
    def refused(self) -> Mapping[str, str]:
        """Why the model in force of an event type does not serve, by type; those that serve are left out."""
        return {name: one.refused for name, one in self._types.items() if one.refused}

    def begin(self) -> None:
        """Reads what is in force and the models that it names, before this process serves. Never raises."""
        stop_at = self._clock() + FIRST_S
        self._renew(FIRST_S)
        awaited = [one for one in self._types.values() if one.start(self._clock())]
        for one in awaited:  # which are read side by side
            one.take(max(0.0, stop_at - self._clock()), self._clock)

    def of(self, owners: Owners = PAYMENT) -> Predictor:
        """The predictor to decide by: of the first of these types that has one in force. It never raises."""
        if self._one_at_a_time.acquire(blocking=False):  # who comes meanwhile is served by what is there
            try:
                self._follow(owners)
            finally:
                self._one_at_a_time.release()
        unread = False
        for name in owners:
            found = self._types.get(name)
            unread = unread or bool(found and found.refused)
            if found is not None and found.serving is not None:
                return self._with_degraded(name, found.serving) if unread else found.serving
        return UNREAD_MODEL if unread else NO_MODEL

    def _follow(self, owners: Owners) -> None:
        if self._clock() >= self._fresh_until:
            self._renew(LOOK_S)
        for name in owners:
            found = self._types.get(name)
            if found is not None and found.start(self._clock()):
                found.take(LOOK_S, self._clock)

    def _renew(self, within_s: float) -> None:
        self._fresh_until = self._clock() + MODEL_CACHE_S
        try:
            named = self._look(within_s).models
        except StoreUnavailable:
            self._fresh_until = self._clock() + RETRY_S
            return
        for name in named.keys() - self._types.keys():
            self._types = {**self._types, name: self._of_type(name, None)}
        for name, one in self._types.items():
            one.want(named.get(name, NamedModel()))

    def _of_type(self, name: str, own: Predictor | None) -> ActiveModel:
        return ActiveModel(own, lambda named: self._threads.submit(self._load, name, named))

    def _with_degraded(self, name: str, serving: Predictor) -> Predictor:
        """The same object while the same one serves, so that its tables are filled once."""
        marked = self._marked.get(name)
        if marked is None or marked[0] is not serving:
            said = copy(serving)
            said.degraded = (*serving.degraded, UNREAD)
            self._marked[name] = marked = (serving, said)
        return marked[1]


class PredictorsOfCall:
    """The `Predictors` port of one call: what decided its first payment of a type decides all of them."""

    def __init__(self, models: ActiveModels) -> None:
        self._models = models
        self._known: dict[Owners, Predictor] = {}

    def of(self, owners: Owners = PAYMENT) -> Predictor:
        """As of the first time that it was asked."""
        if owners not in self._known:
            self._known[owners] = self._models.of(owners)
        return self._known[owners]
