"""The other functions' health, asked by Lambda invocation: no key, no public route, in parallel, in bounded time."""

import json
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

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
    """Asks functions for their health; `functions` are their names by service, `wait_s` is the time that all have.

    Nobody is asked twice: while a function's process starts, the second question would start another one.
    """

    functions: Mapping[str, str]
    pool: ThreadPoolExecutor
    wait_s: float = HEALTH_S
    connect: Connect = client.lambda_

    def health(self, only: Collection[str] | None = None) -> dict[str, ServiceHealth]:
        """Returns the health of each service, or of some; never raises. One without a response in time is unhealthy."""
        lambda_ = self.connect()  # made before the clock starts
        chosen = {name: one for name, one in self.functions.items() if only is None or name in only}
        asked = {name: self.pool.submit(_ask, lambda_, function) for name, function in chosen.items()}
        wait(asked.values(), timeout=self.wait_s)
        return {
            name: reply.result() if reply.done() else ServiceHealth("unhealthy", self.wait_s, "no response in time")
            for name, reply in asked.items()
        }


def _ask(lambda_: "LambdaClient", function: str) -> ServiceHealth:
    start = time.monotonic()
    try:
        invoked = lambda_.invoke(FunctionName=function, Payload=HEALTH_EVENT)
        response = json.loads(invoked["Payload"].read())
        health = json.loads(response["body"])
        status, detail = str(health["status"]), ", ".join(health.get("degraded", [])) or health.get("detail", "")
    except (ClientError, BotoCoreError) as exc:
        status, detail = "unhealthy", type(exc).__name__
    except (ValueError, KeyError, TypeError):
        status, detail = "unhealthy", "it failed, or its response was not its health"
    return ServiceHealth(status, round(time.monotonic() - start, 4), detail)
