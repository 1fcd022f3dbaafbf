"""What is sent to put a model in force and to take that back."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fraudshield.policy.clause import Text
from fraudshield.policy.versioning.draft import Number
from fraudshield.text.fault import read_object


class ModelActivation(BaseModel):
    """Why a model is to score, and the version of the policy that goes with it: the one in force where none is named.

    With `force` the model counts as not compared with the one in force, and a version of the policy as untested.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    note: Text
    policy_version: Number | None = None
    force: Annotated[bool, Field(strict=True)] = False


def read_model_activation(body: object) -> ModelActivation:
    """`{"note": "...", "policy_version": 4, "force": false}`. Raises Malformed, InvalidInput."""
    return read_object(body, ModelActivation, "note", "The request is not valid", "invalid_activation")
