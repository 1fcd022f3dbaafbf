from fraudshield.predictor.artifact import Model
from model.faithful import faithful
from model.simulated import payment_table
from model.traffic import BUDGET, at_both


def test_thresholds_that_follow_other_traffic_catch_more_within_the_budget(model: Model) -> None:
    shipped, proposed = at_both(model, payment_table(faithful(40_000, 4)), model.thresholds)
    assert proposed.flagged - proposed.blocked <= BUDGET
    assert proposed.flagged > shipped.flagged
    assert proposed.recall > shipped.recall > 0.9
    assert proposed.thresholds.block == shipped.thresholds.block  # no label says anything of it
