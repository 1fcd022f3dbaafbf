"""What the last recorded run of each scenario saw: a sentence in docs/faults.md."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.faults.truth.observation import AFTER, CAUGHT_UP, DURING, Observations

KEPT = Path(__file__).parent / "seen.json"
WHEN = {DURING: "into it", AFTER: "after its end", CAUGHT_UP: "after all was as before"}


def sentence(seen: Observations) -> str:
    """The run in a sentence: how much was asked, which alarms and mails came when, and when all was as before."""
    return f"{'; '.join(_parts(seen))}."


def _parts(seen: Observations) -> Iterator[str]:
    yield f"{sum(one.times for one in seen.responses):,} responses, {seen.acknowledged} payments acknowledged"
    for alarm in seen.alarms:
        if alarm.state == "ALARM" and alarm.phase in WHEN:
            yield f"alarm `{alarm.alarm}` {alarm.at_s:.0f} s {WHEN[alarm.phase]}"
    for mail in seen.mails:
        if mail.phase in WHEN:
            yield f"mail “{mail.subject.removeprefix('[FraudShield] ')}” {mail.at_s:.0f} s {WHEN[mail.phase]}"
    if seen.back_s is not None:
        yield f"all as before {seen.back_s:.0f} s after its end"


def sentences(path: Path = KEPT) -> Mapping[str, str]:
    """The sentences by scenario."""
    found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def keep(slug: str, seen: Observations, path: Path = KEPT) -> None:
    """Keeps a scenario's sentence in the place of the one before."""
    kept = dict(sentences(path)) | {slug: sentence(seen)}
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=2, ensure_ascii=False) + "\n", "utf-8")
