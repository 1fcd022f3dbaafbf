"""A stored decision, computed again from what is stored with it; and what a client is told of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from fraudshield.erasure.erasure import is_pseudonym
from fraudshield.errors import Conflict, Fault, ModelRefused, NotFound
from fraudshield.policy.owner import Owners, owners
from fraudshield.policy.policy import Outcome, Policy
from fraudshield.policy.port import PoliciesVersions
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.published import AmbiguousVersion
from fraudshield.predictor.reason import with_float
from fraudshield.predictor.without_model import NO_MODEL
from fraudshield.rate.port import RateVersions
from fraudshield.rate.rate import NO_RATES, Rates
from fraudshield.scoring.decision import (
    FIRST_FORM,
    NEWEST_FORM,
    VELOCITY_UNREAD,
    Decision,
    ScoredTransaction,
    decide,
)
from fraudshield.scoring.port import TransactionStore
from fraudshield.scoring.response import Entry, entry
from fraudshield.scoring.scoring import explanation
from fraudshield.text.fault import read_object
from fraudshield.text.json_text import json_text
from fraudshield.text.schema import one_of
from fraudshield.transaction.pricing import priced
from fraudshield.transaction.quality import quality_flags_again
from fraudshield.transaction.transaction import StoredTransactionId

REASONS = "reasons"


class NotReplayable(Conflict):
    """The decision cannot be computed by this process; the fault's code says why. No word on whether it differs."""

    code = "not_replayable"

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"The decision cannot be computed again here: {why}", [Fault("/transaction_id", why, code)])


class ReplayRequest(BaseModel):
    """The id of a stored transaction that has a decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transaction_id: StoredTransactionId


def read_replay_request(body: object) -> ReplayRequest:
    """`{"transaction_id": "..."}`. Raises Malformed: no object; InvalidInput: with a fault per field."""
    return read_object(body, ReplayRequest, "transaction_id", "The request is not valid", "invalid_replay")


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision as it is stored, and as it is computed now."""

    stored: Decision
    computed: Decision


def nothing_published(owners: Owners, version: str) -> Predictor:  # noqa: ARG001 as models that are
    """Where no models are published. Raises NotFound."""
    raise NotFound(f"No model {version} has been published")


@dataclass(frozen=True, slots=True)
class Replayer:
    """Computes stored decisions again. `predictors` gives those that this process has of event types, by version.

    `published` reads another one by whose it may be and its version; it raises NotFound, AmbiguousVersion,
    ModelRefused, FilesUnavailable.
    """

    store: TransactionStore
    policies: PoliciesVersions
    predictors: Callable[[Owners], Mapping[str, Predictor]]
    rates: RateVersions
    published: Callable[[Owners, str], Predictor] = nothing_published

    def replay(self, transaction_id: str) -> Replay:
        """Computes the first decision of a transaction again. Nothing is stored.

        Raises:
            NotFound: no decision is stored under the id.
            NotReplayable: it cannot be computed here.
            StoreUnavailable, FilesUnavailable: decision, policy or model could not be read.
        """
        scored = self.store.find(transaction_id)
        if scored is None:
            raise NotFound("No decided transaction is stored under this transaction_id")
        return self.again(scored)

    def again(self, scored: ScoredTransaction) -> Replay:
        """The same for one that was read. Raises NotReplayable, StoreUnavailable, FilesUnavailable."""
        predictor = self._predictor(scored)
        policy = self._policy(scored)
        again = replace(scored, transaction=priced(scored.transaction, scored.occurred_at, lambda: self._rates(scored)))
        return Replay(scored.decision, _computed(again, predictor, policy))

    def _predictor(self, scored: ScoredTransaction) -> Predictor:
        made = scored.decision
        if made.form > NEWEST_FORM:
            raise NotReplayable("another_form", "a newer release made it, in a form that this one does not write")
        if made.source == "rules" and made.form == FIRST_FORM:
            raise NotReplayable("another_rules", "it was made by rules while thresholds still read their constants")
        if made.model_version is None:
            return NO_MODEL
        found = self.predictors(owners(scored.transaction))
        if made.model_version in found:
            return found[made.model_version]
        try:
            return self.published(owners(scored.transaction), made.model_version)
        except NotFound as exc:
            here = " and ".join(sorted(found)) or "none"
            why = f"{made.model_version} made it, which is not published, and this process has {here}"
            raise NotReplayable("another_model", why) from exc
        except AmbiguousVersion as exc:
            raise NotReplayable("another_model", f"{made.model_version} made it. {exc}") from exc
        except ModelRefused as exc:
            raise NotReplayable("model_unfit", f"{made.model_version} made it, and {exc}") from exc

    def _rates(self, scored: ScoredTransaction) -> Rates:
        """The rates that its money was converted by."""
        version = scored.decision.rates_version
        found = self.rates.version(version) if version else NO_RATES
        if found is None:
            raise NotReplayable("rates_missing", f"version {version} of the rates is not stored")
        return found

    def _policy(self, scored: ScoredTransaction) -> Policy:
        """The policy that decided, where all that its conditions read is still there."""
        made, version = scored.decision, scored.decision.policy_version
        policy = self.policies.of(owners(scored.transaction)).version(version)
        if policy is None:
            raise NotReplayable("policy_missing", f"version {version} of the policy is not stored")
        rules = policy.asked(made.decided_at)
        unkept = sorted(rules.velocities - made.velocity.keys())
        if unkept and VELOCITY_UNREAD not in made.degraded:
            raise NotReplayable("velocity_missing", f"{unkept[0]} as of then is not stored, and the policy asks for it")
        receiver, sent = scored.transaction.receiver or "", scored.transaction.values
        asked = [name for name in sorted(rules.fields) if is_pseudonym(receiver) and sent.get(name) == receiver]
        if asked:
            raise NotReplayable("account_erased", f"the policy asks for {asked[0]}, and that account has been erased")
        return policy


