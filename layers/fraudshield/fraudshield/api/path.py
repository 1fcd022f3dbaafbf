"""Path parameters: what each may be. It is checked before a store is asked, which refuses what it cannot hold.

What is not UTF-8 is refused; what no such thing can be called is not there, as any other unknown name.
"""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints, TypeAdapter, ValidationError, WithJsonSchema

from fraudshield.errors import Malformed, NotFound
from fraudshield.event_type.event_type import TypeName
from fraudshield.text.encoding import FOUND, is_intact
from fraudshield.text.pattern import CODE, MODEL_VERSION, NO_CONTROLS
from fraudshield.transaction.transaction import StoredTransactionId

Given = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=128, pattern=NO_CONTROLS)
]  # an id of ours
ListName = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
Listed = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=512, pattern=NO_CONTROLS)]
ModelVersion = Annotated[str, StringConstraints(strict=True, pattern=MODEL_VERSION)]
VersionNumber = Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9][0-9]{0,8}$")]


def intact(text: str) -> str:
    """Returns the parameter. Raises Malformed where it was no UTF-8."""
    if not is_intact(text):
        raise Malformed(f"The path is not UTF-8: {FOUND} in it", code="invalid_path")
    return text


def known_as(kind: object, unknown: str) -> AfterValidator:
    """Checks that a parameter is this kind of text. Where it is none it raises NotFound, which says `unknown`."""
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    def read(text: str) -> str:
        try:
            return adapter.validate_python(intact(text))
        except ValidationError as exc:
            raise NotFound(unknown) from exc

    return AfterValidator(read)


def shown_as(says: str, most: int) -> WithJsonSchema:
    """What the OpenAPI document says of a parameter."""
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": most, "description": says})


TransactionIdPath = Annotated[
    str,
    known_as(StoredTransactionId, "No transaction is stored under this transaction_id"),
    shown_as("The transaction's id, percent-encoded", 128),
]
# What no account can be called is refused by `read_account`: a 404 might be taken for erased.
AccountPath = Annotated[str, AfterValidator(intact), shown_as("The account's name, percent-encoded", 64)]
EntityPath = Annotated[
    str, known_as(TypeName, "No event type has an entity of this name"), shown_as("The entity's name", 63)
]
EntityValuePath = Annotated[
    str,
    AfterValidator(intact),
    shown_as("What it names, percent-encoded", 512),
]
EventTypePath = Annotated[str, known_as(TypeName, "There is no such event type"), shown_as("The event type's name", 63)]
VersionPath = Annotated[
    str, known_as(VersionNumber, "There is no such version"), shown_as("The version's number, from 1 on", 9)
]
ModelVersionPath = Annotated[
    str, known_as(ModelVersion, "There is no such version of the model"), shown_as("The model's version", 64)
]
ListNamePath = Annotated[
    str, known_as(ListName, "There is no list of this name"), shown_as("The list's name, as in lists.NAME", 63)
]
ListedValuePath = Annotated[
    str, known_as(Listed, "The value is not on the list"), shown_as("The value, percent-encoded", 512)
]
JobIdPath = Annotated[str, known_as(Given, "There is no such job"), shown_as("The job's id", 128)]
BacktestIdPath = Annotated[
    str, known_as(Given, "There is no such test on history"), shown_as("The id of the test", 128)
]
ComparisonIdPath = Annotated[
    str, known_as(Given, "There is no such comparison"), shown_as("The id of the comparison", 128)
]
AlertIdPath = Annotated[str, known_as(Given, "There is no such alert"), shown_as("The alert's id", 128)]
SubscriberIdPath = Annotated[
    str, known_as(Given, "There is no such subscription"), shown_as("The subscriber's id", 128)
]
