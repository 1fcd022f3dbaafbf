"""What is tried on an API that has just been deployed: whether it is up, asks for a key, decides, and scores a file."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from fraudshield.errors import FraudShieldError
from infra.deployment.finding import Finding, Weight, good, stop

KEY_TRIES = 45  # a key that was just made is known to all of API Gateway within a minute or so
JOB_S = 300.0  # a first file meets cold functions
POLL_S = 2.0


class TriedApi(Protocol):
    """The deployed API. Each method raises FraudShieldError where it is refused or not answered."""

    def version(self) -> str:
        """What `/health` says that runs."""

    def asks_for_a_key(self) -> bool:
        """Whether a payment without a key is refused."""

    def decide(self) -> str:
        """The outcome of the example's payment, which is not kept."""

    def score(self, file: Path, within_s: float) -> tuple[int, int]:
        """Scores a file of which nothing is kept; its rows, and those that were scored."""


def try_out(
    api: TriedApi, version: str, file: Path, pause: Callable[[float], object] = time.sleep
) -> Iterator[Finding]:
    """Each thing in turn, to the first that fails."""
    tries: dict[str, Callable[[], Finding]] = {
        "health": lambda: _health(api, version),
        "key": lambda: _key(api),
        "payment": lambda: good("payment", f"the example's payment: {_patient(api.decide, pause)}"),
        "file": lambda: _file(api, file),
    }
    for what, tried in tries.items():
        try:
            finding = tried()
        except FraudShieldError as exc:
            finding = stop(what, str(exc))
        yield finding
        if finding.weight is Weight.STOP:
            return


def _patient(ask: Callable[[], str], pause: Callable[[float], object]) -> str:
    """Asks again until a new key is known everywhere. Raises what the last try raised."""
    for _ in range(KEY_TRIES - 1):
        try:
            return ask()
        except FraudShieldError:
            pause(POLL_S)
    return ask()


def _health(api: TriedApi, version: str) -> Finding:
    found = api.version()
    if found != version:
        return stop("health", f"version {found} answers, and {version} was deployed")
    return good("health", f"version {found} answers")


def _key(api: TriedApi) -> Finding:
    if not api.asks_for_a_key():
        return stop("key", "a payment without a key was not refused: whoever knows the URL can send some")
    return good("key", "a payment without a key is refused")


def _file(api: TriedApi, file: Path) -> Finding:
    rows, scored = api.score(file, JOB_S)
    if not rows or scored != rows:
        return stop("file", f"{scored} of {rows} rows of {file.name} were scored")
    return good("file", f"{rows} rows of {file.name} were scored")
