"""Facts: what is told of a payment afterwards, once for each field of its type that says `later`."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, RootModel
from typing_extensions import TypedDict

from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import FieldName
from fraudshield.text.fault import json_object, pointer_step
from fraudshield.text.schema import one_of
from fraudshield.transaction.field_value import field_value


class FactsRequest(RootModel[Annotated[dict[FieldName, str | float | bool], Field(min_length=1)]]):
    """Values by field, such as `{"declined_by_issuer": true}`."""


class FactsResponse(TypedDict):
    """What telling them did; `status` is `success` whether they were new or there already."""

    status: Annotated[str, one_of("success")]
    message: str


def read_facts(body: object, event_type: EventType | None) -> Mapping[str, object]:
    """The values as they are stored.

    Raises:
        Malformed: no object.
        InvalidInput: none, or with a fault for each that is told of no payment of this type afterwards.
    """
    sent = json_object(body, "fields that are told afterwards")
    later = {name: one for name, one in event_type.all_fields.items() if one.later} if event_type else {}
    known = ", ".join(later) or "none"
    says = f"This is no field of the payment's type that says later; there are: {known}"
    faults = [Fault(f"/{pointer_step(name)}", says, "unknown_field") for name in sent if name not in later]
    if not sent:
        faults = [Fault("", f"Expected one of the fields that say later; there are: {known}", "missing")]
    if faults:
        raise InvalidInput("The facts are not valid", faults, code="invalid_facts")
    return {name: field_value(name, later[name], value, f"/{pointer_step(name)}") for name, value in sent.items()}


def facts_response(new: bool) -> FactsResponse:
    """The response to facts that were told."""
    return {"status": "success", "message": "Kept with the transaction" if new else "Kept already"}
