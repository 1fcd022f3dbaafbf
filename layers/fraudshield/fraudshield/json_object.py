"""The JSON object that the body of a call has to be, read as the model that says what stands in it."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.fault import faults_of, kind

Model = TypeVar("Model", bound=BaseModel)


def json_object(body: object, expected: str) -> dict[str, Any]:
    """The object that `body` is; `expected` says what should stand in it. Raises Malformed."""
    if not isinstance(body, dict):
        raise Malformed(f"Expected an object with {expected}, found {kind(body)}")
    return body


def read_object(body: object, model: type[Model], expected: str, refusal: str, code: str) -> Model:
    """What `body` says.

    Raises:
        Malformed: it is no object; `expected` says what should stand in one.
        InvalidInput: with `refusal` as its text, `code`, and a fault for each field.
    """
    try:
        return model.model_validate(json_object(body, expected))
    except ValidationError as exc:
        raise InvalidInput(refusal, faults_of(exc), code=code) from exc
