"""Lambda on the laptop, over real processes, with either runtime client."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.invocation import EVENT_BYTES, REQUEST_BYTES, RESPONSE_BYTES, DiscardedEvent
from infra.laptop.awslambda.runtime import Runtime, runtime_client
from infra.laptop.errors import RequestError, SetupError
from tests.conftest import ROOT

HANDLERS = ROOT / "tests/data/handlers"
PATIENCE_S = 60.0

pytestmark = pytest.mark.anyio


def probe(handler: str, **changes: Any) -> FunctionSpec:
    """A function of tests/data/handlers."""
    values: dict[str, Any] = {
        "name": "Probe",
        "handler": handler if "." in handler else f"probe.{handler}",
        "timeout_s": 10.0,
        "memory_mb": 256,
        "environment": {},
        "concurrency": 2,
        "path": (HANDLERS,),
    }
    return FunctionSpec(**values | changes)


class Laptop:
    """One function in a runtime of its own, what it logged and what was given up."""

    def __init__(self, spec: FunctionSpec, folder: Path, **options: Any) -> None:
        self.lines: list[str] = []
        self.discarded: list[DiscardedEvent] = []
        self.runtime = Runtime(
            {spec.name: spec},
            folder / "logs",
            listener=lambda _, line: self.lines.append(line),
            discarded=self._abandon,
            **options,
        )

    async def ask(self, event: object = None, **options: Any) -> Any:
        return await self.runtime.invoke("Probe", json.dumps(event).encode(), **options)

    async def answer(self, event: object = None) -> Any:
        """The body of an invocation that must succeed."""
        done = await self.ask(event)
        assert done.error is None, done
        return json.loads(done.body)

    async def failure(self, event: object = None) -> dict[str, Any]:
        """The error of an invocation that must fail, as the caller sees it."""
        done = await self.ask(event)
        assert done.error == "Unhandled"
        body: dict[str, Any] = json.loads(done.body)
        assert body["errorType"] == done.error_type
        body["errorMessage"] = body["errorMessage"].replace(done.request_id, "ID")
        return body

    async def _abandon(self, event: DiscardedEvent) -> None:
        self.discarded.append(event)


Start = Callable[..., Laptop]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["awslambdaric", "plain"])
def client(request: pytest.FixtureRequest) -> str:
    if request.param == "awslambdaric" and runtime_client() == "plain":
        pytest.skip("awslambdaric has no wheel here")
    return str(request.param)


@pytest.fixture
async def start(client: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a laptop with one function; whatever a test leaves running must end with it."""
    begun: list[Laptop] = []

    def begin(handler: str, client: str = client, **changes: Any) -> Laptop:
        options = {name: changes.pop(name) for name in ("idle_s", "retry_waits_s") if name in changes}
        begun.append(Laptop(probe(handler, **changes), tmp_path, client=client, **options))
        return begun[-1]

    yield begin
    for laptop in begun:
        pids = laptop.runtime.pids
        await laptop.runtime.stop()
        assert not any(map(exists, pids))


async def test_a_function_answers_its_event(start: Start) -> None:
    assert await start("echo").answer({"amount": 12.5, "name": "Zoë"}) == {"amount": 12.5, "name": "Zoë"}


async def test_the_handler_is_told_about_its_invocation(start: Start) -> None:
    laptop = start("context")
    done = await laptop.ask(trace="Root=1-5;Sampled=0")
    told = json.loads(done.body)
    assert told["request_id"] == done.request_id
    assert told["arn"].endswith(":function:Probe")
    assert (told["name"], told["memory"], told["trace"]) == ("Probe", "256", "Root=1-5;Sampled=0")
    assert 9_000 < told["remaining_ms"] <= 10_000


