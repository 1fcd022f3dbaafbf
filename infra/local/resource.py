"""A resource of the template, as strictly read as if it were deployed."""

from collections.abc import Collection, Mapping
from typing import Any

from fraudshield.errors import ConfigurationError


def refuse_properties(logical_id: str, properties: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise ConfigurationError where a resource asks for something that nobody here would do."""
    unknown = sorted(properties.keys() - set(known))
    if unknown:
        raise ConfigurationError(f"The laptop does not know {', '.join(unknown)} of {logical_id}: see infra/local")
