"""What a function prints in a process of its own reaches a function that subscribed, in another."""

import asyncio
from pathlib import Path

from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.cloudwatch.log_forwarder import LogForwarder
from infra.laptop.cloudwatch.log_pattern import LogPattern
from infra.laptop.cloudwatch.log_subscription import LogSubscription
from tests.conftest import ROOT

HANDLERS = ROOT / "tests/data/handlers"
SOON_S = 60.0


def test_what_a_function_prints_reaches_who_subscribed_and_goes_no_further(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    specs = {
        "Speaker": FunctionSpec("Speaker", "probe.speaks", 10.0, 256, {}, 1, (HANDLERS,)),
        "Keeper": FunctionSpec("Keeper", "probe.keeps_lines", 10.0, 256, {"KEPT": str(kept)}, 1, (HANDLERS,)),
    }
    subscription = LogSubscription("Filter", "SpeakerLogs", "Keeper", LogPattern.read("Filter", "hello"))

    async def run() -> list[str]:
        forwarder = LogForwarder([subscription], {"Speaker": "SpeakerLogs", "Keeper": "KeeperLogs"}, None)
        runtime = Runtime(specs, tmp_path / "logs", listener=forwarder.line)
        try:
            await runtime.invoke("Speaker", b'"hello"')
            async with asyncio.timeout(SOON_S):
                while not kept.exists():
                    await forwarder.flush(runtime.invoke)
                await forwarder.flush(runtime.invoke)
        finally:
            await runtime.stop()
        return kept.read_text().splitlines()

    said, warned = asyncio.run(run())
    assert said == "SpeakerLogs hello"
    assert warned.endswith("a warning about hello")
