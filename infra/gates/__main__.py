"""`make gates`: what scanners find in what is deployed and in our code; each finding is mended, or judged in writing.

A gate that cannot be asked on this machine is skipped, loudly; with GATES_STRICT=1, as in CI, that fails.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping

from fraudshield import __version__
from infra.gates import scanner, shipped
from infra.gates.built import differences
from infra.gates.finding import GateFinding, GateUnavailable, Waiver, idle, unjudged, waivers
from infra.gates.scanner import ROOT, said

BILL = ROOT / ".local/sbom.json"
AGAIN = ROOT / ".aws-sam/again"

Gate = Callable[[], list[GateFinding]]


def licences() -> list[GateFinding]:
    """Faults of the licences; what ships is written down beside."""
    parts = list(shipped.components())
    known = shipped.licences(name for name, _, _ in parts)
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(json.dumps(shipped.bill_of_materials(parts, known, __version__), indent=2), encoding="utf-8")
    said(f"  {len(parts)} packages ship: {BILL.relative_to(ROOT)}")
    return shipped.licence_faults(known)


def wheels() -> list[GateFinding]:
    """Those of what is built that the runtime cannot load."""
    return shipped.wheel_faults(shipped.BUILT, os.environ.get("ARCHITECTURE") or "x86_64")


def builds() -> list[GateFinding]:
    """Where the last two builds differ."""
    if not shipped.BUILT.is_dir() or not AGAIN.is_dir():
        raise GateUnavailable("there are no two builds to compare: make build-twice")
    return differences(shipped.BUILT, AGAIN)


GATES: Mapping[str, Gate] = {
    "checkov": scanner.checkov,
    "bandit": scanner.bandit,
    "secrets": scanner.secrets,
    "semgrep": scanner.semgrep,
    "licences": licences,
    "wheels": wheels,
    "builds": builds,
}


def main(gates: Mapping[str, Gate] = GATES, judged: list[Waiver] | None = None, *, strict: bool = False) -> int:
    """Exit status 1 where a finding is unjudged, a waiver is about nothing, or, `strict`, a gate was not asked."""
    known = waivers() if judged is None else judged
    found: list[GateFinding] = []
    skipped: dict[str, str] = {}
    for name, gate in gates.items():
        said(f"{name}:")
        try:
            of_gate = gate()
        except GateUnavailable as exc:
            skipped[name] = str(exc)
            said(f"  SKIPPED: {exc}")
            continue
        found += of_gate
        said(f"  {len(of_gate)} findings, {len(unjudged(of_gate, known))} of them not judged")
    asked = gates.keys() - skipped.keys()
    wrong = [*unjudged(found, known), *idle(found, known, asked)]
    for one in wrong:
        said(str(one))
    said(f"{len(asked)} gates, {len(found)} findings, {len(wrong)} to be mended or judged; skipped: {len(skipped)}")
    return 1 if wrong or (strict and skipped) else 0


if __name__ == "__main__":
    chosen = {name: GATES[name] for name in sys.argv[1:] or GATES}
    sys.exit(main(chosen, strict=bool(os.environ.get("GATES_STRICT"))))
