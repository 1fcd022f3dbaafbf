"""Scoring: the one path, connected to the store that keeps decisions and the queue that parks them."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.aggregate import wiring as aggregate_wiring
from fraudshield.aws.delivery import SqsDeadLetters, SqsReturns
from fraudshield.aws.probe import queue
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.owner import PAYMENT, Owners
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.rate import wiring as rate_wiring
from fraudshield.scoring.dynamo import DynamoTransactionStore
from fraudshield.scoring.replay import Replayer
from fraudshield.scoring.scoring import Scorer
from fraudshield.scoring.sqs import SqsParkingQueue
from fraudshield.settings import Settings, settings
from fraudshield.transaction.wiring import RetentionSettings, TransactionSettings
from fraudshield.value_list import wiring as list_wiring

PARKING_THREADS = 8


class ParkingSettings(Settings):
    """The queue where decisions wait that could not be stored."""

    unpersisted_queue_url: str


class ParkedSettings(Settings):
    """Where parked messages go that nothing can help."""

    unpersisted_dead_letters_url: str


@lru_cache
def parked_returns() -> SqsReturns:
    """Puts back parked decisions that could not be stored."""
    return SqsReturns(settings(ParkingSettings).unpersisted_queue_url)


@lru_cache
def parked_dead_letters() -> SqsDeadLetters:
    """Takes parked messages that nobody can read."""
    return SqsDeadLetters(settings(ParkedSettings).unpersisted_dead_letters_url)


@lru_cache
def transaction_store() -> DynamoTransactionStore:
    """The store of transactions that come in over HTTP."""
    table, days = settings(TransactionSettings).transactions_table, settings(RetentionSettings).retention_days
    calls, lookups = dynamo_wiring.store_calls(), dynamo_wiring.lookup_calls()
    return DynamoTransactionStore(table, calls, retention_days=days, lookups=lookups)


def scorer() -> Scorer:
    """The scorer of one call: it keeps the model that is in force as the call begins."""
    return replace(connected(), predictors=predictor_wiring.predictors())


@lru_cache
def connected() -> Scorer:
    """The scorer of this process, connected to the policy, the store and the parking queue."""
    return Scorer(
        predictors=predictor_wiring.active_models(),
        policies=policy_wiring.policies(),
        store=transaction_store(),
        parking=SqsParkingQueue(
            settings(ParkingSettings).unpersisted_queue_url,
            ThreadPoolExecutor(PARKING_THREADS, thread_name_prefix="parking"),  # its own: the store's may all be stuck
            retention_days=settings(RetentionSettings).retention_days,
        ),
        accounts=policy_wiring.velocity(),
        aggregates=aggregate_wiring.aggregates(),
        rates=rate_wiring.rates(),
        lists=list_wiring.list_reader(),
    )


def replayer() -> Replayer:
    """What computes stored decisions again: by models in force or published, the release's own, and the rules."""
    published = predictor_wiring.of_version
    return Replayer(transaction_store(), policy_wiring.policies(), _predictors, rate_wiring.rates(), published)


def _predictors(owners: Owners) -> Mapping[str, Predictor]:
    in_force = predictor_wiring.predictors()
    own = [in_force.of((name,)) for name in owners]
    payments = [RulePredictor(datetime.now(UTC)), predictor_wiring.released()] if PAYMENT[0] in owners else []
    return {one.facts.model_version: one for one in (*payments, *own) if one.facts.model_version}


def parking_needed() -> Dependency:
    """The parking queue, to be asked whether it answers."""
    return queue("parked decisions", settings(ParkingSettings).unpersisted_queue_url)