async def test_a_function_sees_its_own_environment_and_not_ours(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", "x")
    seen = await start("environment", environment={"ITS_OWN": "1"}).answer()
    assert seen["ITS_OWN"] == "1"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "Probe"
    assert "OUR_SECRET" not in seen


async def test_a_warm_worker_is_used_again(start: Start) -> None:
    laptop = start("process")
    assert await laptop.answer() == await laptop.answer()


async def test_requests_at_once_get_a_worker_each(start: Start, tmp_path: Path) -> None:
    laptop = start("meets")
    folder = tmp_path / "met"
    folder.mkdir()
    event = {"folder": str(folder), "number": 2}
    assert len({*await asyncio.gather(laptop.answer(event), laptop.answer(event))}) == 2


async def test_beyond_its_concurrency_a_caller_waits_for_a_worker(start: Start) -> None:
    laptop = start("process", concurrency=1)
    assert len({*await asyncio.gather(*(laptop.answer() for _ in range(20)))}) == 1


async def test_a_caller_that_has_waited_enough_is_throttled(start: Start, tmp_path: Path) -> None:
    laptop = start("waits", concurrency=1)
    event = {"began": str(tmp_path / "began"), "go": str(tmp_path / "go")}
    first = asyncio.ensure_future(laptop.ask(event))
    await until((tmp_path / "began").exists)
    refused = await laptop.ask(event, wait_s=0.01)
    assert refused.error_type == "TooManyRequestsException"
    (tmp_path / "go").touch()
    assert (await first).error is None


async def test_a_request_whose_caller_left_runs_to_its_end(start: Start, tmp_path: Path) -> None:
    laptop = start("waits", concurrency=1)
    event = {"began": str(tmp_path / "began"), "go": str(tmp_path / "go")}
    left = asyncio.ensure_future(laptop.ask(event))
    await until((tmp_path / "began").exists)
    [pid] = laptop.runtime.pids
    left.cancel()
    (tmp_path / "go").touch()
    assert await laptop.answer(event) == pid


async def test_an_exception_tells_its_type_and_message_and_keeps_its_stack_to_the_log(start: Start) -> None:
    laptop = start("raises")
    failure = await laptop.failure()
    assert (failure["errorType"], failure["errorMessage"]) == ("ValueError", "no such payment")
    assert "stackTrace" not in failure
    assert any("probe.py" in line for line in laptop.lines)


async def test_an_answer_that_is_no_json_is_an_error_of_the_functions(start: Start) -> None:
    assert (await start("returns_a_set").failure())["errorType"] == "Runtime.MarshalError"


@pytest.mark.parametrize(
    ("handler", "error_type"),
    [
        ("absent.handle", "Runtime.ImportModuleError"),
        ("probe.absent", "Runtime.HandlerNotFound"),
        ("probe.echo.echo", "Runtime.ImportModuleError"),
    ],
)
async def test_a_handler_that_cannot_be_found_is_named(start: Start, handler: str, error_type: str) -> None:
    laptop = start(handler)
    assert (await laptop.failure())["errorType"] == error_type
    assert laptop.lines[-1].startswith("INIT_REPORT Init Duration: ")
    assert laptop.lines[-1].endswith(f" ms\tPhase: init\tStatus: error\tError Type: {error_type}")


async def test_a_module_mended_after_an_import_error_runs(start: Start, tmp_path: Path) -> None:
    laptop = start("late.handle", path=(tmp_path,))
    assert (await laptop.failure())["errorMessage"] == "Unable to import module 'late': No module named 'late'"
    (tmp_path / "late.py").write_text("def handle(event, context: return 1\n")
    assert (await laptop.failure())["errorType"] == "Runtime.UserCodeSyntaxError"
    (tmp_path / "late.py").write_text("def handle(event, context): return 'repaired at last'\n")
    assert await laptop.answer() == "repaired at last"


async def test_after_an_exit_the_next_request_gets_a_new_process(start: Start) -> None:
    laptop = start("exits")
    assert await laptop.failure(3) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: ID Error: Runtime exited with error: exit status 3",
    }
    assert (await laptop.failure(0))["errorMessage"] == "RequestId: ID Error: Runtime exited without providing a reason"


