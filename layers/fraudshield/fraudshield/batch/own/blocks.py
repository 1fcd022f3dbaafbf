"""Which scorer reads the blocks of a plan: that of its event type, by the plan's policy and model."""

from fraudshield.batch.block_scorer import BlockScorer, ColumnScorer
from fraudshield.batch.history.history import Histories
from fraudshield.batch.lists.lists import JobLists
from fraudshield.batch.own.reading import OwnReader
from fraudshield.batch.own.row import OwnLayout
from fraudshield.batch.own.scorer import OwnJudge, OwnScorer
from fraudshield.batch.plan import Plan
from fraudshield.batch.verdict import Judge, Margins
from fraudshield.errors import ModelRefused
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.predictor.without_model import NO_MODEL


def blocks_of(
    predictor: ModelPredictor, margins: Margins, histories: Histories, lists: JobLists, plan: Plan, index: int
) -> BlockScorer:
    """A scorer for one chunk of the plan's file, by the chunk's index.

    Raises:
        ModelRefused: another model than the plan's is deployed here.
        NotFound, FilesUnavailable: as `Histories.of` and `JobLists.of`.
    """
    if plan.model_sha256 not in (None, predictor.model.sha256):
        found = predictor.model.version
        raise ModelRefused(f"The job began with model {plan.model_version}, {found} has been deployed since")
    event_type = plan.own_type
    if event_type is None:
        judge = Judge(predictor, margins, plan.policy, plan.received_at, plan.decided_at, plan.store, lists.of(plan))
        return ColumnScorer(plan.format, judge, plan.origin)
    of_type = predictor if plan.model_sha256 else NO_MODEL
    own = OwnJudge(of_type, plan.policy, plan.received_at, plan.decided_at, plan.store, lists.of(plan))
    layout = OwnLayout.of(event_type, plan.names, plan.key)
    reader = OwnReader(layout, plan.line_end.encode(), plan.origin, plan.received_at, plan.rates)
    return OwnScorer(reader, own, histories.of(plan, event_type, index))
