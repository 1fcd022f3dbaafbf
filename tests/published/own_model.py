"""A model of an event type, made by hand: trees of a few leaves over the type's own features."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from fraudshield.event_type.event_type import EventType
from fraudshield.predictor.artifact import FORMAT, MANIFEST_FILE, MODEL_FILE
from fraudshield.predictor.forest import STEPS
from fraudshield.text.json_text import json_text


def leaf(value: float) -> list[Any]:
    """A leaf that ten rows of training fell into."""
    return [value, 10]


def above(feature: int, threshold: float, more: float, less: float = 0.0) -> list[Any]:
    """A tree that adds `more` where a feature is above its threshold; what is missing counts as not above."""
    return [feature, threshold, leaf(less), leaf(more), True]


def write_model(
    folder: Path,
    event_type: EventType,
    trees: Sequence[Any],
    version: str = "own-1",
    ranks: Mapping[str, Mapping[str, float]] | None = None,
    trained_until: str = "2026-11-01T00:00:00Z",
) -> Path:
    """Writes a model whose risk is its margin, from 0 to 1."""
    model = json.dumps({"baseline": 0.0, "trees": list(trees)}).encode()
    manifest = {
        "format": FORMAT,
        "version": version,
        "event_type": {name: getattr(event_type, name) for name in ("name", "version", "digest")},
        "features": [
            {**one.model_dump(mode="json"), "name": name, "ranks": (ranks or {}).get(name, {})}
            for name, one in event_type.features.items()
        ],
        "sha256": sha256(model).hexdigest(),
        "cuts": [(at + 0.5) / STEPS for at in range(STEPS)],
        "thresholds": {"review": 0.3, "block": 0.8},
        "model_type": "ByHand",
        "classes": [0, 1],
        "trained_at": trained_until,
        "data": {"to": trained_until},
        "scikit_learn": "none",
        "metrics": {},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(model)
    (folder / MANIFEST_FILE).write_text(json_text(manifest))
    return folder
