"""Which stored decisions a training learnt from, and which it could not: what was stopped tells nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LearntSelection:
    """Of `decided` payments those whose truth nobody knows were left out, however old they are.

    `blocked` and `held` were not let through and have no label; `blocked_money` is in the reporting currency. `drawn`
    were let through in a control share, and stand for `drawn_for` payments. `of_files` came in files that kept flagged
    rows only, and are no sample of anything. `unread` says by aggregate with what share it was not kept.
    """

    decided: int
    blocked: int
    blocked_money: float
    held: int
    drawn: int
    drawn_for: float
    of_files: int
    unread: Mapping[str, float]

    def says(self) -> Iterator[str]:
        """It in sentences."""
        yield f"{self.decided:,} stored decisions were read."
        if self.blocked:
            yield (
                f"{self.blocked:,} of them blocked ({self.blocked_money:,.2f} in money) and have no label: what they "
                "were nobody will know, so nothing was learnt from them, and the model may be wrong about their like."
            )
        if self.drawn:
            yield (
                f"{self.drawn:,} were let through in a control share, and count for the {self.drawn_for:,.0f} payments "
                "that they stand for."
            )
        elif self.blocked:
            yield "No control share let any of their like through."
        if self.held:
            yield f"{self.held:,} were held for review and neither released nor labelled, and are left out too."
        if self.of_files:
            yield f"{self.of_files:,} rows of files that kept flagged rows only are left out."
        for name, share in sorted(self.unread.items()):
            if share:
                yield f"{name} was not kept, or could not be read, with {share:.1%} of them, and is missing there."

    @property
    def plain(self) -> dict[str, object]:
        """It as JSON has it, for the manifest."""
        return {
            "decided": self.decided,
            "blocked": self.blocked,
            "blocked_money": round(self.blocked_money, 2),
            "held": self.held,
            "drawn": self.drawn,
            "drawn_for": round(self.drawn_for, 2),
            "of_files": self.of_files,
            "unread": {name: round(share, 4) for name, share in sorted(self.unread.items())},
        }
