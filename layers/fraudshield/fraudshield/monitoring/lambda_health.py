"""The other functions' health, asked by Lambda invocation: no key, no public route, in parallel, in bounded time."""

import json
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from fraudshield.aws import client
from fraudshield.budget import HEALTH_S
from fraudshield.monitoring.service_health import ServiceHealth

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

Connect = Callable[[], "LambdaClient"]

HEALTH_EVENT = json.dumps(
    {
        "resource": "/health",
        "path": "/health",
        "httpMethod": "GET",
        "headers": {},
        "multiValueHeaders": {},
        "requestContext": {"requestId": "services-status"},
        "body": None,
        "isBase64Encoded": False,
    }
)


@dataclass(frozen=True, slots=True)
class LambdaServices:
    """Asks functions for their health; `functions` are their names by service.

    All have `wait_s` to answer. Who does not is asked again, until it was asked `attempts` times: it may be starting.
    """

    functions: Mapping[str, str]
    pool: ThreadPoolExecutor
    wait_s: float = HEALTH_S
    connect: Connect = client.lambda_
    attempts: int = 1

    def health(self, only: Collection[str] | None = None) -> dict[str, ServiceHealth]:
        """Returns the health of each service, or of some; never raises. One that never answers is unhealthy."""
        lambda_ = self.connect()  # made before the clock starts
        chosen = {name: one for name, one in self.functions.items() if only is None or name in only}
        silent = ServiceHealth("unhealthy", self.attempts * self.wait_s, "no response in time")
        found = dict.fromkeys(chosen, silent)
        for _ in range(self.attempts):
            found |= self._answers(lambda_, {name: chosen[name] for name, one in found.items() if one is silent})
        return found

    def _answers(self, lambda_: "LambdaClient", chosen: Mapping[str, str]) -> dict[str, ServiceHealth]:
        """Asks each once; returns the health of those that answered in time."""
        asked = {name: self.pool.submit(_ask, lambda_, function) for name, function in chosen.items()}
        wait(asked.values(), timeout=self.wait_s)
        answers = {name: reply.result() for name, reply in asked.items() if reply.done()}
        return {name: one for name, one in answers.items() if one is not None}


def _ask(lambda_: "LambdaClient", function: str) -> ServiceHealth | None:
    """Returns the function's health; None where it did not answer in the client's time."""
    start = time.monotonic()
    try:
        invoked = lambda_.invoke(FunctionName=function, Payload=HEALTH_EVENT)
        response = json.loads(invoked["Payload"].read())
        health = json.loads(response["body"])
        status, detail = str(health["status"]), ", ".join(health.get("degraded", [])) or health.get("detail", "")
    except ReadTimeoutError:
        return None
    except (ClientError, BotoCoreError) as exc:
        status, detail = "unhealthy", type(exc).__name__
    except (ValueError, KeyError, TypeError):
        status, detail = "unhealthy", "it failed, or its response was not its health"
    return ServiceHealth(status, round(time.monotonic() - start, 4), detail)
