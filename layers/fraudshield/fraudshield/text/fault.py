"""What was wrong with an input, in words that let its sender mend it: where, what was expected, what was found."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict

from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.text.card_number import is_card_number
from fraudshield.text.pattern import WORDS
from fraudshield.text.strict_json import SpelledNumber

SHOWN = 60  # characters of a wrong value that are repeated in a fault's text
MOST = 10  # of one input; a thousand inputs of a thousand faults each would not fit into a response
Model = TypeVar("Model", bound=BaseModel)
KEY = "[key]"  # pydantic's last step to a key of an object that is at fault itself
FIELDS = "fields"  # of a fault between several
# In our words what pydantic would say in Python's; all else it says of JSON.
SAID: Mapping[str, str] = {
    "extra_forbidden": "There is no such field here",
    "model_type": "Input should be an object",
    "model_attributes_type": "Input should be an object",
    "dict_type": "Input should be an object",
    "tuple_type": "Input should be a list",
    "list_type": "Input should be a list",
    "string_unicode": "Input should be Unicode text",
    "string_pattern_mismatch": "Input should be {words}",
    "decimal_max_digits": "Input should have at most {max_digits} digits",
    "too_short": "Input should have at least {min_length} of them",
    "too_long": "Input should have at most {max_length} of them",
}
UNSAID = object()
MEMBER = re.compile(r"<[\w.]+: ('[^']*')>")  # of an enum, of which only the value is known outside


class FaultObject(TypedDict):
    """One thing wrong with an input: where (a JSON pointer into the body), what, and a stable code.

    Of an expression also the character at which it is, from 0, and the name that was probably meant.
    """

    pointer: str
    detail: str
    code: str
    position: NotRequired[int]
    suggestion: NotRequired[str]


def fault_object(fault: Fault) -> FaultObject:
    """A fault as the response has it."""
    found: FaultObject = {"pointer": fault.pointer, "detail": fault.detail, "code": fault.code}
    if fault.position is not None:
        found["position"] = fault.position
    if fault.suggestion:
        found["suggestion"] = fault.suggestion
    return found


def faults_of(exc: ValidationError, pointer: str = "", sent: object = UNSAID) -> tuple[Fault, ...]:
    """Pydantic's errors as faults, each at a JSON pointer below `pointer`; the first `MOST` of them.

    What was found is looked up in what was `sent`: pydantic names what a field's own reading has made of it.
    """
    errors = [error for error in exc.errors(include_url=False) if not _echoes(error)]
    return tuple(_fault(error, pointer, sent) for error in errors[:MOST])


def cross_fault(code: str, says: str, *fields: str) -> PydanticCustomError:
    """A fault between several fields, which `says` names. It points at the first of them and repeats no value."""
    return PydanticCustomError(code, says, {FIELDS: fields})


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, Sequence) and not value:
        return f"an empty {'text' if isinstance(value, str) else 'list'}"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _echoes(error: ErrorDetails) -> bool:
    """Whether it only repeats others: pydantic calls a tuple too short when too few of its items are valid."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _fault(error: ErrorDetails, pointer: str, sent: object) -> Fault:
    context = error.get("ctx", {})
    if FIELDS in context:
        return Fault(pointer + _path((*error["loc"], context[FIELDS][0])), error["msg"], error["type"])
    is_key = error["loc"][-1:] == (KEY,)
    steps = error["loc"][:-1] if is_key else error["loc"]
    found = "" if error["type"] == "missing" else f", found {_shown(steps[-1] if is_key else _found(error, sent))}"
    return Fault(pointer + _path(steps), _says(error, context) + found, error["type"])


def _says(error: ErrorDetails, context: Mapping[str, Any]) -> str:
    if error["type"] not in SAID:
        return MEMBER.sub(r"\1", error["msg"])
    words = WORDS.get(context.get("pattern", ""), "a text of another form")
    return SAID[error["type"]].format(**{**context, "words": words})


def _path(steps: Sequence[int | str]) -> str:
    return "".join(f"/{pointer_step(str(step))}" for step in steps)


def _found(error: ErrorDetails, sent: object) -> object:
    """What stands in the place of the error, where it can be followed in what was sent."""
    for step in error["loc"]:
        is_there = step in sent if isinstance(sent, Mapping) else isinstance(sent, list) and step in range(len(sent))
        if not is_there:
            return error["input"]
        sent = sent[step]  # type: ignore[index]
    return error["input"] if sent is UNSAID else sent


def pointer_step(step: str) -> str:
    """A step of a JSON Pointer (RFC 6901), the first characters of a long one."""
    return step[:SHOWN].replace("~", "~0").replace("/", "~1")


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return kind(value)
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if is_card_number(value):
        return "a card number"
    if isinstance(value, SpelledNumber):
        value = value.spelled
    elif isinstance(value, str):
        value = repr(value)
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def json_object(body: object, expected: str) -> dict[str, Any]:
    """The object that `body` is; `expected` says what should stand in it. Raises Malformed."""
    if not isinstance(body, dict):
        raise Malformed(f"Expected an object with {expected}, found {kind(body)}")
    return body


def read_object(body: object, model: type[Model], expected: str, refusal: str, code: str) -> Model:
    """The body as a `model`.

    Raises:
        Malformed: it is no object; `expected` says what should stand in one.
        InvalidInput: with `refusal` as its text, `code`, and a fault for each field.
    """
    try:
        return model.model_validate(json_object(body, expected))
    except ValidationError as exc:
        raise InvalidInput(refusal, faults_of(exc, sent=body), code=code) from exc
