"""What is sent to make, change and activate versions of a policy."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fraudshield.errors import InvalidInput
from fraudshield.policy.clause import Text
from fraudshield.policy.policy import Policy, PolicyRules
from fraudshield.text.fault import cross_fault, read_object
from fraudshield.text.json_text import json_text
from fraudshield.text.number import WHOLE

MOST_BYTES = 300_000  # of a version as it is stored: DynamoDB takes 400 KB
Number = Annotated[int, Field(strict=True, ge=1), WHOLE]
Digest = Annotated[str, Field(strict=True, min_length=64, max_length=64)]


class DraftContent(PolicyRules):
    """All that a draft says."""

    @model_validator(mode="after")
    def _names_each_rule_once(self) -> Self:
        codes = [rule.code for rule in self.rules]
        if len({*codes}) < len(codes):
            raise cross_fault("repeated_code", "each rule should have a code of its own", "rules")
        return self


class DraftRequest(DraftContent):
    """A draft, and the version that its author started from."""

    event_type: Annotated[str, Field(strict=True)] = "payment"
    based_on: Number


class DraftChange(DraftContent):
    """What a draft says from now on, and the digest of what its author had read."""

    based_on_digest: Digest


class ActivationRequest(BaseModel):
    """Why a version is to decide. With `force` it counts untested, which the audit log says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: Text
    force: Annotated[bool, Field(strict=True)] = False


class RollbackRequest(BaseModel):
    """Nothing need be said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: Text = ""


def check_size(policy: Policy) -> None:
    """Raises InvalidInput: it is larger than a version may be."""
    size = len(json_text(policy.model_dump(exclude_none=True)).encode())
    if size > MOST_BYTES:
        says = f"A policy may have {MOST_BYTES:,} bytes as JSON; this one has {size:,}. Put long lists into a list"
        raise InvalidInput(says, code="policy_too_large")


def read_draft(body: object) -> DraftRequest:
    """A draft as it was sent. Raises Malformed, InvalidInput."""
    return read_object(body, DraftRequest, "thresholds and based_on", "The draft is not valid", "invalid_policy")


def read_draft_change(body: object) -> DraftChange:
    """A change of a draft as it was sent. Raises Malformed, InvalidInput."""
    says = "thresholds and based_on_digest"
    return read_object(body, DraftChange, says, "The draft is not valid", "invalid_policy")


def read_activation(body: object) -> ActivationRequest:
    """`{"note": "...", "force": false}`. Raises Malformed, InvalidInput."""
    return read_object(body, ActivationRequest, "note", "The request is not valid", "invalid_activation")


def read_rollback(body: object) -> RollbackRequest:
    """`{"note": "..."}`. Raises Malformed, InvalidInput."""
    return read_object(body, RollbackRequest, "note", "The request is not valid", "invalid_rollback")
