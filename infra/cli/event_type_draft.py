"""`fraudshield event-type draft`: a document proposed from a sample, each guess with its reason."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from fraudshield.errors import Malformed
from fraudshield.event_type.currency import DIGITS
from fraudshield.event_type.field import TEXTS
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.event_type.reserved import BY_ROLE, is_reserved
from fraudshield.text import strict_json
from fraudshield.text.card_number import is_card_number
from fraudshield.text.timestamp import RFC_3339

ROWS = 1000  # of a sample are looked at
FEW = 12  # values that differ: fewer are a category
PERSONAL = re.compile(r"name|mail|phone|address|iban|card|account|device|\bip\b", re.IGNORECASE)
CURRENCY = re.compile(r"currency|\bccy\b", re.IGNORECASE)
LABEL = re.compile(r"is_?fraud|fraud|label", re.IGNORECASE)  # what is learned later is no field
KINDS = (
    ("boolean", re.compile(r"true|false", re.IGNORECASE), "every value is true or false"),
    ("instant", RFC_3339, "every value is a time"),
    ("integer", re.compile(r"-?(?:0|[1-9]\d{0,14})", re.ASCII), "every value is a whole number"),
    ("number", re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?", re.ASCII), "every value is a number"),
)
ROLES = {  # by words of a name, in this order, at most one field each
    "amount": re.compile(r"amount|total|value", re.IGNORECASE),
    "time": re.compile(r"occurred|created|time|date", re.IGNORECASE),
    "id": re.compile(r"^id$|(?:transaction|charge|payment|notification|event)_?id|reference", re.IGNORECASE),
    "sender": re.compile(r"sender|payer|debtor|card|from|origin", re.IGNORECASE),
    "receiver": re.compile(r"receiver|merchant|payee|creditor|beneficiary|destination", re.IGNORECASE),
}
KIND_OF_ROLE = {"amount": ("money",), "time": ("instant",), "id": ("text",), "sender": ("text",), "receiver": ("text",)}
Row = Mapping[str, Any]


class _Size(int):
    """How many items a list of the sample has."""


class _Text(str):
    """A text of a JSON sample: it is no number and no boolean, whatever it looks like."""


def draft(path: Path, name: str) -> dict[str, Any]:
    """The document that a sample looks like. Raises Malformed: it is neither JSON nor CSV, or has no payment."""
    rows = _rows(path)
    columns = {place: [row[place] for row in rows if row.get(place) not in (None, "")] for place in _places(rows)}
    extends = {name for name, field in BUILT_IN.fields.items() if field.required} <= columns.keys()
    fields: dict[str, Any] = {}
    for place, values in columns.items():
        if LABEL.fullmatch(place) or (extends and place in BUILT_IN.fields):
            continue
        fields |= _field(place, values, fields)
    if not extends:
        _give_roles(fields, {_field_name(place) for place, values in columns.items() if len({*values}) == len(rows)})
        fields = {_named(name, field): field for name, field in fields.items()}
    money = _currencies(fields, columns, extends=extends)
    return {"name": name, **({"extends": BUILT_IN.name} if extends else {}), **money, "fields": fields}


def _field(place: str, values: Sequence[Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    name = _field_name(place)
    while is_reserved(name, None) or name in taken:
        name += "_"
    kind, why = _kind(values)
    field: dict[str, Any] = {"kind": kind, "description": why}
    if PERSONAL.search(place):
        field |= {"personal": True, "description": f"{why}; its name says that it is about a person"}
    if any(is_card_number(value) for value in values):
        field["description"] = "holds card numbers: send a token of the card in its place"
    if values and all(isinstance(value, _Size) for value in values):
        field = {"kind": "integer", "size_of": place, "description": "every value is a list, of which the size is kept"}
    elif name != place:
        field["from"] = place
    return {name[:63]: field}


def _field_name(place: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "_", place).strip("_") or "field"
    return name if name[0].isalpha() else f"field_{name}"


def _kind(values: Sequence[Any]) -> tuple[str, str]:
    """The kind of these values, and why. No value is repeated: it may be about a person."""
    seen = [str(value) for value in values]
    if not seen:
        return "text", "no row has a value"
    texts = any(isinstance(value, _Text) for value in values)
    for kind, pattern, why in KINDS:
        if (kind == "instant" or not texts) and all(pattern.fullmatch(value) for value in seen):
            return kind, why
    if len({*seen}) <= min(FEW, len(seen) // 2):
        return "category", f"{len({*seen})} values in {len(seen)} rows"
    return "text", f"{len({*seen})} values in {len(seen)} rows"


def _give_roles(fields: dict[str, Any], unique: Collection[str]) -> None:
    """Says which field is what; the id is one of the `unique` ones, of which no two payments have the same value."""
    for role, named in ROLES.items():
        for name, field in fields.items():
            if "role" in field or "size_of" in field or not named.search(name) or not _can_be(role, field):
                continue
            if role == "id" and name.rstrip("_") not in unique:
                continue
            said = f"{field['description']}; its name says that it is the {role}"
            if role == "amount":
                field |= {"required": True, **_unit(field, fields)}
                said += "; whole numbers beside a currency are taken for minor units" if "unit" in field else ""
            field |= {"kind": KIND_OF_ROLE[role][0], "role": role, "description": said}
            break


def _unit(amount: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, str]:
    """The currency of an amount, and its unit: card networks count in cents and write no point."""
    currencies = [name for name, field in fields.items() if CURRENCY.search(name) and field["kind"] in TEXTS]
    if not currencies:
        return {}
    return {"currency": currencies[0], **({"unit": "minor"} if amount["kind"] == "integer" else {})}


def _currencies(fields: Mapping[str, Any], columns: Mapping[str, Sequence[Any]], *, extends: bool) -> dict[str, str]:
    """The currency to report in, which is the commonest, and what inherited amounts are in; says why at the field."""
    holders = [name for name, field in fields.items() if CURRENCY.search(name) and field["kind"] in TEXTS]
    said = (
        holders[0]
        if holders and extends
        else next((one["currency"] for one in fields.values() if "currency" in one), None)
    )
    if said is None:
        return {}
    field = fields[said]
    codes = Counter(str(one).upper() for one in columns[field.get("from", said)] if str(one).upper() in DIGITS)
    if not codes:
        return {}
    [(commonest, number)] = codes.most_common(1)
    field["description"] += f"; {number} of {codes.total()} are {commonest}, so amounts are reported in that"
    return {**({"amount_currency": said} if extends else {}), "reporting_currency": commonest}


def _named(name: str, field: dict[str, Any]) -> str:
    """The field's name; the one that its place has, where its role allows that. Minor units are no `amount`."""
    if field.get("unit") == "minor":
        field.setdefault("from", name)
        return f"{name.rstrip('_')}_minor"
    if field.get("from") != BY_ROLE.get(field.get("role", ""), ""):
        return name
    return str(field.pop("from"))


