"""Wiring of the queue's scorer; apart from the rest of ingest, since it must know who was erased."""

from dataclasses import replace
from functools import lru_cache

from fraudshield.aws.delivery import SqsDeadLetters, SqsReturns
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.ingest import wiring as ingest_wiring
from fraudshield.ingest.queue_scorer import QueueScorer, StaysQueued
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.settings import Settings, settings


class GivenUpSettings(Settings):
    """Where queued transactions go that nothing can help."""

    ingest_dead_letters_url: str


@lru_cache
def returns() -> SqsReturns:
    """Puts back queued transactions that could not be stored."""
    return SqsReturns(settings(ingest_wiring.IngestSettings).ingest_queue_url)


@lru_cache
def dead_letters() -> SqsDeadLetters:
    """Takes queued messages that nobody can read."""
    return SqsDeadLetters(settings(GivenUpSettings).ingest_dead_letters_url)


def queue_scorer() -> QueueScorer:
    """The scorer of queued transactions, by the model in force. Raises StoreUnavailable: the secret cannot be read."""
    made = _queue_scorer()
    return replace(made, scorer=replace(made.scorer, predictors=predictor_wiring.predictors()))


@lru_cache
def _queue_scorer() -> QueueScorer:
    store = replace(scoring_wiring.transaction_store(), source="queue")
    scorer = replace(scoring_wiring.scorer(), store=store, parking=StaysQueued())
    return QueueScorer(scorer, erasure_wiring.erasures(), ingest_wiring.quality_ledger())