async def test_a_worker_killed_in_the_middle_is_reported_and_replaced(start: Start) -> None:
    laptop = start("crashes")
    said = (await laptop.failure(signal.SIGKILL))["errorMessage"]
    assert said == "RequestId: ID Error: Runtime exited with error: signal: killed"
    said = (await laptop.failure(signal.SIGSEGV))["errorMessage"]
    assert said == "RequestId: ID Error: Runtime exited with error: signal: segmentation fault"
    assert await laptop.answer() is None


async def test_a_worker_killed_while_idle_costs_no_request(start: Start) -> None:
    laptop = start("process")
    for _ in range(5):
        killed = await laptop.answer()
        os.kill(killed, signal.SIGKILL)
        while exists(killed):  # blocks the loop: the runtime must not have noticed
            pass
        assert await laptop.answer() != killed


async def test_a_function_out_of_time_is_killed_with_its_children(start: Start, tmp_path: Path) -> None:
    laptop = start("sleeps", timeout_s=2.0)
    assert await laptop.failure(str(tmp_path / "pids")) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: ID Error: Task timed out after 2.00 seconds",
    }
    await until(lambda: not any(map(exists, map(int, (tmp_path / "pids").read_text().split()))))
    assert laptop.lines[-1].endswith("\tStatus: timeout\tError Type: Sandbox.Timedout")
    assert await laptop.answer() is None


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory can be watched on Linux only")
@pytest.mark.parametrize("hold_s", [0, 30])
async def test_a_function_over_its_memory_is_killed(start: Start, hold_s: int) -> None:
    laptop = start("fills_memory", memory_mb=96)
    assert await laptop.failure({"mb": 128, "hold_s": hold_s}) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": "RequestId: ID Error: Runtime exited with error: signal: killed",
    }
    assert await laptop.answer({"mb": 1, "hold_s": 0}) == 1024 * 1024


async def test_an_event_may_have_6_mib_and_no_byte_more(start: Start) -> None:
    laptop = start("echo")
    assert (await laptop.ask("x" * (REQUEST_BYTES - 2))).error is None
    assert (await laptop.ask("x" * (REQUEST_BYTES - 1))).error_type == "RequestTooLargeException"


async def test_an_answer_over_the_limit_is_an_error_and_the_next_request_works(start: Start) -> None:
    laptop = start("says_much")
    assert len(await laptop.answer(RESPONSE_BYTES - 2)) == RESPONSE_BYTES - 2
    assert await laptop.failure(RESPONSE_BYTES - 1) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert await laptop.answer(3) == "xxx"


async def test_the_log_holds_what_was_said_between_start_and_report(start: Start, tmp_path: Path) -> None:
    laptop = start("speaks")
    done = await laptop.ask("hello")
    begin, said, warned, erred, end, report = laptop.lines
    assert begin == f"START RequestId: {done.request_id} Version: $LATEST"
    assert (said, erred) == ("hello", "said to stderr")
    assert warned.startswith("[WARNING]\t")
    assert warned.endswith(f"{done.request_id}\ta warning about hello")
    assert end == f"END RequestId: {done.request_id}"
    assert report.startswith(f"REPORT RequestId: {done.request_id}\tDuration: ")
    assert "\tInit Duration: " in report
    assert (tmp_path / "logs/Probe.log").read_text().splitlines() == laptop.lines


async def test_a_warm_report_has_no_init_duration(start: Start) -> None:
    laptop = start("echo")
    await laptop.answer()
    await laptop.answer()
    assert [line for line in laptop.lines if line.startswith("REPORT")][1].count("Init Duration") == 0


async def test_a_fault_of_ours_in_the_middle_costs_no_worker(client: str, tmp_path: Path) -> None:
    def hear(_: str, line: str) -> None:
        if line.startswith("END"):
            raise OSError(28, "No space left on device")

    runtime = Runtime({"Probe": probe("echo")}, tmp_path / "logs", listener=hear, client=client)
    for _ in range(3):
        with pytest.raises(OSError, match="No space"):
            await runtime.invoke("Probe", b"{}")
    assert runtime.pids == frozenset()
    await runtime.stop()