def _can_be(role: str, field: Mapping[str, Any]) -> bool:
    kinds = {"amount": {"number", "integer"}, "time": {"instant"}}.get(role, {"text", "category"})
    return field["kind"] in kinds


def _places(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(place for row in rows for place in row))


def _rows(path: Path) -> list[Row]:
    content = path.read_bytes()
    if path.suffix.lower() == ".csv":
        rows: list[Row] = [*islice(csv.DictReader(StringIO(content.decode("utf-8-sig"))), ROWS)]
    else:
        sent = strict_json.parse_sent(content)
        whole = sent.get("transactions", sent) if isinstance(sent, dict) else sent
        payments = whole if isinstance(whole, list) else [whole]
        rows = [dict(_leaves(one)) for one in payments[:ROWS] if isinstance(one, dict)]
    if not rows:
        raise Malformed(f"{path} holds no payment; expected a CSV, or a payment or a list of them in JSON")
    return rows


def _leaves(payment: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in payment.items():
        step = name.replace("~", "~0").replace("/", "~1")
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}/{step}")
        else:
            yield (f"{above}/{step}" if above else name), _leaf(value)


def _leaf(value: Any) -> Any:
    if isinstance(value, list):
        return _Size(len(value))
    if isinstance(value, str):
        return _Text(value)
    return str(value).lower() if isinstance(value, bool) else value
