"""When a condition holds: an expression, or clauses as there were before there were expressions."""

from typing import Annotated, Any, TypeAlias

from pydantic import Field, GetJsonSchemaHandler, GetPydanticSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fraudshield.policy.clause import Clause

MOST_CHARACTERS = 4096  # of an expression
TEXT = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS, "description": "An expression"}
Clauses = Annotated[tuple[Clause, ...], Field(min_length=1, max_length=10)]


def clauses(when: "tuple[Clause, ...] | str") -> tuple[Clause, ...]:
    """The clauses of a condition; none where it is an expression."""
    return () if isinstance(when, str) else when


def _read(value: object, read_clauses: core_schema.ValidatorFunctionWrapHandler) -> object:
    """A text is an expression and all else clauses: what is wrong with either is told as if there were no other."""
    if not isinstance(value, str):
        return read_clauses(value)
    if not 0 < len(value) <= MOST_CHARACTERS:
        raise PydanticCustomError("expression_length", f"An expression should have 1 to {MOST_CHARACTERS} characters")
    return value


def _written(value: Any, write_clauses: core_schema.SerializerFunctionWrapHandler) -> object:
    return value if isinstance(value, str) else write_clauses(value)


def _schema(_: object, handler: Any) -> CoreSchema:
    held = handler(Clauses)
    written = core_schema.wrap_serializer_function_ser_schema(_written, schema=held)
    return core_schema.no_info_wrap_validator_function(_read, held, serialization=written)


def _json_schema(schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    return {"anyOf": [handler(schema), TEXT]}


When: TypeAlias = Annotated[tuple[Clause, ...] | str, GetPydanticSchema(_schema, _json_schema)]
