"""What is measured of scores on the rows of a test, each with its bounds, and at the proposed thresholds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from fraudshield.backtest.proposal.budget import Costs
from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.columns import Booleans, Floats
from model.judgement.jackknife import Bounds, LeaveOut
from model.judgement.ranking import Ranking

TOP = 0.01  # of the payments, the riskiest ones
NO_RISK = {"amount_alone": frozenset({"brier", "ece"})}  # money is no probability
LIKELY = frozenset({"precision_from_0_5", "recall_from_0_5"})  # of no use where few risks come near a half


@dataclass(frozen=True, slots=True, eq=False)
class TestRows:
    """The rows that a model is judged on. `risk` is the model's, `others` are what it is compared with, by name."""

    risk: Floats
    fraud: Booleans
    amount: Floats
    weight: Floats
    others: Mapping[str, Floats]
    leave_out: LeaveOut
    days: float

    def where(self, some: Booleans) -> "TestRows":
        """Some of them."""
        group = LeaveOut(self.leave_out.group[some], self.leave_out.groups, self.leave_out.incidents)
        others = {name: one[some] for name, one in self.others.items()}
        amount, weight = self.amount[some], self.weight[some]
        return TestRows(self.risk[some], self.fraud[some], amount, weight, others, group, self.days)


def scores(rows: TestRows) -> dict[str, dict[str, Bounds]]:
    """By score and measure; `model` comes first. All are measured with the same groups left out."""
    found = {}
    for name, score in {"model": rows.risk, **rows.others}.items():
        ranking = Ranking(score, rows.fraud, rows.amount)

        def measures(weight: Floats, ranking: Ranking = ranking, name: str = name) -> dict[str, float]:
            with np.errstate(invalid="ignore", divide="ignore"):
                each = asdict(ranking.measures(weight))  # type: ignore[arg-type]
            return {one: value for one, value in each.items() if one not in LIKELY | NO_RISK.get(name, frozenset())}

        found[name] = rows.leave_out.bounds(measures, rows.weight)
    return found


def gains(rows: TestRows) -> dict[str, Bounds]:
    """By what it is compared with: how much more of the area under precision and recall the model has."""
    ranking = {name: Ranking(one, rows.fraud, rows.amount) for name, one in {"model": rows.risk, **rows.others}.items()}

    def measures(weight: Floats) -> dict[str, float]:
        area = {name: one.measures(weight).auprc for name, one in ranking.items()}  # type: ignore[arg-type]
        return {f"{name}_gain": area["model"] - value for name, value in area.items() if name != "model"}

    return rows.leave_out.bounds(measures, rows.weight)


def expected_over_observed(rows: TestRows) -> dict[str, Bounds]:
    """The frauds that the risks add up to, by those that there were: of all payments, and of the riskiest 1 %."""
    edge = np.quantile(rows.risk, 1 - TOP)
    top = rows.risk >= max(edge, np.min(rows.risk[rows.risk > 0], initial=1.0))

    def measures(weight: Floats) -> dict[str, float]:
        def ratio(some: Booleans) -> float:
            observed = float(np.sum(weight[some] * rows.fraud[some]))
            return float(np.sum(weight[some] * rows.risk[some])) / observed if observed else float("nan")

        return {"all_over_observed": ratio(np.ones(len(top), np.bool_)), "top_over_observed": ratio(top)}

    return rows.leave_out.bounds(measures, rows.weight)


def at_thresholds(rows: TestRows, thresholds: Thresholds, costs: Costs | None) -> dict[str, Bounds | float]:
    """What people would see: a day's reviews and blocks, and what share of frauds and of their money is caught."""
    reviewed = (rows.risk >= float(thresholds.review)) & (rows.risk < float(thresholds.block))
    blocked = rows.risk >= float(thresholds.block)
    flagged = reviewed | blocked
    stolen = rows.fraud * rows.amount

    def measures(weight: Floats) -> dict[str, float]:
        def share(part: Floats | Booleans, whole: Floats | Booleans) -> float:
            of = float(np.sum(weight * whole))
            return float(np.sum(weight * part)) / of if of else float("nan")

        return {
            "recall": share(flagged & rows.fraud, rows.fraud),
            "value_recall": share(flagged * stolen, stolen),
            "precision": share(flagged & rows.fraud, flagged),
            "review_precision": share(reviewed & rows.fraud, reviewed),
            "block_precision": share(blocked & rows.fraud, blocked),
            "review_share": share(reviewed, np.ones(len(flagged))),
            "block_share": share(blocked, np.ones(len(flagged))),
        }

    weight, days = rows.weight, rows.days
    plain: dict[str, Bounds | float] = {
        "payments_a_day": float(weight.sum()) / days,
        "reviews_a_day": float(weight[reviewed].sum()) / days,
        "blocks_a_day": float(weight[blocked].sum()) / days,
        "frauds_a_day": float(weight[rows.fraud].sum()) / days,
        "wrong_blocks_a_day": float(weight[blocked & ~rows.fraud].sum()) / days,
        "frauds_missed_a_day": float(weight[rows.fraud & ~flagged].sum()) / days,
        "money_lost_a_day": float(np.sum(weight * stolen * ~flagged)) / days,
        "money_saved_a_day": float(np.sum(weight * stolen * flagged)) / days,
    }
    if costs is not None:
        plain["cost_a_day"] = cost(rows, reviewed, blocked, costs) / days
        plain["cost_a_day_of_nothing"] = costs.lost * float(np.sum(weight * stolen)) / days
    return plain | rows.leave_out.bounds(measures, rows.weight)


def cost(rows: TestRows, reviewed: Booleans, blocked: Booleans, costs: Costs) -> float:
    """What the outcomes cost: reviews, genuine payments that are blocked, and frauds that go through."""
    weight, missed = rows.weight, rows.fraud & ~reviewed & ~blocked
    wrong = costs.wrong_block * np.sum(weight * rows.amount * (blocked & ~rows.fraud))
    return float(costs.review * weight[reviewed].sum() + wrong + costs.lost * np.sum(weight * rows.amount * missed))
