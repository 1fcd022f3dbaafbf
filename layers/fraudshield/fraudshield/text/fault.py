"""What was wrong with an input, in words that let its sender mend it: where, what was expected, what was found."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from fraudshield.errors import Fault, InvalidInput, Malformed

SHOWN = 60  # characters of a wrong value that are repeated in a fault's text
MOST = 10  # of one input; a thousand inputs of a thousand faults each would not fit into a response
Model = TypeVar("Model", bound=BaseModel)


class FaultObject(TypedDict):
    """One thing wrong with an input: where (a JSON pointer into the body), what, and a stable code."""

    pointer: str
    detail: str
    code: str


def fault_object(fault: Fault) -> FaultObject:
    """A fault as the response has it."""
    return {"pointer": fault.pointer, "detail": fault.detail, "code": fault.code}


def faults_of(exc: ValidationError, pointer: str = "") -> tuple[Fault, ...]:
    """Pydantic's errors as faults, each at a JSON pointer below `pointer`; the first `MOST` of them."""
    errors = [error for error in exc.errors(include_url=False) if not _echoes(error)]
    return tuple(_fault(error, pointer) for error in errors[:MOST])


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, Sequence) and not value:
        return f"an empty {'text' if isinstance(value, str) else 'list'}"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _echoes(error: ErrorDetails) -> bool:
    """Whether it only repeats others: pydantic calls a tuple too short when too few of its items are valid."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _fault(error: ErrorDetails, pointer: str) -> Fault:
    path = "".join(f"/{_escape(str(step))}" for step in error["loc"])
    found = "" if error["type"] == "missing" else f", found {_shown(error['input'])}"
    return Fault(pointer + path, error["msg"] + found, error["type"])


def _escape(step: str) -> str:
    return step[:SHOWN].replace("~", "~0").replace("/", "~1")  # RFC 6901


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return kind(value)
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    text = str(value) if not isinstance(value, str) else repr(value)
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
        raise InvalidInput(refusal, faults_of(exc), code=code) from exc
