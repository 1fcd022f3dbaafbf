"""What somebody wants of a laptop cloud: which services, on which ports, with which settings, where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from infra.laptop.state import StateDirectory

GATEWAY = 8000
LISTENERS = {
    "ModelFunction": 8001,
    "AnalyticsFunction": 8002,
    "DatabaseFunction": 8003,
    "NotificationFunction": 8004,
    "BatchFunction": 8005,
    "MonitoringFunction": 8006,
    "IngestFunction": 9001,
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Port numbers on 127.0.0.1; 0 stands for any that is free."""

    gateway: int = GATEWAY
    doors: Mapping[str, int] = field(default_factory=lambda: LISTENERS)
    services: int = 5005
    dynamodb: int = 5006
    functions: int = 5007
    outbox: int = 8025

    @classmethod
    def based(cls, base: int) -> Self:
        """Gateway at `base`, all else as far from it as from 8000 by default, or above; 0 is any for all."""
        usual = cls()
        if base == 0:
            return cls(0, dict.fromkeys(LISTENERS, 0), 0, 0, 0, 0)
        doors = {name: port - GATEWAY + base for name, port in LISTENERS.items()}
        moved = replace(usual, services=base + 51, dynamodb=base + 52, functions=base + 53, outbox=base + 25)
        return replace(moved, gateway=base, doors=doors)


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """What to run, where. `env` holds the settings; `only` are service names such as `model`, none of them is all."""

    env: Mapping[str, str]
    place: StateDirectory = field(default_factory=StateDirectory)
    ports: Ports = field(default_factory=Ports)
    only: Sequence[str] = ()
