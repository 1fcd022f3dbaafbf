"""Which adapter stands behind which port when the code runs on AWS, or on anything that answers like it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from fraudshield import artifact, signature
from fraudshield.active_policy import ActivePolicy
from fraudshield.alert_thresholds import current
from fraudshield.announcement import Announcer
from fraudshield.aws import clients
from fraudshield.aws.account import DynamoAccountEraser
from fraudshield.aws.aggregates import DynamoAggregates
from fraudshield.aws.alert_board import DynamoAlertBoard
from fraudshield.aws.api_usage import DynamoApiUsage
from fraudshield.aws.bell import SqsBell
from fraudshield.aws.bounded import BoundedCalls
from fraudshield.aws.check import Lookout
from fraudshield.aws.cool_down import DynamoCoolDown
from fraudshield.aws.counting import StreamCounter
from fraudshield.aws.destination_item import DestinationLists
from fraudshield.aws.dynamodb import DynamoTransactionStore
from fraudshield.aws.erasures import DynamoErasures
from fraudshield.aws.extreme import ExtremeStore
from fraudshield.aws.file_erasures import DynamoFileErasures
from fraudshield.aws.files import S3Files
from fraudshield.aws.ingest_queue import SqsIngestQueue
from fraudshield.aws.jobs import DynamoJobStore
from fraudshield.aws.labels import DynamoLabelStore
from fraudshield.aws.logs import DynamoLogs
from fraudshield.aws.mails import DynamoMails
from fraudshield.aws.metrics import CloudWatchMetrics
from fraudshield.aws.monitoring import MonitoringStore
from fraudshield.aws.outboxes import DynamoOutboxes
from fraudshield.aws.patient import PatientCalls
from fraudshield.aws.policies import DynamoPolicyStore
from fraudshield.aws.progress import Progress
from fraudshield.aws.quality import DynamoQualityLedger
from fraudshield.aws.records import DynamoRecords
from fraudshield.aws.runner import SnsAnnouncer, StepFunctionsRunner
from fraudshield.aws.secret import read_secret
from fraudshield.aws.services import LambdaServices
from fraudshield.aws.ses import SesSender
from fraudshield.aws.shard_log import ShardLog
from fraudshield.aws.sqs import SqsParkingQueue
from fraudshield.aws.stored_alert import StoredAlerts
from fraudshield.aws.subscribers import DynamoSubscribers
from fraudshield.aws.thresholds import DynamoAlertThresholds
from fraudshield.aws.transaction_list import DynamoTransactionList
from fraudshield.aws.velocity import DynamoVelocity
from fraudshield.batch.desk import Desk
from fraudshield.batch.sweep import Sweep
from fraudshield.breaker import Breaker
from fraudshield.cursor import Cursors
from fraudshield.errors import ConfigurationError, ModelRefused
from fraudshield.letter_writer import Letters
from fraudshield.mail_link import Links
from fraudshield.observability import logger
from fraudshield.policy import Policy, proposed
from fraudshield.ports import Predictor
from fraudshield.postman import Postman
from fraudshield.predictor import ModelPredictor
from fraudshield.queued import QueueScorer, StaysQueued
from fraudshield.reference import Reference
from fraudshield.rules import RulePredictor
from fraudshield.scoring import Scorer
from fraudshield.settings import settings
from fraudshield.subscription import Subscriptions

PARKING_THREADS = 8
QUEUEING_THREADS = 16  # a full call is a hundred requests to SQS


@lru_cache
def predictor() -> Predictor:
    """The model of this process; the rules where its artifact is refused, said loudly once."""
    now = datetime.now(UTC)
    try:
        return ModelPredictor(artifact.load(settings().model_dir, settings().model_version), now)
    except ModelRefused as exc:
        logger.error("model refused, rules decide", cause=str(exc))
        return RulePredictor(now)


def reference() -> Reference | None:
    """How score and features of this process's model were distributed in training; None without a model."""
    who = predictor()
    return who.model.reference if isinstance(who, ModelPredictor) else None


@lru_cache
def pool() -> ThreadPoolExecutor:
    """The threads that wait for the network."""
    return ThreadPoolExecutor(clients.CONNECTIONS, thread_name_prefix="store")


@lru_cache
def store_calls() -> BoundedCalls:
    """One breaker for all that goes to DynamoDB."""
    return BoundedCalls(store_breaker(), pool())


@lru_cache
def store_breaker() -> Breaker:
    """Open while DynamoDB is spared."""
    return Breaker()


