"""The fields of a payment by what they hold. Whoever stores, shows or reads them asks here, so that none is forgotten.

A field may be added where it is optional and None by default: one that was not sent is not stored, not shown and not
part of the content.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from fraudshield.text.json_text import Number
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.built_in import BuiltInTransaction

Kinds = Mapping[str, type]  # `str`, `int`, `Decimal` or `datetime` by field, in the model's order
SHOWN: Mapping[type, Any] = {str: str, int: int, Decimal: Number, datetime: Moment}  # as JSON has them


def kinds(model: type[BaseModel]) -> Kinds:
    """What each field holds. Raises TypeError for a field that is of no kind that can be stored."""
    found = {name: _kind(field.annotation) for name, field in model.model_fields.items()}
    if unknown := sorted(name for name, kind in found.items() if kind not in SHOWN):
        raise TypeError(f"{', '.join(unknown)}: a field holds text, a whole number, an exact number or a time")
    return found


def nullable(model: type[BaseModel]) -> frozenset[str]:
    """Fields that a payment may be without."""
    return frozenset(name for name, field in model.model_fields.items() if field.get_default() is None)


def shown(value: object) -> object:
    """A field's value as JSON has it; money stays exact."""
    return timestamp(value) if isinstance(value, datetime) else value


def _kind(annotation: Any) -> Any:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(parts[0])
    if origin is Literal:
        return type(parts[0])
    if origin in (Union, UnionType):
        held = [part for part in parts if part is not NoneType]
        return _kind(held[0]) if len(held) == 1 else None
    return annotation


KINDS = kinds(BuiltInTransaction)
NULLABLE = nullable(BuiltInTransaction)
REQUIRED = tuple(name for name, field in BuiltInTransaction.model_fields.items() if field.is_required())
OPTIONAL = tuple(name for name in KINDS if name not in REQUIRED)
MONEY = tuple(name for name in REQUIRED if KINDS[name] is Decimal)  # what every payment says of money
NUMBERS = frozenset(name for name, kind in KINDS.items() if kind in (int, Decimal))
