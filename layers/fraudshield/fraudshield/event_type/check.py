"""What an event type's document must keep beside its shape. Each fault names its place and says what to do."""

import re
from collections.abc import Callable, Iterator

from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.aggregate import length
from fraudshield.event_type.aggregate_check import faults_of_aggregates
from fraudshield.event_type.currency import CODE, DIGITS, in_currency
from fraudshield.event_type.event_type import EventType, EventTypeDocument, Fields
from fraudshield.event_type.feature_check import faults_of_features
from fraudshield.event_type.field import NUMBERS, TEXTS, EventField
from fraudshield.event_type.reporting import faults_of_reporting, reporting_of
from fraudshield.event_type.reserved import RESERVED_TYPES, is_reserved
from fraudshield.expression import literal
from fraudshield.text.fault import MOST, pointer_step, read_object

INVALID, RESERVED_NAME = "invalid_event_type", "reserved_name"
POINTER = re.compile(r"(?:/(?:[^~/]|~[01])+)+")
KIND_OF_ROLE = {
    "id": "text",
    "time": "instant",
    "amount": "money",
    "reported_amount": "money",
    "sender": "text",
    "receiver": "text",
}
# What only some kinds of field have: the attribute, the kinds, what they are called.
OF_KINDS = (
    ("values", {"category"}, "a category"),
    ("minimum", NUMBERS, "a number, money or an integer"),
    ("maximum", NUMBERS, "a number, money or an integer"),
    ("unit", {"money"}, "money"),
    ("currency", {"money"}, "money"),
    ("zone", {"instant"}, "an instant"),
    ("entity", {"text"}, "a text"),
    ("size_of", {"integer"}, "an integer"),
)
Check = Callable[[str, EventField, Fields], Iterator[tuple[str, str, str]]]  # part of the field, what, code


def read_document(body: object) -> EventTypeDocument:
    """The document as it was sent. Raises Malformed: not an object; InvalidInput: with a fault for each place."""
    says = "The event type is not valid"
    return read_object(body, EventTypeDocument, "the name and the fields of an event type", says, INVALID)


def checked(document: EventTypeDocument, base: EventType | None) -> None:
    """Checks a document whose `base` is the type that it extends. Raises InvalidInput with the first faults."""
    if not (faults := faults_of_document(document, base)):
        return
    codes = {fault.code for fault in faults}
    code = RESERVED_NAME if RESERVED_NAME in codes else INVALID
    raise InvalidInput(f"The event type is not valid: {faults[0].detail}", faults[:MOST], code=code)


def faults_of_document(document: EventTypeDocument, base: EventType | None) -> list[Fault]:
    """Every fault of a document whose fields have the right shape each."""
    sent = base.all_fields if base else {}
    inherited = in_currency(sent, document.amount_currency)
    fields = {**inherited, **document.fields}
    found = [*_of_the_whole(document, base), *_roles(document, inherited)]
    if document.amount_currency is not None:
        found += _amount_currency(document.amount_currency, fields, changed=inherited != sent)
    for name, field in document.fields.items():
        if name in inherited:
            found.append(_fault("fields", name, says=f"{name} is a field of {document.extends}", code="inherited"))
        for check in CHECKS:
            found += [
                _fault("fields", name, part, says=what, code=code) for part, what, code in check(name, field, fields)
            ]
    found += [*_places(document), *faults_of_reporting(document, base, fields)]
    of_aggregates = [*faults_of_aggregates(document, fields, reporting_of(document, base, fields))]
    return [*found, *(of_aggregates or faults_of_features(document, fields))]


def _of_the_whole(document: EventTypeDocument, base: EventType | None) -> Iterator[Fault]:
    if document.name in RESERVED_TYPES:
        says = f"{document.name} is built in; give yours another name, and extends: {document.name}"
        yield _fault("name", says=says, code=RESERVED_NAME)
    if document.extends == document.name or (base and document.name in (base.name, *base.lineage)):
        yield _fault("extends", says=f"{document.name} would extend itself", code="cycle")
    elif document.extends and base is None:
        yield _fault("extends", says=f"There is no event type {document.extends}", code="unknown_event_type")
    if not document.fields and not document.extends:
        yield _fault("fields", says="A type that extends no other should have fields", code="incomplete")
    yield from _label(document)
    known = (base.all_fields if base else {}).keys() | document.fields.keys()
    for at, name in enumerate(document.shown):
        if name not in known:
            yield _fault("shown", str(at), says=f"{name} is no field of this type", code="unknown_field")


def _label(document: EventTypeDocument) -> Iterator[Fault]:
    said = document.label
    if said is None:
        return
    if said.genuine_after is None and said.later is None:
        yield _fault("label", says="label should say genuine_after, later or both", code="incomplete")
    elif said.genuine_after and said.later and length(said.later) > length(said.genuine_after):
        says = "Labels that come later than genuine_after would find their payments counted as genuine"
        yield _fault("label", "later", says=says, code="bounds_order")


def _amount_currency(currency: str, fields: Fields, *, changed: bool) -> Iterator[Fault]:
    if not changed:
        says = "amount_currency is for inherited money that says no currency, and there is none"
        yield _fault("amount_currency", says=says, code="inherited")
    else:
        found = _holder_of(currency, fields)
        yield from (_fault("amount_currency", says=says, code=code) for _, says, code in found)


