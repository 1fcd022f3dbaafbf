"""The scored file and the file of refusals, line by line: safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from fraudshield.batch.header import renamed
from fraudshield.batch.rows import Refused, Rows
from fraudshield.batch.verdict import Judge, Verdicts
from fraudshield.decision import Decision
from fraudshield.field import NUMBERS
from fraudshield.formula import FORMULA, is_formula, safe
from fraudshield.policy import Outcome
from fraudshield.risk import STEPS

ADDED = ("risk", "prediction", "decision", "reasons", "model_version", "policy_version", "degraded", "stored_as")
REJECTS_HEADER = "line,field,code,reason\n"
# Without any of these in a text no cell of it is a formula. A minus counts only where a cell begins.
SIGNS = (*(sign for sign in FORMULA if sign not in "-\n"), ",-", "\n-", '"-')


def header_line(names: Sequence[str]) -> str:
    """The input's columns, one that is called like ours with `input_` before it, then ours."""
    return _csv([safe(name) for name in (*renamed(names, ADDED), *ADDED)])


class ScoredLines:
    """Writes the rows of one job: each as it stands in the file, and what was decided behind it."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._common = (judge.predictor.model.version, str(judge.policy.version), ";".join(judge.degraded))
        self._approved = _Endings(self._ending)

    def lines(self, rows: Rows, verdicts: Verdicts) -> Iterable[str]:
        """One for each row, with its end."""
        texts = _without_formulas(rows)
        endings = list(map(self._approved.__getitem__, verdicts.risk_steps.tolist()))
        for at, scored in verdicts.flagged.items():
            endings[at] = self._flagged(scored.decision)
        return map(str.__add__, texts, endings)

    def _ending(self, risk: float) -> str:
        prediction = int(risk >= self._judge.policy.thresholds.review)
        return "," + _csv([str(risk), str(prediction), Outcome.APPROVE.value, "", *self._common, ""])

    def _flagged(self, decision: Decision) -> str:
        reasons = "; ".join(reason.text for reason in decision.reasons)
        made = [str(decision.risk), str(decision.prediction), decision.outcome.value, reasons]
        return "," + _csv([*made, *self._common, safe(decision.transaction_id)])


class _Endings(dict[int, str]):
    """What stands behind an approved row, by the steps of its risk; made when first met."""

    def __init__(self, ending: Callable[[float], str]) -> None:
        self._ending = ending

    def __missing__(self, steps: int) -> str:
        self[steps] = made = self._ending(steps / STEPS)
        return made


def reject_lines(refused: Iterable[Refused], before: int) -> Iterable[str]:
    """One for each fault; `before` lines of the chunk come before the block."""
    for one in refused:
        for fault in one.faults:
            reason = " ".join(fault.detail.splitlines())
            yield _csv([str(before + one.line + 1), safe(fault.pointer.lstrip("/")), fault.code, safe(reason)])


def _without_formulas(rows: Rows) -> Sequence[str]:
    """The rows' texts; one in which a cell could be run as a formula is written anew."""
    together = "\n" + "\n".join(rows.texts)
    if not any(sign in together for sign in SIGNS):
        return rows.texts
    places = [place for place, name in enumerate(rows.header.names) if name not in NUMBERS]
    texts = list(rows.texts)
    for at, cells in enumerate(rows.cells):
        if any(cells[place][:1] in FORMULA for place in places) and any(map(is_formula, cells)):
            texts[at] = _csv([safe(cell) for cell in cells])[:-1]
    return texts


def _csv(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
