"""A payment as the champion decides it, and as a challenger would: at every threshold that it may come to have."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from fraudshield.label.truth import LabelKind
from fraudshield.policy.outcome import Outcome


class ByThreshold(NamedTuple):
    """What a payment becomes where the challenger's risk is below both its thresholds, between them, and above both.

    Mostly approve, review and block; rules of the policy may say otherwise, as they do of the champion's.
    """

    below: Outcome
    between: Outcome
    above: Outcome

    @property
    def same(self) -> bool:
        """Whether the challenger's risk makes no difference."""
        return self.below is self.between is self.above


@dataclass(frozen=True, slots=True)
class JudgedPayment:
    """`now` is by the champion under the policy in force, `steps` the challenger's risk in steps of 1/10000.

    `not_kept`: some aggregate that the challenger reads was not kept with the payment, and is missing for it.
    `entities` has the value of each field that names something; a payment without one stands for itself. `weight` is as
    of `Compared`.
    """

    now: Outcome
    then: ByThreshold
    steps: int
    amount: Decimal
    label: LabelKind
    not_kept: bool
    entities: Mapping[str, str]
    weight: float = 1
