"""What went wrong with a step of the state machine, in words for whoever waits for the job."""

import json
from collections.abc import Mapping
from typing import Any

from fraudshield import errors
from fraudshield.errors import FraudShieldError

TIMED_OUT = {"Sandbox.Timedout", "States.Timeout", "States.HeartbeatTimeout"}


def reason(error: Mapping[str, Any]) -> tuple[str, str]:
    """A stable code and a sentence, from `{"Error": ..., "Cause": ...}` as Step Functions has it.

    Only our own errors' texts are told: another's may hold anything.
    """
    name, cause = str(error.get("Error", "")), _cause(error.get("Cause"))
    name = str(cause.get("errorType") or name)
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, FraudShieldError):
        message, _, code = str(cause.get("errorMessage", "")).rpartition(CODE)
        return code or kind.code, message or "It said no more"
    if name in TIMED_OUT:
        return "timed_out", "It did not end in time"
    return "internal_error", f"Something went wrong on our side ({name[:80] or 'unknown'})"


CODE = " | "  # between an error's text and its code, where it leaves a function


def coded(exc: FraudShieldError) -> FraudShieldError:
    """The same error with its code behind its text, so that both come through the state machine."""
    exc.args = (f"{exc}{CODE}{exc.code}",)
    return exc


def _cause(text: object) -> Mapping[str, Any]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
