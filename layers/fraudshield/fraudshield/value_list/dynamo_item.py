"""Lists and their entries as DynamoDB items.

The definitions share one partition; a list's entries lie in 16, by the first hex digit of the value's digest, so that a
list of a million is no hot partition. An item's `expires_at` is the table's TTL, `ends_at` the entry's own end.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.text.timestamp import instant
from fraudshield.value_list.value_list import KEPT, ListedSpan, ListEntry, ValueList, digest_of

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

PART, ENTRY = "list_part", "entry"  # the table's key
DEFINITIONS = "lists"
DIGITS = "0123456789abcdef"


def definition_key(name: str) -> "Item":
    """Where a list's definition is."""
    return attributes({PART: DEFINITIONS, ENTRY: name})


def part_of(name: str, digest: str) -> str:
    """The partition of a list's entries whose digests begin as this one does."""
    return f"{name}#{digest[0]}"


def entry_key(name: str, value: str) -> "Item":
    """Where the entry of a value is."""
    digest = digest_of(value).hex()
    return attributes({PART: part_of(name, digest), ENTRY: digest})


def definition_item(made: ValueList) -> "Item":
    """A list as an item."""
    said = made.model_dump(exclude={"name", "created_at", "changed_at"})
    times = {"created_at": instant(made.created_at), "changed_at": instant(made.changed_at)}
    return {**definition_key(made.name), **attributes({**said, **times})}


def definition_in(item: "Item") -> ValueList:
    """What `definition_item` was given."""
    stored = from_attributes(item)
    stored["name"] = stored.pop(ENTRY)
    return ValueList.model_validate({name: stored[name] for name in ValueList.model_fields if name in stored})


def entry_item(name: str, entry: ListEntry) -> "Item":
    """An entry as an item; it ages out a while after its end."""
    end = entry.ended_at
    said = {
        "value": entry.value,
        "added_at": instant(entry.added_at),
        "note": entry.note or None,
        "by": entry.by,
        "actor": entry.actor or None,
        "ends_at": _written(entry.expires_at),
        "removed_at": _written(entry.removed_at),
        "expires_at": None if end is None else int((end + KEPT).timestamp()),
        "revision": entry.revision,
        "earlier": [_span_map(span) for span in entry.earlier] or None,
    }
    return {**entry_key(name, entry.value), **attributes(said)}


def entry_in(item: "Item") -> ListEntry:
    """What `entry_item` was given."""
    stored = from_attributes(item)
    return ListEntry(
        stored["value"],
        datetime.fromisoformat(stored["added_at"]),
        stored.get("note", ""),
        stored["by"],
        stored.get("actor", ""),
        _read(stored.get("ends_at")),
        _read(stored.get("removed_at")),
        tuple(
            ListedSpan(datetime.fromisoformat(one["since"]), _read(one.get("until")))
            for one in stored.get("earlier", ())
        ),
        int(stored["revision"]),
    )


def end_in(item: "Item") -> datetime | None:
    """When the value leaves the list or left it, of an item that has nothing but that; None where it stays."""
    ends = [item[name]["S"] for name in ("ends_at", "removed_at") if name in item]
    return _read(min(ends, default=None))


def _span_map(span: ListedSpan) -> dict[str, str]:
    ended = {} if span.until is None else {"until": instant(span.until)}
    return {"since": instant(span.since), **ended}


def _written(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