def _roles(document: EventTypeDocument, inherited: Fields) -> Iterator[Fault]:
    holders = {field.role: name for name, field in inherited.items() if field.role}
    for name, field in document.fields.items():
        if field.role and (other := holders.setdefault(field.role, name)) != name:
            yield _fault("fields", name, "role", says=f"{other} has the role {field.role} already", code="role_twice")
    if "amount" not in holders and (document.fields or not document.extends):
        says = "One field should have the role amount: lists and limits go by it"
        yield _fault("fields", says=says, code="no_amount")


def _name(name: str, field: EventField, _: Fields) -> Iterator[tuple[str, str, str]]:
    if is_reserved(name, field.role):
        yield "", f"{name} is what lists, answers or rules call something else; choose another name", RESERVED_NAME


def _fits_kind(_: str, field: EventField, __: Fields) -> Iterator[tuple[str, str, str]]:
    for part, kinds, called in OF_KINDS:
        if getattr(field, part) is not None and field.kind not in kinds:
            yield part, f"{part} is for {called}, and this field is of kind {field.kind}", "wrong_kind"
    if field.role and field.kind != KIND_OF_ROLE[field.role]:
        expected = KIND_OF_ROLE[field.role]
        yield (
            "kind",
            f"The role {field.role} is for kind {expected}, and this field is of kind {field.kind}",
            "wrong_kind",
        )


def _bounds(_: str, field: EventField, __: Fields) -> Iterator[tuple[str, str, str]]:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low > high:
        yield "minimum", "minimum should not be above maximum", "bounds_order"
    for part, bound in (("minimum", low), ("maximum", high)):
        if field.kind == "integer" and bound is not None and bound != bound.to_integral_value():
            yield part, f"{part} of an integer should be an integer", "wrong_kind"
    if field.role == "amount" and low is not None and low < 0:
        yield "minimum", "An amount is never below 0", "out_of_range"
    if field.values and len({*field.values}) < len(field.values):
        yield "values", "Each value should stand once", "value_twice"


def _role(name: str, field: EventField, _: Fields) -> Iterator[tuple[str, str, str]]:
    if field.role == "amount" and not field.required:
        yield "required", "The field with the role amount should be required", "not_required"
    if field.role == "amount" and field.unit == "minor" and name == "amount":
        says = "amount is the amount in major units in every answer; call the field in minor units otherwise"
        yield "unit", f"{says}, with from: /amount", "amount_unit"
    if field.role and field.later:
        yield "later", f"The field with the role {field.role} is known when the payment is made", "role_later"


def _money(_: str, field: EventField, fields: Fields) -> Iterator[tuple[str, str, str]]:
    if field.kind != "money":
        return
    if field.unit == "minor" and field.currency is None:
        yield "currency", "Money in minor units should say its currency: a code, or a field", "incomplete"
    if field.currency is not None:
        yield from _holder_of(field.currency, fields)


def _holder_of(currency: str, fields: Fields) -> Iterator[tuple[str, str, str]]:
    if currency in DIGITS:
        return
    holder = fields.get(currency)
    if holder is None:
        found = "no code of ISO 4217" if re.fullmatch(CODE, currency) else "neither a code, such as EUR,"
        yield "currency", f"{currency} is {found} nor a field of this type", "unknown_field"
    elif holder.kind not in TEXTS:
        yield "currency", f"{currency} is of kind {holder.kind}, and a currency's code is a text", "wrong_kind"


def _entity(_: str, field: EventField, __: Fields) -> Iterator[tuple[str, str, str]]:
    if field.busy and field.entity is None:
        yield "busy", "busy is for a field that names an entity", "no_entity"
    if field.busy and field.personal:
        yield "busy", "A busy entity has counters, which keep nothing of a person; this field is personal", "busy"
    if field.entity is not None and field.role:
        says = "Sender and receiver are entities already, called account; no other role is one"
        yield "entity", says, "role_entity"


def _place(_: str, field: EventField, __: Fields) -> Iterator[tuple[str, str, str]]:
    for part, place in (("from", field.place), ("size_of", field.size_of)):
        if place and place.startswith("/") and not POINTER.fullmatch(place):
            says = f"{part} should be a JSON Pointer, such as /card/fingerprint, or a member's name"
            yield part, says, "pointer_syntax"
    if field.place and field.size_of:
        yield "size_of", "A field has either from or size_of", "place_twice"
    if field.zone is not None and literal.zone(field.zone) is None:
        near = literal.nearest_zone(field.zone)
        meant = f"did you mean {near}?" if near else "expected a name such as Europe/Berlin"
        yield "zone", f"There is no time zone {field.zone!r}; {meant}", "unknown_zone"
    if field.later and (field.required or field.entity):
        part = "required" if field.required else "entity"
        yield part, f"A field that is told later is not {part}: payments are stored without it", "later"


CHECKS: tuple[Check, ...] = (_name, _fits_kind, _bounds, _role, _money, _entity, _place)


def _places(document: EventTypeDocument) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for name, field in document.fields.items():
        place = field.sent_as(name).removeprefix("/")
        if (other := taken.setdefault(place, name)) != name:
            yield _fault("fields", name, "from", says=f"{other} is read from the same place", code="place_twice")


def _fault(*steps: str, says: str, code: str) -> Fault:
    return Fault("".join(f"/{pointer_step(step)}" for step in steps if step), says, code)
