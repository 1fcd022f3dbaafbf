"""The other functions' health, asked by Lambda invocation: no key, no public route, in parallel, two seconds each."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.budget import HEALTH_S
from fraudshield.monitoring.service_health import ServiceHealth

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
    """Asks functions for their health; `functions` are their names by service."""

    functions: Mapping[str, str]
    pool: ThreadPoolExecutor

    def health(self) -> dict[str, ServiceHealth]:
        """Returns the health of each service; never raises. A service without a response in `HEALTH_S` is unhealthy."""
        client.lambda_()  # made before the clock starts
        asked = {name: self.pool.submit(_ask, function) for name, function in self.functions.items()}
        wait(asked.values(), timeout=HEALTH_S)
        return {
            name: reply.result() if reply.done() else ServiceHealth("unhealthy", HEALTH_S, "no response in time")
            for name, reply in asked.items()
        }


def _ask(function: str) -> ServiceHealth:
    start = time.monotonic()
    try:
        invoked = client.lambda_().invoke(FunctionName=function, Payload=HEALTH_EVENT)
        response = json.loads(invoked["Payload"].read())
        health = json.loads(response["body"])
        status, detail = str(health["status"]), ", ".join(health.get("degraded", [])) or health.get("detail", "")
    except (ClientError, BotoCoreError) as exc:
        status, detail = "unhealthy", type(exc).__name__
    except (ValueError, KeyError, TypeError):
        status, detail = "unhealthy", "it failed, or its response was not its health"
    return ServiceHealth(status, round(time.monotonic() - start, 4), detail)
