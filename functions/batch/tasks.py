"""The steps of the state machine `infra/batch.asl.json`: plan, score a chunk, merge, notify, fail.

It runs tests on history by the same steps, which are in `backtest.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.backtest.backtest import is_backtest
from fraudshield.batch import task_wiring as batch_task_wiring
from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.event import coded, reason
from fraudshield.batch.plan import PlannedChunk
from fraudshield.errors import ChunkTimeout, FraudShieldError
from fraudshield.telemetry import logger
from functions.batch import backtest

MARGIN_MS = 10_000  # with less time left a chunk gives up, so that it says why and is tried again


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Runs one step. The state machine decides by the error's class whether the step is tried again."""
    logger.append_keys(job_id=event["job_id"], step=event["step"])
    try:
        steps = backtest.STEPS if is_backtest(event["job_id"]) else STEPS
        return steps[event["step"]](event, context)
    except FraudShieldError as exc:
        logger.warning("step failed", code=exc.code, cause=str(exc))
        raise coded(exc) from exc


def _plan(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    plan = batch_task_wiring.planner().plan(event["job_id"])
    logger.info("planned", chunks=len(plan.chunks), model_version=plan.model_version)
    return batch_task_wiring.map_input(plan)


def _score(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    chunk = PlannedChunk.model_validate(event["chunk"])

    def check_time() -> None:
        if context.get_remaining_time_in_millis() < MARGIN_MS:
            raise ChunkTimeout(f"The chunk from byte {chunk.start:,} to {chunk.end:,} ran out of time")

    checkpoint = batch_task_wiring.score_step().score(
        batch_task_wiring.plan_of(chunk.job_id, chunk.plan_id), chunk, check_time
    )
    logger.info("chunk scored", index=chunk.index, rows=checkpoint.tally.rows, rejected=checkpoint.tally.rejected)
    return {"index": chunk.index}


def _give_up(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    chunk = PlannedChunk.model_validate(event["chunk"])
    code, message = reason(event["error"])
    batch_wiring.jobs().note_failure(chunk.job_id, chunk.plan_id, chunk.index, message)
    logger.error("chunk given up", index=chunk.index, code=code, cause=message)
    return {"index": chunk.index}


def _merge(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    job = batch_task_wiring.join_step().run(batch_task_wiring.plan_of(event["job_id"], event["plan_id"]))
    logger.info("merged", rows=job.progress.rows, rejected=job.progress.rejected, flagged=job.progress.flagged)
    return {"job_id": job.job_id}


def _notify(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    batch_wiring.job_announcer().announce(batch_wiring.jobs().find(event["job_id"]))
    return {"job_id": event["job_id"]}


def _fail(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    code, message = reason(event["error"])
    job = batch_wiring.job_service().fail(event["job_id"], code, message)
    return {"job_id": job.job_id, "status": job.status, "code": job.error_code or ""}


STEPS: Mapping[str, Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]] = {
    "plan": _plan,
    "score": _score,
    "give_up": _give_up,
    "merge": _merge,
    "notify": _notify,
    "fail": _fail,
}
