"""A clause in JSON Schema: which tests go with which fields, as a choice of objects that clients can be made from."""

from collections.abc import Callable, Iterable
from typing import Any

NOTHING = {"type": "null"}


def choice(numbers: Iterable[str], texts: Iterable[str]) -> Callable[[dict[str, Any]], None]:
    """What makes of the one object with everything in it a choice of three: at least, at most, any of."""

    def of(schema: dict[str, Any]) -> None:
        fields = schema.pop("properties")
        forms = (
            ("AtLeastClause", "at_least", {"at_most": fields["at_most"], "any_of": NOTHING}, numbers),
            ("AtMostClause", "at_most", {"at_least": fields["at_least"], "any_of": NOTHING}, numbers),
            ("AnyOfClause", "any_of", {"at_least": NOTHING, "at_most": NOTHING}, texts),
        )
        kept = {"additionalProperties": schema.pop("additionalProperties"), "type": schema.pop("type")}
        del schema["required"]
        schema["anyOf"] = [
            kept
            | {
                "title": title,
                "properties": {"field": {"enum": sorted(names), "type": "string"}, test: _sent(fields[test])} | others,
                "required": ["field", test],
            }
            for title, test, others, names in forms
        ]

    return of


def _sent(field: dict[str, Any]) -> dict[str, Any]:
    """A field that is not null."""
    [held] = [one for one in field["anyOf"] if one != NOTHING]
    return dict(held)
