"""Versions of a policy as they are shown."""

from datetime import datetime
from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from fraudshield.policy.limit.breaker import BreakerResponse
from fraudshield.policy.policy import Policy
from fraudshield.policy.response import PolicyResponse, policy_response
from fraudshield.policy.versioning.control_loss import ControlLoss
from fraudshield.policy.versioning.difference import Change, Difference
from fraudshield.policy.versioning.version import DRAFTS, PolicyVersion, VersionPage
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

StateName = Annotated[str, one_of("draft", "shadow", "active", "replaced")]


class VersionEntry(TypedDict):
    """A version in the list. `digest` is over all that it decides by."""

    version: int
    state: StateName
    digest: str
    created_at: Moment | None
    created_by: str
    note: str
    rules: int


class VersionsResponse(TypedDict):
    """Versions, newest first, drafts among them, and what of the one in force may not block for now."""

    versions: list[VersionEntry]
    breaker: BreakerResponse
    next_cursor: str | None


class VersionResponse(PolicyResponse):
    """A version in full. `expired` are the codes of rules that are not asked any more.

    `control_loss` is what a draft's control share may lose by its newest test; null before one is finished.
    """

    state: StateName
    digest: str
    expired: list[str]
    based_on: NotRequired[int]
    control_loss: NotRequired[ControlLoss | None]
    activated_at: NotRequired[Moment]
    activated_by: NotRequired[str]


class VersionChange(TypedDict):
    """Something that is not the same; null where one of the versions does not say it."""

    what: str
    before: Any
    after: Any


class DifferenceResponse(TypedDict):
    """What the version `to` says that `version` does not. `changed` are rules, by code; `settings` all else."""

    version: int
    to: int
    added: list[str]
    removed: list[str]
    changed: list[VersionChange]
    settings: list[VersionChange]
    reordered: bool


def versions_response(page: VersionPage, next_cursor: str | None) -> VersionsResponse:
    """A page of the list."""
    shown = [_entry(one) for one in page.versions]
    return {"versions": shown, "breaker": page.breaker, "next_cursor": next_cursor}


def version_response(found: PolicyVersion, at: datetime) -> dict[str, Any]:
    """A version in full, as of a time."""
    expired = [rule.code for rule in found.policy.rules if not rule.is_asked(at)]
    head = policy_response(found.policy) | {"state": found.state, "digest": found.policy.digest, "expired": expired}
    draws = found.state in DRAFTS and found.policy.control is not None
    return head | ({"control_loss": found.control_loss} if draws else {})


def difference_response(version: Policy, to: Policy, found: Difference) -> DifferenceResponse:
    """What changed from one to the other."""
    return {
        "version": version.version,
        "to": to.version,
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": [_change(one) for one in found.changed],
        "settings": [_change(one) for one in found.settings],
        "reordered": found.reordered,
    }


def _entry(found: PolicyVersion) -> VersionEntry:
    policy = found.policy
    return {
        "version": policy.version,
        "state": found.state,
        "digest": policy.digest,
        "created_at": None if policy.created_at is None else timestamp(policy.created_at),
        "created_by": policy.created_by,
        "note": policy.note,
        "rules": len(policy.rules),
    }


def _change(one: Change) -> VersionChange:
    return {"what": one.what, "before": one.before, "after": one.after}
