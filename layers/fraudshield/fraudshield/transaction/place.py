"""Where a payment has its fields: a nested one is laid flat, each value under the place that its type names."""

from collections.abc import Iterable, Mapping
from typing import Any

NOTHING = object()


def steps_of(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer (RFC 6901)."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def laid_flat(sent: object, pointers: Iterable[str]) -> object:
    """The payment with each value that a pointer leads to under that pointer; what is left over stays where it was."""
    if not isinstance(sent, Mapping):
        return sent
    flat: Any = dict(sent)
    for pointer in pointers:
        flat, value = _taken(flat, steps_of(pointer))
        if value is not NOTHING:
            flat[pointer] = value
    return flat


def _taken(within: Mapping[str, Any], steps: tuple[str, ...]) -> tuple[dict[str, Any], object]:
    """The object without what the steps lead to, and that; an object that is empty then is left out too."""
    rest, first = dict(within), steps[0]
    if first not in rest:
        return rest, NOTHING
    if len(steps) == 1:
        return rest, rest.pop(first)
    if not isinstance(rest[first], Mapping):
        return rest, NOTHING
    inner, value = _taken(rest[first], steps[1:])
    if inner or value is NOTHING:
        rest[first] = inner
    else:
        del rest[first]
    return rest, value
