"""`fraudshield event-type`: event types checked here, put through the API, and shown."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.event_type.check import checked, read_document
from fraudshield.event_type.event_type import EventType, EventTypeDocument
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from infra.cli.job_client import Answer, call

TYPES = "/api/v1/policy/event-types"
YAML = {".yaml", ".yml"}
DOCUMENTS = {*YAML, ".json"}


@dataclass(frozen=True, slots=True)
class EventTypeClient:
    """Speaks to one gateway with one key."""

    url: str
    key: str

    def put(self, document: EventTypeDocument) -> Answer:
        """The version that is in force then. Raises InvalidInput, Unavailable."""
        return call(self.url, self.key, "POST", TYPES, json_text(document.model_dump()).encode())

    def show(self, name: str, version: int | None = None) -> Answer:
        """A version, the newest one where none is named. Raises NotFound, Unavailable."""
        versions = "" if version is None else f"/versions/{version}"
        return call(self.url, self.key, "GET", f"{TYPES}/{quote(name, safe='')}{versions}", None)

    def names(self) -> list[str]:
        """Of all event types. Raises Unavailable."""
        return [one["name"] for one in call(self.url, self.key, "GET", TYPES, None)["event_types"]]


def read(path: Path) -> EventTypeDocument:
    """The document in a file of JSON or YAML. Raises Malformed, InvalidInput."""
    return read_document(parsed(path))


def check(path: Path) -> str:
    """What a good document is. A type that it extends is known here only if it is the built-in one.

    Raises:
        Malformed, InvalidInput: with the first fault and how many there are.
    """
    document = read(path)
    base = BUILT_IN if document.extends == BUILT_IN.name else _unknown_base(document)
    checked(document, base)
    fields = len(document.fields)
    return f"{document.name} is good: {fields} field{'' if fields == 1 else 's'} of its own" + (
        f" beside those of {document.extends}" if document.extends else ""
    )


def local_type(name: str) -> EventType:
    """The built-in type by its name, or that of a document by its path. Raises Malformed, InvalidInput."""
    return BUILT_IN if name == BUILT_IN.name else of_document(read(Path(name)))


def of_document(document: EventTypeDocument) -> EventType:
    """The first version of a type that is in no API yet; it may extend the built-in one."""
    base = BUILT_IN if document.extends == BUILT_IN.name else None
    if document.extends and base is None:
        raise InvalidInput(
            f"{document.name} extends {document.extends}, which the API knows: put it, and give its name"
        )
    try:
        checked(document, base)
    except InvalidInput as exc:
        lines = [f"{fault.pointer}: {fault.detail}" for fault in exc.faults]
        raise InvalidInput("\n".join([f"The event type {document.name} is no good", *lines]), exc.faults) from exc
    inherited = base.all_fields if base else {}
    lineage = (base.name,) if base else ()
    fields = {name: getattr(document, name) for name in EventTypeDocument.model_fields}
    return EventType(**fields, version=1, inherited=inherited, lineage=lineage).sealed()


def of_response(told: Answer) -> EventType:
    """The version that the API shows, with its digest as it is there."""
    known = {field: value for field, value in told.items() if field in EventType.model_fields and value is not None}
    return EventType.model_validate(strict_json.parse_sent(json.dumps(known).encode()))


def _unknown_base(document: EventTypeDocument) -> EventType | None:
    """Stands for a type that only the API knows; its fields are checked when the document is put."""
    if document.extends in (None, document.name):
        return None
    return EventType(name=document.extends, version=1, inherited=BUILT_IN.fields, lineage=(BUILT_IN.name,))


def parsed(path: Path) -> Any:
    """What stands in a file of JSON or YAML. Raises Malformed."""
    if path.suffix.lower() not in YAML:
        return strict_json.parse_sent(path.read_bytes())
    try:
        found = yaml.safe_load(path.read_bytes())
        return strict_json.parse_sent(json.dumps(found).encode())
    except (yaml.YAMLError, TypeError, ValueError) as exc:
        raise Malformed(f"{path} is not YAML that JSON could say: {exc}", code="not_yaml") from exc
