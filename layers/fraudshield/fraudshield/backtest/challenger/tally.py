"""What is counted of a part of the history for two models, before it is known by which thresholds.

A line has the sums of those payments that are the same at any threshold, and a word for each other one. Nothing is
added up and taken away again: an account that both models treat alike has to come out the same to the last bit.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.challenger.judged import ByThreshold, JudgedPayment
from fraudshield.backtest.challenger.matching import Histogram, MatchedThresholds
from fraudshield.backtest.compared import Compared
from fraudshield.backtest.tally import PartTally, Totals, count_in, count_of, entity_key, sums_in, sums_of
from fraudshield.label.truth import LabelKind
from fraudshield.policy.outcome import Outcome

TRAINED_ON = "trained_on"
LETTERS: Mapping[LabelKind, str] = {
    "fraud": "f", "genuine_said": "g", "genuine_by_age": "a", "young": "y", "blocked": "b",
}  # fmt: skip
LABELS = {letter: label for label, letter in LETTERS.items()}
OUTCOMES = {outcome.value[0]: outcome for outcome in Outcome}
FIRST_FIELD = "000"  # each payment stands once under each field, and is counted in all by this one
NUMBERS = 1 + len(AccountSums._fields)  # the key, and the sums


@dataclass(slots=True)
class ChallengerTally:
    """The totals and lines of one part. `fields` are those of entities, `key` keeps their values from being guessed."""

    fields: Sequence[str]
    key: bytes
    part: PartTally = field(init=False)
    steps: dict[ByThreshold, Counter[int]] = field(default_factory=dict)
    words: dict[tuple[int, bytes], list[str]] = field(default_factory=dict)
    flagged: int = 0
    blocked: int = 0

    def __post_init__(self) -> None:
        self.part = PartTally(self.fields, self.key)

    def skip(self) -> None:
        """Counts one payment that the challenger was trained on."""
        self.part.totals.counts[TRAINED_ON] += 1

    def add(self, transaction_id: str, one: JudgedPayment) -> None:
        """Counts one payment."""
        self.flagged += one.now is not Outcome.APPROVE
        self.blocked += one.now is Outcome.BLOCK
        self.steps.setdefault(one.then, Counter())[one.steps] += 1
        same = Compared(
            one.now, one.then.below, one.amount, one.label, (), (), one.not_kept, False, one.entities, one.weight
        )
        if one.then.same:
            self.part.add(transaction_id, same)
            return
        outcomes = "".join(outcome.value[0] for outcome in (one.now, *one.then))
        word = f"{one.steps}:{outcomes}{LETTERS[one.label]}{'-' if one.not_kept else '+'}:{one.amount}:{one.weight}"
        for at, name in enumerate(self.fields):
            self.words.setdefault((at, entity_key(name, transaction_id, same, self.key)), []).append(word)

    def lines(self) -> Iterator[str]:
        """The totals in the first line, then the sums in the order of their keys, each with its words."""
        first = next(self.part.lines())
        steps = {"".join(one.value[0] for one in then): dict(sorted(of.items())) for then, of in self.steps.items()}
        yield json.dumps(json.loads(first) | {"steps": steps, "flagged": self.flagged, "blocked": self.blocked})
        for place in sorted(self.part.sums.keys() | self.words.keys()):
            at, key = place
            sums = self.part.sums.get(place, AccountSums())
            yield " ".join([f"{at:03d}{key.hex()}", *map(repr, sums), *self.words.get(place, ())])


def histogram_in(line: str) -> Histogram:
    """How many payments of a part have which risk, by its first line."""
    steps = json.loads(line)["steps"]
    return {
        ByThreshold(*(OUTCOMES[letter] for letter in letters)): Counter({int(at): many for at, many in of.items()})
        for letters, of in steps.items()
    }


def champion_counts(line: str) -> tuple[int, int]:
    """How many of a part's payments the champion flagged, and blocked."""
    said = json.loads(line)
    return said["flagged"], said["blocked"]


def sums_at(line: str, at: MatchedThresholds, totals: Totals) -> tuple[str, AccountSums]:
    """The key and the sums of one of a part's other lines at these thresholds; its words are added to `totals`."""
    words = line.split(" ")
    key, sums = sums_in(" ".join(words[:NUMBERS]))
    for word in words[NUMBERS:]:
        one = _payment(word, at)
        sums = sums.plus(sums_of(one))
        if key.startswith(FIRST_FIELD):
            count_in(totals, one)
    return key, sums


def _payment(word: str, at: MatchedThresholds) -> Compared:
    steps, letters, amount, weight = word.split(":")
    now, *then = (OUTCOMES[letter] for letter in letters[:4])
    outcome, label = at.outcome(ByThreshold(*then), int(steps)), LABELS[letters[4]]
    kept = letters[5] == "+"
    return Compared(now, outcome, Decimal(amount), label, (), (), not kept, False, {}, count_of(weight))
