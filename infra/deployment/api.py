"""The deployed API over HTTPS, with its own key, which is read from API Gateway and never printed."""
# ruff: noqa: S310 the URL is the stack's own output

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fraudshield.errors import FraudShieldError, Unavailable
from infra.cli.batch import ENDED
from infra.cli.job_client import TIMEOUT_S, JobClient, call
from infra.cli.path import SCORE_EVENT
from infra.deployment.target import Client

SCORE = "/api/v1/score"
POLL_S = 1.0
REFUSED = 403


@dataclass(frozen=True, slots=True)
class DeployedApi:
    """The `TriedApi` of the smoke test."""

    url: str
    key: str = field(repr=False)
    pause: Callable[[float], None] = time.sleep

    def version(self) -> str:
        """See `/health`. Raises Unavailable."""
        return str(call(self.url, self.key, "GET", "/health", None)["version"])

    def asks_for_a_key(self) -> bool:
        """Whether 403 is the answer to a payment without one."""
        request = urllib.request.Request(self.url + SCORE, _payment(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):
                return False
        except urllib.error.HTTPError as exc:
            with exc:
                return exc.code == REFUSED
        except OSError as exc:
            raise Unavailable(f"{self.url} does not answer: {exc}") from exc

    def decide(self) -> str:
        """The outcome of the example's payment. Raises FraudShieldError."""
        [entry] = call(self.url, self.key, "POST", SCORE, _payment())["results"]
        if entry["degraded"]:
            raise Unavailable(f"it was decided without {', '.join(entry['degraded'])}")
        return str(entry["decision"])

    def score(self, file: Path, within_s: float) -> tuple[int, int]:
        """Rows of the file, and those that were scored. Raises FraudShieldError."""
        client = JobClient(self.url, self.key)
        job_id = client.start(client.upload(file, "payment"), "none", None)
        ends = time.monotonic() + within_s
        while (job := client.job(job_id))["status"] not in ENDED:
            if time.monotonic() >= ends:
                raise Unavailable(f"the job {job_id} has not ended within {within_s:.0f} s")
            self.pause(POLL_S)
        if job["status"] != "completed":
            raise FraudShieldError(f"the job {job_id} is {job['status']}: {job['error_message']}")
        return int(job["processed_items"]), int(job["results"]["scored"])


def key_of(client: Client, key_id: str) -> str:
    """The value of an API key. Raises botocore's errors."""
    return str(client("apigateway").get_api_key(apiKey=key_id, includeValue=True)["value"])


def _payment() -> bytes:
    body: dict[str, Any] = json.loads(json.loads(SCORE_EVENT.read_text(encoding="utf-8"))["body"])
    return json.dumps(body | {"store": False}).encode()
