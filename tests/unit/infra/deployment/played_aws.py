"""AWS and the SAM CLI, played from recordings: what each call answers, once or again, and the calls in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str, operation: str = "Called") -> ClientError:
    """What botocore raises of a refusal."""
    return ClientError({"Error": {"Code": code, "Message": f"{code}, says AWS"}}, operation)


@dataclass
class PlayedAws:
    """Answers by `service.operation`: a list is given out one by one, its last one again; an error is raised."""

    answers: Mapping[str, Any]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def client(self, service: str) -> "PlayedClient":
        return PlayedClient(self, service)

    def named(self, *names: str) -> list[dict[str, Any]]:
        """The arguments of the calls of these names, in order."""
        return [arguments for name, arguments in self.calls if name in names]

    def answer(self, name: str, arguments: dict[str, Any]) -> Any:
        self.calls.append((name, arguments))
        found = self.answers[name]
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class PlayedClient:
    """A client of one service. Any method is an operation."""

    aws: PlayedAws
    service: str

    def __getattr__(self, operation: str) -> Any:
        return lambda **arguments: self.aws.answer(f"{self.service}.{operation}", arguments)

    def get_paginator(self, operation: str) -> "PlayedPages":
        return PlayedPages(self.aws, f"{self.service}.{operation}")

    def get_waiter(self, name: str) -> "PlayedWaiter":
        return PlayedWaiter(self.aws, f"{self.service}.{name}")


@dataclass
class PlayedPages:
    """One page after the other."""

    aws: PlayedAws
    name: str

    def paginate(self, **arguments: Any) -> Iterator[Any]:
        yield self.aws.answer(self.name, arguments)


@dataclass
class PlayedWaiter:
    """Waits for nothing."""

    aws: PlayedAws
    name: str

    def wait(self, **arguments: Any) -> None:
        self.aws.answer(self.name, arguments)


@dataclass
class PlayedPrograms:
    """Programs that are only noted, `make` and `sam`; `fails` is one that ends badly."""

    fails: str = ""
    ran: list[Sequence[str]] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str]) -> int:
        self.ran.append(command)
        if "--config-file" in command:
            with open(command[command.index("--config-file") + 1], encoding="utf-8") as written:
                self.settings.append(written.read())
        return int(bool(self.fails) and any(self.fails in part for part in command))
