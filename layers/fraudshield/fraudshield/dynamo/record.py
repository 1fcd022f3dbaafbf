"""Records of DynamoDB: attributes in its own notation, made from values of Python and read back by boto3's rules."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

from fraudshield.text.stored_number import stored_number

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]


class _Serializer(TypeSerializer):
    """Spells decimals without an exponent, as every item of ours does: `1E+3` is stored as `1000`."""

    def serialize(self, value: Any) -> Any:
        return {"N": stored_number(value)} if isinstance(value, Decimal) else super().serialize(value)


_BINARY: Any = Binary  # whose stub knows nothing of what it holds
_serializer, _deserializer = _Serializer(), TypeDeserializer()


def attributes(values: Mapping[str, Any]) -> "Item":
    """Makes an attribute of each value that is not None: texts, ints, decimals, bools, bytes, sets, lists and mappings.

    Names may be those of an expression's values, too. Raises TypeError for a float: a stored number is exact.
    """
    return {name: _serializer.serialize(value) for name, value in values.items() if value is not None}


def from_attributes(item: "Mapping[str, Any]") -> dict[str, Any]:
    """Reads attributes back to the values they were made from; every number is a Decimal."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, _BINARY) else value
