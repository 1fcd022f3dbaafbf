"""The steps of a test on history, by the same state machine: plan, count a part, merge, give up, fail."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.backtest import task_wiring as backtest_task_wiring
from fraudshield.backtest import wiring as backtest_wiring
from fraudshield.backtest.plan import PlannedPart
from fraudshield.batch.event import reason
from fraudshield.errors import ChunkTimeout
from fraudshield.telemetry import logger

MARGIN_MS = 10_000


def plan(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Plans the test."""
    made = backtest_task_wiring.planner().plan(event["job_id"])
    logger.info("planned", parts=len(made.parts), policy_version=made.policy.version)
    return backtest_task_wiring.map_input(made)


def count_part(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Counts one part of the stored decisions."""
    part = PlannedPart.model_validate(event["chunk"])

    def check_time() -> None:
        if context.get_remaining_time_in_millis() < MARGIN_MS:
            raise ChunkTimeout(f"The payments of {part.day_shard} ran out of time")

    made = backtest_task_wiring.plan_of(part.job_id)
    compared = backtest_task_wiring.part_step().run(made, part, check_time)
    logger.info("part counted", index=part.index, compared=compared)
    return {"index": part.index}


def merge(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Makes the answer."""
    made = backtest_task_wiring.plan_of(event["job_id"])
    answer = backtest_task_wiring.merge_step(made).run(made)
    logger.info("merged", compared=answer["compared"])
    return {"job_id": event["job_id"]}


def say_nothing(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Nobody subscribes to the end of a test: who asked for it asks how it is."""
    return {"job_id": event["job_id"]}


def fail(event: Mapping[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Ends the test without an answer: a part that is given up would be missing in it."""
    code, message = reason(event["error"])
    backtest_wiring.fail(event["job_id"], code, message)
    logger.error("test failed", code=code, cause=message)
    return {"job_id": event["job_id"], "status": "failed", "code": code}


STEPS = {"plan": plan, "score": count_part, "give_up": fail, "merge": merge, "notify": say_nothing, "fail": fail}
