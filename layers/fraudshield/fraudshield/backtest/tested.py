"""Which versions have been tested on history, for the gate that they pass before they decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraudshield.backtest.backtest import Backtest
from fraudshield.backtest.port import BacktestStore
from fraudshield.policy.versioning.gate import FinishedTest


@dataclass(frozen=True, slots=True)
class BacktestedVersions:
    """The `VersionTests` port on the tests that are kept."""

    store: BacktestStore

    def of(self, event_type: str, digest: str) -> Sequence[FinishedTest]:
        """Those among the newest tests that have completed for exactly this content."""
        found = (_finished(one) for one in self.store.newest(event_type) if one.digest == digest)
        return [one for one in found if one is not None]


def _finished(one: Backtest) -> FinishedTest | None:
    if one.status != "completed" or one.completed_at is None or one.answer is None:
        return None
    answer = one.answer
    blocked, hits = answer["outcomes"]["then"]["block"], {rule["code"]: int(rule["hits"]) for rule in answer["rules"]}
    compared = int(answer["compared"])
    loss = answer.get("control")
    return FinishedTest(one.against_digest, one.completed_at, compared, one.all_there_are, int(blocked), hits, loss)
