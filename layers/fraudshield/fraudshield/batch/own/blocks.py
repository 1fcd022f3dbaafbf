"""Which scorer reads the blocks of a plan: that of its event type, by the plan's policy and model."""

from fraudshield.batch.block_scorer import BlockScorer, ColumnScorer
from fraudshield.batch.own.row import OwnLayout
from fraudshield.batch.own.scorer import OwnJudge, OwnScorer
from fraudshield.batch.plan import Plan
from fraudshield.batch.verdict import Judge, Margins
from fraudshield.errors import ModelRefused
from fraudshield.predictor.predictor import ModelPredictor


def blocks_of(predictor: ModelPredictor, margins: Margins, plan: Plan) -> BlockScorer:
    """A scorer for one chunk of the plan's file.

    Raises:
        ModelRefused: another model than the plan's is deployed here.
    """
    if plan.model_sha256 not in (None, predictor.model.sha256):
        found = predictor.model.version
        raise ModelRefused(f"The job began with model {plan.model_version}, {found} has been deployed since")
    if plan.event_type is None:
        judge = Judge(predictor, margins, plan.policy, plan.received_at, plan.decided_at, plan.store)
        return ColumnScorer(plan.format, judge, plan.origin)
    of_type = predictor if plan.model_sha256 else None
    own = OwnJudge(of_type, plan.policy, plan.received_at, plan.decided_at, plan.store, plan.rates)
    layout = OwnLayout.of(plan.event_type, plan.names, plan.key)
    return OwnScorer(layout, plan.line_end.encode(), own, plan.origin)
