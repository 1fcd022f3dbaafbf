"""What a look before, or after, a deployment found."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.errors import ConfigurationError


class Weight(StrEnum):
    """Whether it hinders."""

    GOOD = "ok"
    NOTE = "note"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `says` what was found and, where it hinders, what to do."""

    what: str
    weight: Weight
    says: str


class DeploymentStopped(ConfigurationError):
    """The deployment did not begin, or did not go on: the message says why and what to do."""

    code = "deployment_stopped"


def good(what: str, says: str) -> Finding:
    """It is as it should be."""
    return Finding(what, Weight.GOOD, says)


def note(what: str, says: str) -> Finding:
    """It does not hinder, and somebody should know."""
    return Finding(what, Weight.NOTE, says)


def stop(what: str, says: str) -> Finding:
    """The deployment would fail."""
    return Finding(what, Weight.STOP, says)


def hindrances(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop it."""
    return [one for one in findings if one.weight is Weight.STOP]


@contextmanager
def refusals_told() -> Iterator[None]:
    """Raises DeploymentStopped where AWS refuses a call in the block, or is not there."""
    try:
        yield
    except (BotoCoreError, ClientError) as exc:
        raise DeploymentStopped(f"AWS refused a call: {exc}") from exc
