"""Many stored decisions computed again in one call: which come out the same, what differs, and which cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from fraudshield.event_type.payment import NAME
from fraudshield.policy.owner import Owners
from fraudshield.policy.policy import Policy
from fraudshield.policy.port import PoliciesVersions, PolicyVersions
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.replay import NotReplayable, Replay, Replayer
from fraudshield.scoring.response import Entry, entry
from fraudshield.text.fault import read_object
from fraudshield.text.json_text import json_text
from fraudshield.text.schema import one_of
from fraudshield.transaction.transaction import StoredTransactionId

MOST_REPLAYED = 100  # a call: well within its time even where each is explained


class ReplaysRequest(BaseModel):
    """Ids of stored transactions that have a decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transaction_ids: Annotated[list[StoredTransactionId], Field(min_length=1, max_length=MOST_REPLAYED)]


def read_replays_request(body: object) -> ReplaysRequest:
    """`{"transaction_ids": ["..."]}`. Raises Malformed: no object; InvalidInput: with a fault per field."""
    return read_object(body, ReplaysRequest, "transaction_ids", "The request is not valid", "invalid_replay")


class ReplayedEntry(TypedDict):
    """How one came out. `differs` names the members of its entry that are others now; no value is told.

    Where it is `not_replayable`, `code` and `detail` say why, as of a single replay. What has no decision is
    `not_decided`, and names no versions.
    """

    transaction_id: str
    result: Annotated[str, one_of("same", "different", "not_replayable", "not_decided")]
    differs: list[str]
    model_version: NotRequired[str | None]
    policy_version: NotRequired[int]
    event_type: NotRequired[str]
    event_type_version: NotRequired[int]
    code: NotRequired[str]
    detail: NotRequired[str]


class ReplaysResponse(TypedDict):
    """One entry for each id, in the order sent."""

    results: list[ReplayedEntry]
    service: str
    request_id: str


def replays_response(replayer: Replayer, transaction_ids: Sequence[str], request_id: str) -> ReplaysResponse:
    """Computes each again; a version of a policy is read once. Raises StoreUnavailable, FilesUnavailable."""
    patient = replace(replayer, policies=_ReadOnce(replayer.policies))
    return {
        "results": [_replayed(patient, one) for one in transaction_ids],
        "service": "model",
        "request_id": request_id,
    }


def differing(replay: Replay) -> list[str]:
    """The members of the entry that are not the same bytes as they were stored."""
    stored, computed = (entry(one, persisted=True) for one in (replay.stored, replay.computed))
    names = [*dict.fromkeys([*stored, *computed])]
    return [name for name in names if _text(stored, name) != _text(computed, name)]


def _text(of: Entry, name: str) -> str:
    return json_text(dict(of)[name]) if name in of else ""


def _replayed(replayer: Replayer, transaction_id: str) -> ReplayedEntry:
    scored = replayer.store.find(transaction_id)
    if scored is None:
        return {"transaction_id": transaction_id, "result": "not_decided", "differs": []}
    found = _with_versions(scored.decision)
    try:
        found["differs"] = differing(replayer.again(scored))
    except NotReplayable as exc:
        [fault] = exc.faults
        found["result"], found["code"], found["detail"] = "not_replayable", fault.code, fault.detail
        return found
    found["result"] = "different" if found["differs"] else "same"
    return found


def _with_versions(made: Decision) -> ReplayedEntry:
    by = made.event_type
    return {
        "transaction_id": made.transaction_id,
        "result": "same",
        "differs": [],
        "model_version": made.model_version,
        "policy_version": made.policy_version,
        "event_type": by.name if by else NAME,
        "event_type_version": by.version if by else 1,
    }


@dataclass(slots=True)
class _ReadOnce:
    """The `PoliciesVersions` port for the time of one call."""

    policies: PoliciesVersions
    known: dict[tuple[Owners, int], Policy | None] = field(default_factory=dict)

    def of(self, owners: Owners) -> PolicyVersions:
        """Those of the first of these event types that has one."""
        return _Owned(self, owners)


@dataclass(frozen=True, slots=True)
class _Owned:
    """The `PolicyVersions` of one owner."""

    read: _ReadOnce
    owners: Owners

    def version(self, number: int) -> Policy | None:
        """As it was first read."""
        known = self.read.known
        if (self.owners, number) not in known:
            known[self.owners, number] = self.read.policies.of(self.owners).version(number)
        return known[self.owners, number]
