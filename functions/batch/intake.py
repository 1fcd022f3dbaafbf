"""Opens a job for each file that is received, and ends jobs whose execution has ended (queue `JobsQueue`)."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import Unsettled, sqs_entry
from fraudshield.backtest import wiring as backtest_wiring
from fraudshield.backtest.backtest import is_backtest
from fraudshield.backtest.service import EXECUTION_ENDED
from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.event import ExecutionEnded, FileReceived, read_notice
from fraudshield.batch.job import JobOptions
from fraudshield.batch.own.place import event_type_of, history_of
from fraudshield.errors import NotFound
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.telemetry import logger


def _settle(record: SQSRecord) -> None:
    notice = read_notice(record.body)
    try:
        if isinstance(notice, FileReceived):
            _open(notice)
        elif isinstance(notice, ExecutionEnded):
            _close(notice)
    except NotFound as exc:
        logger.warning("nothing to be done", cause=str(exc))


def _open(received: FileReceived) -> None:
    file = batch_wiring.files().find(received.key, received.version)
    if file.rewritten:  # by an erasure: its rows have been scored already
        return
    event_type = event_type_of(file.key, event_type_wiring.event_types())
    options = JobOptions(history=history_of(file.key, event_type))
    job, new = batch_wiring.job_service().open(file.of(event_type), "process_csv", options)
    logger.info("file came in", job_id=job.job_id, known=not new, event_type=event_type)


def _close(ended: ExecutionEnded) -> None:
    if is_backtest(ended.job_id):
        backtest_wiring.fail(ended.job_id, EXECUTION_ENDED, ended.message)
        return
    job = batch_wiring.jobs().find(ended.job_id)
    if not job.ended and job.attempt == ended.attempt:
        batch_wiring.job_service().fail(job.job_id, EXECUTION_ENDED, ended.message)
        logger.error("job closed from outside", job_id=job.job_id, cause=ended.message)


def _unsettled() -> Unsettled:
    return Unsettled(batch_wiring.notice_returns(), batch_wiring.notice_dead_letters())


lambda_handler = sqs_entry(_settle, unsettled=_unsettled)
