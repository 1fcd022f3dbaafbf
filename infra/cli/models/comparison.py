"""`fraudshield model compare`: a comparison asked for, waited for, and said in a few lines."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from fraudshield.errors import Unavailable
from infra.cli.job_client import Answer

POLL_S = 1.0
MEASURES = {"value_recall": "of the money of fraud", "recall": "of frauds", "precision": "precision"}


class Comparisons(Protocol):
    """What the API does with comparisons."""

    def compare(self, event_type: str, said: dict[str, Any]) -> Answer:
        """Begins one."""

    def comparison(self, comparison_id: str) -> Answer:
        """How it is."""


def asked(challenger: str, champion: str, days: int, margin: float) -> dict[str, Any]:
    """What is asked of the API."""
    now = datetime.now(UTC)
    said = {"challenger": challenger, "from": (now - timedelta(days=days)).isoformat(), "to": now.isoformat()}
    return {**said, "margin": margin, **({"champion": champion} if champion else {})}


def awaited(client: Comparisons, event_type: str, asked: dict[str, Any]) -> Answer:
    """The comparison once it has ended. Raises Unavailable: it failed."""
    started = client.compare(event_type, asked)["comparison_id"]
    while (found := client.comparison(started))["status"] in ("pending", "running"):
        time.sleep(POLL_S)
    if found["status"] == "failed":
        raise Unavailable(f"The comparison failed: {found['error']['detail']}")
    return found


def said(found: Mapping[str, Any]) -> Iterator[str]:
    """What came of it: the share of reviews, the differences with their intervals, and the gate."""
    champion = found["champion"] or "the release's model"
    left_out = f", {found['trained_on']:,} it was trained on are left out" if found["trained_on"] else ""
    yield f"{found['challenger']} with {champion} on {found['compared']:,} payments{left_out}"
    outcomes = found["outcomes"]
    for when, who in (("now", champion), ("then", found["challenger"])):
        yield f"{who}: {outcomes[when]['review']:,} reviews and {outcomes[when]['block']:,} blocks"
    for measure, says in MEASURES.items():
        one = found["paired"][measure]
        if one["enough"]:
            within = f"{one['low']:+.1%} to {one['high']:+.1%} by {one['accounts']:,} of {one['entity']}"
            yield f"{says}: {one['difference']:+.1%} ({within})"
        else:
            yield f"{says}: {one['why_not']}"
    gate = found["gate"]
    yield "It passes the gate" if gate["passes"] else f"It does not pass the gate: {gate['why_not']}"
