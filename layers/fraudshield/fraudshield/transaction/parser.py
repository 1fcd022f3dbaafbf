"""Reading a payment by its event type: a model made of the type's fields, once for each version."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, create_model
from pydantic_core import PydanticCustomError

from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import MOST_CATEGORY, MOST_TEXT, EventField
from fraudshield.text.card_number import is_card_number, says_card
from fraudshield.text.fault import faults_of, pointer_step
from fraudshield.text.json_text import json_text
from fraudshield.text.number import WHOLE, exact
from fraudshield.text.pattern import NO_CONTROLS
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.extended import ExtendedTransaction
from fraudshield.transaction.money import MoneyReader
from fraudshield.transaction.own import KEPT, EventTypeVersion, OwnContent, OwnTransaction, as_content
from fraudshield.transaction.place import laid_flat
from fraudshield.transaction.placement import Placement
from fraudshield.transaction.transaction import Instant, Transaction, TransactionId, new_id

CARD_NUMBER, LATER = "card_number", "later_field"
MOST_DEPTH = 16  # DynamoDB takes 32
TOO_LARGE = "kept_too_large"
MOST_KEPT = 4096  # characters of JSON of what no field names
INVALID = "The transaction is not valid"
FAR = 10**15
KNOWN: "dict[tuple[str, tuple[tuple[str, tuple[int, ...]], ...]], PaymentParser]" = {}
MOST_PARSERS = 64


class _Keeping(BuiltInTransaction):
    model_config = ConfigDict(extra="allow")


class _Dropping(BuiltInTransaction):
    model_config = ConfigDict(extra="ignore")


class _Own(BaseModel):
    """A type of one's own has all its fields from its document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _OwnKeeping(_Own):
    model_config = ConfigDict(extra="allow")


class _OwnDropping(_Own):
    model_config = ConfigDict(extra="ignore")


BASE: Mapping[str, type[BuiltInTransaction]] = {"refuse": BuiltInTransaction, "keep": _Keeping, "drop": _Dropping}
OWN_BASE: Mapping[str, type[_Own]] = {"refuse": _Own, "keep": _OwnKeeping, "drop": _OwnDropping}
# What a type's payments have though no field of it has the role.
BY_ITSELF: Mapping[str, tuple[str, Any]] = {
    "id": ("transaction_id", (Annotated[TransactionId, Field(default_factory=new_id)], ...)),
    "time": ("occurred_at", (Instant | None, None)),
}
COMMON = frozenset({"transaction_id", "occurred_at"})  # stand beside a type's own fields, and not among them


def read_transaction(sent: object, pointer: str) -> BuiltInTransaction:
    """One transaction of the built-in type. Raises InvalidInput: with a fault per field, each under `pointer`."""
    try:
        return BuiltInTransaction.model_validate(sent)
    except ValidationError as exc:
        raise InvalidInput(INVALID, faults_of(exc, pointer, sent), code="invalid_transaction") from exc


def parser_of(event_type: EventType) -> "PaymentParser":
    """The parser of a version, made when it is first asked for."""
    read_by = (event_type.digest, tuple(event_type.slots.items()))  # asked for every payment: no JSON is made of it
    known = KNOWN.get(read_by)
    if known is None:
        if len(KNOWN) >= MOST_PARSERS:
            KNOWN.clear()
        known = KNOWN[read_by] = PaymentParser(event_type)
    return known


class PaymentParser:
    """Reads payments by one version of a type."""

    def __init__(self, event_type: EventType) -> None:
        built_in = BuiltInTransaction.model_fields if event_type.is_payment else {}
        own = {name: field for name, field in event_type.all_fields.items() if name not in built_in}
        self._of = EventTypeVersion(event_type.name, event_type.version, event_type.digest)
        self._fields = own
        self._roles = {} if built_in else event_type.by_role()
        self._extends_payment = event_type.is_payment
        self._placement = Placement(event_type)
        self._money = MoneyReader(event_type)
        self._names = {f"own_{number}": name for number, name in enumerate(own)}  # a field may be called `copy`
        self._pointers = [place for name in own if (place := own[name].sent_as(name)).startswith("/")]
        fields: dict[str, Any] = {inside: _definition(name, own[name]) for inside, name in self._names.items()}
        if not built_in:
            fields |= dict(one for role, one in BY_ITSELF.items() if role not in self._roles)
        base = BASE if built_in else OWN_BASE
        self._model = create_model(event_type.name, __base__=base[event_type.unknown], **fields)

    def read(self, sent: object, pointer: str) -> Transaction:
        """One transaction. Raises InvalidInput: with a fault per field, each under `pointer`."""
        flat = laid_flat(sent, self._pointers) if self._pointers else sent
        try:
            read = self._model.model_validate(flat)
        except ValidationError as exc:
            faults = [self._placed(fault, pointer) for fault in faults_of(exc, pointer, flat)]
            raise InvalidInput(INVALID, faults, code="invalid_transaction") from exc
        held, kept = read.__dict__, read.model_extra or {}
        values = {name: held[inside] for inside, name in self._names.items() if held[inside] is not None}
        own = {name: as_content(value) for name, value in values.items() if name not in COMMON}
        own |= {KEPT: beside} if (beside := _kept(kept, pointer)) else {}
        if not self._extends_payment:
            return self._by_role(values, held, OwnContent(self._of, own))
        built_in = {name: held[name] for name in BuiltInTransaction.model_fields}
        content = OwnContent(self._of, own, money=self._money.beside(built_in, values))
        return ExtendedTransaction.model_construct(**built_in, content=self._placement.placed(content, built_in))

    def _by_role(self, values: Mapping[str, Any], held: Mapping[str, Any], content: OwnContent) -> OwnTransaction:
        of_role = {role: values.get(name) for role, name in self._roles.items()}
        amount, money = self._money.of(values)
        common: dict[str, Any] = {
            "transaction_id": of_role.get("id") or held.get("transaction_id") or new_id(),
            "occurred_at": of_role.get("time") or held.get("occurred_at"),
            "amount": amount,
        }
        return OwnTransaction(
            **common,
            sender=of_role.get("sender"),
            receiver=of_role.get("receiver"),
            own=self._placement.placed(replace(content, money=money), common),
        )

    def _placed(self, fault: Fault, pointer: str) -> Fault:
        """The fault where the payment has it, for what was laid flat."""
        for place in self._pointers:
            if fault.pointer == f"{pointer}/{pointer_step(place)}":
                return Fault(pointer + place, fault.detail, fault.code)
        return fault


