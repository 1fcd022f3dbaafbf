"""Wires the judging by drafts in shadow, which follows the counting of stored transactions."""

from datetime import UTC, datetime
from functools import lru_cache, partial

from fraudshield.analytics.dynamo_shard import ShardLog
from fraudshield.backtest import wiring
from fraudshield.backtest.challenger.shadow import ChallengerDraft, ChallengerModels, ShadowChallenger
from fraudshield.backtest.compared import DraftComparison
from fraudshield.backtest.dynamo_image import shadow_change
from fraudshield.backtest.dynamo_progress import DynamoShadowCheckpoints
from fraudshield.backtest.dynamo_shadow import ShadowJudge
from fraudshield.backtest.entity import entity_fields
from fraudshield.backtest.shadow.change import LATEST, ShadowDraft
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.in_force import Challenger, ModelPointer
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.owner import owners_of_type
from fraudshield.policy.policy import Policy
from fraudshield.policy.versioning.version import SHADOWS
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.rate import wiring as rate_wiring
from fraudshield.settings import settings
from fraudshield.text import signature
from fraudshield.transaction.wiring import AggregateSettings
from fraudshield.value_list import wiring as value_list_wiring
from fraudshield.value_list.as_of import ListsAsOf


@lru_cache
def shadow_judge() -> ShadowJudge:
    """Judges what was counted by the drafts in shadow."""
    table = settings(AggregateSettings).aggregates_table
    return ShadowJudge(DynamoShadowCheckpoints(table, ShardLog(table)), shadow_change, _drafts, _lists, _key)


def _drafts(event_type: str) -> list[ShadowDraft]:
    """Those that judge payments of a type, read now: of its own policy, and of the one that decides in place of it."""
    owners = owners_of_type(event_type_wiring.event_types().named(event_type))
    found: list[ShadowDraft] = []
    for owner in owners:
        drafts = wiring.drafts_of(owner).drafts(SHADOWS)
        found += [ShadowDraft(_comparison(one, owner)) for one in drafts]
        if owner != owners[-1] and wiring.drafts_of(owner).active() is not None:
            break
    pointer = event_type_wiring.event_types().known().models.get(event_type, ModelPointer())
    return [*found, *(_challenger(event_type, one) for one in pointer.challengers)]


@lru_cache
def _models() -> ChallengerModels:
    return ChallengerModels(predictor_wiring.published)


def _challenger(event_type: str, named: Challenger) -> ShadowChallenger:
    """One that is judged by the policy in force; its model is read when the first payment is."""
    found = event_type_wiring.event_types().named(event_type)
    policy = policy_wiring.policies().of(owners_of_type(found)).current().policy
    rules, fields = RulePredictor(datetime.now(UTC)), entity_fields([found])
    model = partial(_models().of, event_type, named)
    return ShadowChallenger(
        ChallengerDraft(policy, LATEST, fields, {}, rules, rate_wiring.rates_of, challenger=model), named=named
    )


def _comparison(draft: Policy, owner: str) -> DraftComparison:
    fields = entity_fields(wiring.decided_by(event_type_wiring.event_types().named(owner)))
    return DraftComparison(draft, LATEST, fields, {}, RulePredictor(datetime.now(UTC)), rate_wiring.rates_of)


def _lists() -> ListsAsOf:
    """What was asked is remembered for one batch."""
    return ListsAsOf(value_list_wiring.list_history())


def _key() -> bytes:
    return signature.key(dynamo_wiring.signing_secret(), "backtest")