def _computed(scored: ScoredTransaction, predictor: Predictor, policy: Policy) -> Decision:
    """As `Scorer` decides. What only that moment knew is taken from the decision: time, velocity, what was missing."""
    made, transaction = scored.decision, scored.transaction
    decision = decide(
        transaction,
        predictor.predict(transaction, scored.features),
        policy,
        scored.occurred_at,
        decided_at=made.decided_at,
        degraded=made.degraded,
        quality=quality_flags_again(transaction, scored.received_at, made.quality),
        velocity=made.velocity,
        aggregates=made.aggregates,
        lists=made.lists,
        breakers=made.breakers,
        form=made.form,
        drawn=made.control_share,
    )
    decision = _explained(decision, scored, predictor)
    return _in_first_form(decision, scored.features, predictor, policy) if made.form == FIRST_FORM else decision


def _explained(decision: Decision, scored: ScoredTransaction, predictor: Predictor) -> Decision:
    if decision.outcome is Outcome.APPROVE:
        return decision
    if scored.decision.reasons_pending:
        return replace(decision, reasons_pending=True)
    why = explanation(predictor, scored).reasons
    return replace(decision, reasons=decision.reasons + why)


def _in_first_form(decision: Decision, numbers: tuple[float, ...], predictor: Predictor, policy: Policy) -> Decision:
    """Its prediction is what the thresholds alone say, whatever a condition raised; its reasons have float64s."""
    flagged = policy.thresholds.outcome(decision.risk or 0.0) is not Outcome.APPROVE
    reasons = tuple(with_float(reason, predictor.features, numbers) for reason in decision.reasons)
    return replace(decision, prediction=int(flagged), reasons=reasons)


class ReplayResponse(TypedDict):
    """Whether both entries are the same bytes. What cannot be computed has no such response: it is a 409.

    `not_compared` names what no entry has yet: `reasons` where the stored one says `reasons_pending`.
    """

    same: bool
    stored: Entry
    computed: Entry
    not_compared: list[Annotated[str, one_of(REASONS)]]
    service: str
    request_id: str


def replay_response(replay: Replay, request_id: str) -> ReplayResponse:
    """Both entries in the form that the decision was first answered in."""
    stored, computed = entry(replay.stored, persisted=True), entry(replay.computed, persisted=True)
    return {
        "same": json_text(stored) == json_text(computed),
        "stored": stored,
        "computed": computed,
        "not_compared": [REASONS] if replay.stored.reasons_pending else [],
        "service": "model",
        "request_id": request_id,
    }
