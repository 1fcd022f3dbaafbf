"""Ends function processes with kill -9 in the middle of what they do, at moments that nobody has chosen."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.awslambda.runtime import Runtime

KILLED = "Runtime.ExitError"  # what an invocation says whose process ended before it answered
USUAL_MS = 200.0  # how long an invocation takes, before any has told
SMOOTHING = 0.2


class Killer:
    """Invokes functions, each with a runtime of its own, and lets some invocations not live to their end."""

    def __init__(self, runtimes: Mapping[str, Runtime], seed: str) -> None:
        self.deaths: Counter[str] = Counter()  # invocations that were cut off
        self.invocations: Counter[str] = Counter()
        self.runtimes = runtimes
        self._chance = random.Random(seed)
        self._wanted: dict[str, tuple[int, float]] = {}
        self._usual_ms = dict.fromkeys(runtimes, USUAL_MS)

    def hunt(self, function: str, deaths: int, share: float) -> None:
        """That many more of its invocations are to be cut off; `share` of those that begin are aimed at."""
        self._wanted[function] = (self.deaths[function] + deaths, share)

    @property
    def at_rest(self) -> bool:
        """Whether all have died that were to."""
        return all(self.deaths[function] >= deaths for function, (deaths, _) in self._wanted.items())

    async def invoke(self, function: str, event: bytes) -> Invocation:
        """As `Runtime.invoke`. A process dies anywhere between the beginning of an invocation and a bit after it."""
        deaths, share = self._wanted.get(function, (0, 0.0))
        self.invocations[function] += 1
        warm = bool(self.runtimes[function].pids)  # else it would die while it starts, every time
        if warm and self.deaths[function] < deaths and self._chance.random() < share:
            after_s = self._chance.uniform(0, 1.2) * self._usual_ms[function] / 1000
            asyncio.get_running_loop().call_later(after_s, self._kill_one, function)
        response = await self.runtimes[function].invoke(function, event)
        if response.error_type == KILLED:
            self.deaths[function] += 1
        else:
            self._usual_ms[function] += SMOOTHING * (response.duration_ms - self._usual_ms[function])
        return response

    def _kill_one(self, function: str) -> None:
        pids = sorted(self.runtimes[function].pids)
        if pids:
            with suppress(ProcessLookupError):
                os.killpg(self._chance.choice(pids), signal.SIGKILL)
