"""All classes of settings that the layer has, and what each knows."""

import importlib
import re
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pydantic.fields import FieldInfo

from fraudshield.settings import Settings

LAYER = Path(__file__).parents[1] / "layers/fraudshield"


@lru_cache
def classes() -> frozenset[type[Settings]]:
    """Every class of settings in the layer, whichever module it stands in."""
    modules = [path for path in LAYER.rglob("*.py") if re.search(r"(?m)^class \w+\(Settings\):$", path.read_text())]
    found: set[type[Settings]] = {Settings}
    for path in modules:
        module = importlib.import_module(".".join(path.relative_to(LAYER).with_suffix("").parts))
        found |= {one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Settings)}
    return frozenset(found)


@lru_cache
def fields() -> MappingProxyType[str, FieldInfo]:
    """Every field of them, by its variable."""
    return MappingProxyType({name.upper(): field for kind in classes() for name, field in kind.model_fields.items()})