@lru_cache
def policy_store() -> DynamoPolicyStore:
    """All versions of the policy."""
    return DynamoPolicyStore(settings().policies_table, store_calls())


@lru_cache
def active_policy() -> ActivePolicy:
    """The policy in force, as this process knows it."""
    return ActivePolicy(policy_store(), _proposed(predictor()))


@lru_cache
def transaction_store() -> DynamoTransactionStore:
    """Transactions that come in over HTTP."""
    return DynamoTransactionStore(
        settings().transactions_table, store_calls(), retention_days=settings().retention_days
    )


@lru_cache
def aggregates() -> DynamoAggregates:
    """Counts of what was stored."""
    return DynamoAggregates(settings().aggregates_table, store_calls())


@lru_cache
def scorer() -> Scorer:
    """The one path, connected."""
    return Scorer(
        predictor=predictor(),
        policies=active_policy(),
        store=transaction_store(),
        parking=SqsParkingQueue(
            settings().unpersisted_queue_url,
            ThreadPoolExecutor(PARKING_THREADS, thread_name_prefix="parking"),  # its own: the store's may all be stuck
            retention_days=settings().retention_days,
        ),
        accounts=DynamoVelocity(settings().transactions_table, BoundedCalls(Breaker(), pool()), store_breaker()),
    )


@lru_cache
def queue_scorer() -> QueueScorer:
    """The same path, from the queue. Raises StoreUnavailable where the secret cannot be read."""
    store = replace(transaction_store(), source="queue")
    return QueueScorer(replace(scorer(), store=store, parking=StaysQueued()), erasures(), quality_ledger())


@lru_cache
def quality_ledger() -> DynamoQualityLedger:
    """How good the data is that came in."""
    return DynamoQualityLedger(settings().aggregates_table, store_calls(), BoundedCalls(Breaker(), pool()))


@lru_cache
def ingest_queue() -> SqsIngestQueue:
    """Where transactions wait to be scored."""
    threads = ThreadPoolExecutor(QUEUEING_THREADS, thread_name_prefix="queueing")
    return SqsIngestQueue(settings().ingest_queue_url, threads)


@lru_cache
def signing_secret() -> bytes:
    """What cursors, mail links and the marks of erased accounts are signed with. Raises StoreUnavailable."""
    return read_secret(settings().signing_secret_arn)


@lru_cache
def erasures() -> DynamoErasures:
    """The marks of erased accounts. Raises StoreUnavailable where the secret cannot be read."""
    return DynamoErasures(settings().erasures_table, signature.key(signing_secret(), "erasure"), store_calls())


@lru_cache
def account_eraser() -> DynamoAccountEraser:
    """Forgets accounts. Raises StoreUnavailable where the secret cannot be read."""
    return DynamoAccountEraser(settings().transactions_table, erasures(), store_calls(), file_erasures())


@lru_cache
def labels() -> DynamoLabelStore:
    """Labels beside their transactions."""
    return DynamoLabelStore(settings().transactions_table, store_calls())


@lru_cache
def records() -> DynamoRecords:
    """Transactions that are kept as they came, and what stands beside each."""
    return DynamoRecords(settings().transactions_table, store_calls(), settings().retention_days)


def transaction_list() -> DynamoTransactionList:
    """Lists of transactions. Raises StoreUnavailable."""
    return DynamoTransactionList(settings().transactions_table, aggregates(), cursors(), store_calls())


@lru_cache
def cursors() -> Cursors:
    """Makes and reads the cursors of all lists. Raises StoreUnavailable."""
    return Cursors(signing_secret())


@lru_cache
def services() -> LambdaServices:
    """The other functions, for the gateway to ask."""
    return LambdaServices(settings().functions_by_service, pool())


@lru_cache
def stream_counter() -> StreamCounter:
    """Counts the records of the table's stream. Raises StoreUnavailable where the secret cannot be read."""
    table = settings().aggregates_table
    return StreamCounter(
        table,
        settings().aggregates_retry_queue_url,
        ShardLog(table),
        ExtremeStore(table),
        Progress(table),
        DestinationLists(table, signature.key(signing_secret(), "destination")),
        reference(),
    )


@lru_cache
def monitoring_store() -> MonitoringStore:
    """Looks at the house, and alerts."""
    return MonitoringStore(settings().monitoring_table, store_calls())


@lru_cache
def logs() -> DynamoLogs:
    """What functions logged from WARNING on."""
    return DynamoLogs(settings().logs_table, store_calls(), settings().log_retention_days)