def held_by(name: str, field: EventField) -> Any:
    """What a field of this type may hold, as pydantic takes it."""
    held = TransactionId if field.role == "id" else KINDS[field.kind](field)
    if says_card(f"{name} {field.sent_as(name)}"):
        held = Annotated[held, BeforeValidator(_no_card_number)]
    return held


def _definition(name: str, field: EventField) -> tuple[Any, Any]:
    held, place = held_by(name, field), field.sent_as(name)
    if field.later:
        return Annotated[Any, BeforeValidator(_told_later)], Field(alias=place, default=None)
    if field.size_of is not None:
        held = Annotated[held, BeforeValidator(_size)]
    if field.required:
        return held, Field(alias=place)
    return held | None, Field(alias=place, default=None)


def _told_later(value: object) -> None:
    if value is not None:
        raise PydanticCustomError(LATER, "Input should be left out: this field is told afterwards, as a fact")


def _no_card_number(value: object) -> object:
    if is_card_number(value):
        raise PydanticCustomError(CARD_NUMBER, "Input should be a token or a fingerprint of the card, never its number")
    return value


def _size(value: object) -> object:
    """Of a list its size. A file, and an export that comes back, have the size itself."""
    if isinstance(value, list):
        return len(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("list_type", "Input should be a list, or its size")


def _text(_: EventField) -> Any:
    return Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_TEXT, pattern=NO_CONTROLS)]


def _category(field: EventField) -> Any:
    if field.values:
        return Literal[field.values]
    return Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_CATEGORY, pattern=NO_CONTROLS)]


def _number(field: EventField) -> Any:
    return Annotated[Decimal, BeforeValidator(exact), Field(**_bounds(field))]


def _integer(field: EventField) -> Any:
    return Annotated[int, Field(strict=True, **_bounds(field)), WHOLE]


def _bounds(field: EventField) -> dict[str, Any]:
    least = Decimal(0) if field.minimum is None and field.size_of else field.minimum
    low = {"gt": -FAR} if least is None else {"ge": least}
    high = {"lt": FAR} if field.maximum is None else {"le": field.maximum}
    return {name: int(one) if field.kind == "integer" else one for name, one in (low | high).items()}


KINDS: Mapping[str, Callable[[EventField], Any]] = {
    "text": _text,
    "category": _category,
    "number": _number,
    "money": _number,
    "integer": _integer,
    "boolean": lambda _: Annotated[bool, Field(strict=True)],
    "instant": lambda _: Instant,
}


def _kept(kept: Mapping[str, Any], pointer: str) -> dict[str, object]:
    """What no field names, as it is kept. Raises InvalidInput where that cannot be."""
    found: dict[str, object] = {}
    for name, value in kept.items():
        at = f"{pointer}/{pointer_step(name)}"
        try:
            found |= {} if value is None else {name: _plain(value, card=says_card(name))}
        except PydanticCustomError as exc:
            raise InvalidInput(INVALID, [Fault(at, exc.message(), exc.type)], code="invalid_transaction") from exc
        if len(json_text(found)) > MOST_KEPT or not re.search(NO_CONTROLS, name) or len(name) > MOST_CATEGORY:
            says = f"What no field names should be at most {MOST_KEPT} characters of JSON, under names of up to 64"
            raise InvalidInput(INVALID, [Fault(at, says, TOO_LARGE)], code="invalid_transaction")
    return found


def _plain(value: Any, *, card: bool, depth: int = 0) -> object:
    if depth > MOST_DEPTH:
        raise PydanticCustomError(TOO_LARGE, "What no field names should be nested at most 16 deep")
    if isinstance(value, Mapping):
        members = ((name, one) for name, one in value.items() if one is not None)
        return {name: _plain(one, card=card or says_card(name), depth=depth + 1) for name, one in members}
    if isinstance(value, list):
        return [_plain(one, card=card, depth=depth + 1) for one in value if one is not None]
    if card:
        _no_card_number(value)
    return exact(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
