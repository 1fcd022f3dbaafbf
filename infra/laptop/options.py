"""What somebody starts a laptop cloud with: an application, its settings, and where and on which ports it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from infra.laptop.awslambda.invocation import RETRY_WAITS_S
from infra.laptop.state import StateDirectory

GATEWAY = 8000


@dataclass(frozen=True, slots=True)
class Ports:
    """Port numbers on 127.0.0.1; 0 stands for any that is free. `listeners` are the services', by function.

    At `page` the gateway answers as well, where people look for an application's page.
    """

    gateway: int = GATEWAY
    listeners: Mapping[str, int] = field(default_factory=dict)
    services: int = 5005
    dynamodb: int = 5006
    functions: int = 5007
    outbox: int = 8025
    page: int = 8080

    @classmethod
    def based(cls, base: int, listeners: Mapping[str, int]) -> Self:
        """The gateway at `base`, all others as far from it as from 8000 by default, or above; with 0 any free ones.

        `listeners` are the services' ports beside a gateway at 8000.
        """
        if base == 0:
            return cls(0, dict.fromkeys(listeners, 0), 0, 0, 0, 0, 0)
        if base == GATEWAY:
            return cls(listeners=listeners)
        moved = {name: port - GATEWAY + base for name, port in listeners.items()}
        others = cls(services=base + 51, dynamodb=base + 52, functions=base + 53, outbox=base + 25, page=base + 80)
        return replace(others, gateway=base, listeners=moved)


@dataclass(frozen=True, slots=True)
class Application:
    """What has to be said of an application beside its template.

    `key_parameters` are the settings that hold API keys, with the template parameter that each stands for, and
    `second_key_parameters` those of second keys, which are there only when they are set;
    requests at a service's own port act with the key of `listener_key`. `url_parameter` takes the gateway's
    URL, and `mail_id_header` is where a mail has its id. `python_path` follows the template's folder on the path of
    every function.
    """

    name: str
    template: Path
    python_path: Sequence[Path] = ()
    key_parameters: Mapping[str, str] = field(default_factory=dict)
    second_key_parameters: Mapping[str, str] = field(default_factory=dict)
    listener_key: str = ""
    url_parameter: str = ""
    mail_id_header: str = "Message-ID"
    stop_advice: str = "End it first"


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """What to run, where. `only` are service names such as `model`; none of them stands for all.

    `settings` are the user's; `parameters` are those of the template that follow from them. Mails are from `sender`.
    An asynchronous event that fails is tried again after each of `retry_waits_s`.
    """

    application: Application
    state: StateDirectory
    ports: Ports
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""
    only: Sequence[str] = ()
    retry_waits_s: tuple[float, ...] = RETRY_WAITS_S
