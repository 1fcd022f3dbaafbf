"""When a breaker opens and closes, by the count of the last payments.

A state is as the item of what is in force has it, see `BreakerState`; this needs no pydantic.
"""

from collections.abc import Mapping
from typing import Any

from fraudshield.policy.limit.limit import UNTESTED, WHOLE, BlockLimits, BlockTally

State = Mapping[str, Any]


def limits_in(pointer: State | None) -> BlockLimits:
    """What the version may block that a pointer names."""
    shares = (pointer or {}).get("blocks")
    return UNTESTED if shares is None else BlockLimits(shares["share"], shares["rule_share"], shares["rules"])


def open_codes(state: State | None, version: int) -> frozenset[str]:
    """What of a version is held back: codes of rules, and `WHOLE`."""
    if state is None or state["version"] != version:
        return frozenset()
    return frozenset([*state.get("rules", ()), *([WHOLE] if state.get("whole") else [])])


def next_state(before: State | None, version: int, found: BlockTally, limits: BlockLimits, at: str) -> State | None:
    """What the state is from now on; None where it stays as it is."""
    opened = open_codes(before, version)
    used_up = found.used_up(limits, opened)
    if used_up == opened:
        return None
    same = before if before is not None and before["version"] == version else {}
    closed = {name: same[name] for name in ("closed_at", "note") if same.get(name)}
    if not used_up:
        return {"version": version, **closed}
    worst = max(used_up, key=lambda code: (code == WHOLE, found.blocked.get(code, 0)))
    return {
        "version": version,
        "whole": WHOLE in used_up,
        "rules": sorted(used_up - {WHOLE}),
        "cause": same.get("cause") or _cause(found, used_up),
        "opened_at": same.get("opened_at") or at,
        "blocked": found.blocked.get(worst, 0),
        "payments": found.payments,
        "share": limits.share_of(worst),
        **closed,
    }


def _cause(found: BlockTally, used_up: frozenset[str]) -> str:
    if found.is_traffic:
        return "traffic"
    return "version" if WHOLE in used_up else "rule"
