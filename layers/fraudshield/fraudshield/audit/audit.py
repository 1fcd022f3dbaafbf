"""An entry of the audit log: who changed what, when and from where. It is written with its change, or neither is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args

from fraudshield.text.json_text import json_text

Kind = Literal[
    "policy",
    "breaker",
    "event_type",
    "rates",
    "list",
    "list_entry",
    "list_file",
    "alert_thresholds",
    "subscriber",
    "label",
    "label_file",
    "verdict",
    "note",
    "erasure",
    "alarm",
    "backtest",
    "model",
]
Action = Literal[
    "created",
    "changed",
    "removed",
    "activated",
    "rolled_back",
    "recorded",
    "taken_back",
    "begun",
    "compared",
    "challenged",
    "continued",
    "acknowledged",
    "closed",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
ACTIONS: tuple[Action, ...] = get_args(Action)
SUBJECT_DIGITS = 32
WHO_AND_WHEN = frozenset({"created_at", "created_by", "actor"})  # no part of what a document says


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change: by which key, and from where.

    `key_id` and `plan` are of the key that API Gateway checked (a mail's link has no key, and the plan `link`), `actor`
    is who its bearer says to be, `address` where the request came from, and `request_id` what our logs call it.
    """

    key_id: str
    plan: str = ""
    actor: str = ""
    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `before` and `after` are SHA-256 of what was and is: None where there was nothing, or is nothing.

    `subject` says what was changed, and never names a person: see `subject_of`. `version` is that of a document.
    """

    at: datetime
    author: Author
    kind: Kind
    action: Action
    subject: str
    before: str | None = None
    after: str | None = None
    version: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict, hash=False)


def digest(document: Mapping[str, object]) -> str:
    """SHA-256 in hex of a document as JSON with sorted names, without who made it and when."""
    content = {name: value for name, value in document.items() if name not in WHO_AND_WHEN}
    return sha256(json_text(content, sort_keys=True).encode()).hexdigest()


def subject_of(sent: str) -> str:
    """The subject for an id that a sender chose: the first 32 hex digits of its SHA-256, so that none lasts here."""
    return sha256(sent.encode()).hexdigest()[:SUBJECT_DIGITS]
