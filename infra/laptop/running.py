"""A laptop cloud that is up, as reported to whoever started it."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.laptop.apigateway.api_key import ApiKey
from infra.laptop.process.dynamodb_engine import Engine


@dataclass(frozen=True, slots=True)
class ServiceUrl:
    """Where one service answers on a port of its own."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class RunningCloud:
    """Where everything answers, which keys open it, and how long the start took."""

    gateway: str
    page: str
    listeners: Sequence[ServiceUrl]
    keys: Sequence[ApiKey]
    engine: Engine
    logs: str
    outbox: str
    start_s: float
