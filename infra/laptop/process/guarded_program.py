"""Runs a program behind the loopback guard: `python -m infra.laptop.process.guarded_program PORT PROGRAM ARGUMENT...`.

The program answers any web page that finds its port, and listens on nothing but a port. So on Linux it has a network
of its own, which this process alone reaches; elsewhere, or where the system refuses one, a port that nobody is told.
It is given that port as `--port`, and started again whenever it ends by itself.
"""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from infra.laptop.process.loopback_proxy import ADDRESS, LoopbackProxy
from infra.laptop.process.own_network import end_with_parent, enter_own_network

INNER_PORT = 8000  # in a network of its own nothing else has it
PAUSES_S = (0.1, 0.5, 2.0, 5.0)  # before the program is started again; the last for ever
STEADY_S = 30.0  # after a run of this length the first pause does again
LOOK_S = 0.02
STOP_S = 5.0


def main(port: int, command: list[str]) -> int:
    """Serve until SIGTERM, or until a program that never listened has ended: then its exit status."""
    try:
        listening = socket.create_server((ADDRESS, port), backlog=1024)
    except OSError as exc:
        sys.stderr.write(f"port {port} of {ADDRESS} is in use: {exc.strerror}\n")
        return 1
    inner_port = INNER_PORT if enter_own_network() else _free_port()
    return asyncio.run(_serve(listening, inner_port, [*command, "--port", str(inner_port)]))


async def _serve(listening: socket.socket, inner_port: int, command: list[str]) -> int:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    async with await loop.create_server(lambda: LoopbackProxy(inner_port), sock=listening):
        return await _supervise(inner_port, command, stopping)


async def _supervise(inner_port: int, command: list[str], stopping: asyncio.Event) -> int:
    asked = asyncio.ensure_future(stopping.wait())
    up = asyncio.ensure_future(_listens(inner_port))  # once is enough: what ran before is worth another try
    failures = 0
    while True:
        begun = time.monotonic()
        process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.DEVNULL, preexec_fn=_bound)
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            await _stop(process)
            return 0
        if not up.done():
            return ended.result() or 1
        failures = 0 if time.monotonic() - begun > STEADY_S else failures
        _say(f"{command[0]} ended with {ended.result()} and is started again")
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asked), PAUSES_S[min(failures, len(PAUSES_S) - 1)])
        failures += 1


async def _listens(port: int) -> None:
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(ADDRESS, port)
            writer.close()
            return
        await asyncio.sleep(LOOK_S)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _bound() -> None:
    end_with_parent(signal.SIGTERM)


def _say(line: str) -> None:
    with suppress(OSError):  # a full disk is no reason to end
        sys.stderr.write(f"{line}\n")


def _free_port() -> int:
    with socket.create_server((ADDRESS, 0)) as server:
        port: int = server.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