async def test_an_idle_worker_leaves_and_the_next_request_starts_another(start: Start) -> None:
    laptop = start("process", idle_s=0.02)
    first = await laptop.answer()
    await until(lambda: not laptop.runtime.pids)
    assert await laptop.answer() != first


async def test_stopping_ends_a_request_in_the_middle(start: Start, tmp_path: Path) -> None:
    laptop = start("sleeps")
    running = asyncio.ensure_future(laptop.ask(str(tmp_path / "pids")))
    await until((tmp_path / "pids").exists)
    await laptop.runtime.stop()
    await until(lambda: not any(map(exists, map(int, (tmp_path / "pids").read_text().split()))))
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_asynchronous_event_is_tried_three_times_under_one_id(start: Start, tmp_path: Path) -> None:
    laptop = start("fails_until", retry_waits_s=(0.0, 0.0))
    attempts = tmp_path / "attempts"
    event = json.dumps({"attempts": str(attempts), "number": 4}).encode()
    accepted = await laptop.runtime.invoke_event("Probe", event)
    assert (accepted.body, accepted.error) == (b"", None)
    await until(lambda: bool(laptop.discarded))
    [given_up] = laptop.discarded
    assert (given_up.function, given_up.event, given_up.last.error_type) == ("Probe", event, "RuntimeError")
    assert attempts.read_text().split() == [accepted.request_id] * 3


async def test_an_asynchronous_event_that_succeeds_at_last_is_not_given_up(start: Start, tmp_path: Path) -> None:
    laptop = start("fails_until", retry_waits_s=(0.0, 0.0))
    attempts = tmp_path / "attempts"
    await laptop.runtime.invoke_event("Probe", json.dumps({"attempts": str(attempts), "number": 3}).encode())
    await until(lambda: len([line for line in laptop.lines if line.startswith("REPORT")]) == 3)
    assert laptop.discarded == []


async def test_an_asynchronous_event_may_have_1_mib(start: Start) -> None:
    laptop = start("echo")
    refused = await laptop.runtime.invoke_event("Probe", b"1" * (EVENT_BYTES + 1))
    assert refused.error_type == "RequestTooLargeException"
    assert not laptop.runtime.pids


async def test_a_function_that_is_not_there_is_named(start: Start) -> None:
    with pytest.raises(RequestError, match="no function Absent; there are Probe"):
        await start("echo").runtime.invoke("Absent", b"{}")


async def test_a_runtime_client_that_is_not_there_is_named(start: Start) -> None:
    with pytest.raises(SetupError, match="cobol is no Lambda runtime client"):
        start("echo", client="cobol")


PARENT = """
import asyncio, sys
from pathlib import Path
from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.runtime import Runtime

def spec(name, handler):
    return FunctionSpec(name, f"probe.{handler}", 60.0, 256, {}, 1, (Path(sys.argv[2]),))

async def main():
    folder = Path(sys.argv[3])
    runtime = Runtime({n: spec(n, n) for n in ("echo", "sleeps", "spins")}, folder, client=sys.argv[1])
    await runtime.invoke("echo", b"1")
    busy = [runtime.invoke(name, f'"{folder / name}"'.encode()) for name in ("sleeps", "spins")]
    running = asyncio.gather(*busy)
    while not all((folder / name).exists() for name in ("sleeps", "spins")):
        await asyncio.sleep(0.01)
    child = int((folder / "sleeps").read_text().split()[1])
    print(*runtime.pids, child, flush=True)
    await running

asyncio.run(main())
"""


def test_a_killed_parent_leaves_no_worker_behind(client: str, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", PARENT, client, str(HANDLERS), str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 4  # idle, asleep and its child, busy
        assert all(map(exists, pids))
        parent.kill()
    asyncio.run(until(lambda: not any(map(exists, pids))))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come, and fail when it does not."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def exists(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")
