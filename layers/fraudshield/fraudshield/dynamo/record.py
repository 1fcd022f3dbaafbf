"""Records of DynamoDB: attributes in its own notation, made from values of Python and read back by boto3's rules."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from fraudshield.text.stored_number import stored_number

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]


def attributes(values: Mapping[str, Any]) -> "Item":
    """Makes an attribute of each value that is not None: texts, ints, decimals, bools, bytes, sets, lists and mappings.

    Names may be those of an expression's values, too. Raises TypeError for a float: a stored number is exact.
    """
    serialize = _serialize()
    return {name: serialize(value) for name, value in values.items() if value is not None}


def from_attributes(item: "Mapping[str, Any]") -> dict[str, Any]:
    """Reads attributes back to the values they were made from; every number is a Decimal."""
    deserialize = _deserialize()
    return {name: deserialize(value) for name, value in item.items()}


# Who is waited for imports this module and may never need boto3, which takes a tenth of a second: it comes when asked.


@lru_cache
def _serialize() -> Callable[[Any], Any]:
    from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415

    class Serializer(TypeSerializer):
        """Spells decimals without an exponent, as every item of ours does: `1E+3` is stored as `1000`."""

        def serialize(self, value: Any) -> Any:
            return {"N": stored_number(value)} if isinstance(value, Decimal) else super().serialize(value)

    return Serializer().serialize


@lru_cache
def _deserialize() -> Callable[[Any], Any]:
    from boto3.dynamodb.types import Binary, TypeDeserializer  # noqa: PLC0415

    deserializer, binary = TypeDeserializer(), cast(Any, Binary)  # whose stub knows nothing of what it holds

    def plain(attribute: Any) -> Any:
        value = deserializer.deserialize(attribute)
        return bytes(value) if isinstance(value, binary) else value

    return plain