@lru_cache
def api_usage() -> DynamoApiUsage:
    """Calls of the API, counted."""
    return DynamoApiUsage(settings().logs_table, store_calls(), settings().log_retention_days)


@lru_cache
def cloudwatch_metrics() -> CloudWatchMetrics:
    """This deployment's own metrics."""
    return CloudWatchMetrics(settings().powertools_metrics_namespace)


@lru_cache
def lookout() -> Lookout:
    """Looks at the whole house."""
    return Lookout(services(), cloudwatch_metrics(), settings().dead_letter_queues)


@lru_cache
def alert_thresholds() -> DynamoAlertThresholds:
    """All versions of the alert thresholds."""
    return DynamoAlertThresholds(settings().notifications_table, PatientCalls())


@lru_cache
def subscribers() -> DynamoSubscribers:
    """All who are told."""
    return DynamoSubscribers(settings().notifications_table, PatientCalls())


@lru_cache
def mails() -> DynamoMails:
    """All mails of the last months."""
    return DynamoMails(settings().notifications_table, PatientCalls())


@lru_cache
def cool_down() -> DynamoCoolDown:
    """Which system alerts were told a moment ago."""
    return DynamoCoolDown(settings().notifications_table, PatientCalls())


@lru_cache
def bell() -> SqsBell:
    """Calls a postman."""
    return SqsBell(settings().mail_queue_url, settings().notifications_table, PatientCalls(), _now)


@lru_cache
def announcer() -> Announcer:
    """Tells everybody who wants to know."""
    return Announcer(DynamoAlertBoard(settings().notifications_table, PatientCalls()), bell(), _now)


@lru_cache
def stored_alerts() -> StoredAlerts:
    """Tells of stored decisions."""
    return StoredAlerts(alert_thresholds(), announcer(), settings().alerts_retry_queue_url)


@lru_cache
def outboxes() -> DynamoOutboxes:
    """Everybody's outbox."""
    return DynamoOutboxes(settings().notifications_table, PatientCalls())


@lru_cache
def subscriptions() -> Subscriptions:
    """Begin, are confirmed and end. Raises StoreUnavailable where the secret cannot be read."""
    return Subscriptions(subscribers(), outboxes(), bell(), signature.key(signing_secret(), "mail"), _now)


def postman() -> Postman:
    """Makes one round. Raises StoreUnavailable; ConfigurationError where mails can have no sender or links."""
    sender, letters = SesSender(sender_address(), settings().mail_configuration_set), Letters(links())
    return Postman(outboxes(), sender, letters, current(alert_thresholds()).mails_per_hour, _now)


def links() -> Links:
    """Links in mails. Raises ConfigurationError, StoreUnavailable."""
    if not settings().public_url:
        raise ConfigurationError(
            "PUBLIC_URL is not set: it is where the links in mails lead, and where the API answers"
        )
    return Links(signature.key(signing_secret(), "mail"), settings().public_url)


def sender_address() -> str:
    """Whom mails are from. Raises ConfigurationError."""
    if not settings().from_email:
        raise ConfigurationError("FROM_EMAIL is not set: mails need a sender that SES has verified")
    return settings().from_email


def _now() -> datetime:
    return datetime.now(UTC)


@lru_cache
def jobs() -> DynamoJobStore:
    """Batch jobs."""
    return DynamoJobStore(settings().jobs_table, settings().batch_file_days)


@lru_cache
def files() -> S3Files:
    """Files of transactions, and what is made of them."""
    return S3Files(settings().jobs_bucket)


@lru_cache
def file_erasures() -> DynamoFileErasures:
    """Erasures that files are to be swept for."""
    return DynamoFileErasures(settings().jobs_table, settings().file_erasures_queue_url, files())


def sweep() -> Sweep:
    """Goes through the files. Raises StoreUnavailable where the secret cannot be read."""
    return Sweep(files(), jobs(), erasures(), erasures().mark)


@lru_cache
def job_announcer() -> SnsAnnouncer:
    """Says that a job has ended."""
    return SnsAnnouncer(settings().jobs_topic_arn)


@lru_cache
def desk() -> Desk:
    """Opens and closes jobs."""
    runner = StepFunctionsRunner(settings().batch_machine_arn)
    return Desk(jobs(), runner, job_announcer(), lambda: datetime.now(UTC))


def _proposed(who: Predictor) -> Policy:
    return proposed(who.model.thresholds) if isinstance(who, ModelPredictor) else proposed()
