"""A function's log: every line to a bounded file and to whoever listens."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path

FILE_BYTES = 5 * 1024 * 1024  # then it becomes NAME.log.1, and the one before is gone
LINE_BYTES = 1024 * 1024  # CloudWatch's limit for one event
PIPE_BYTES = 64 * 1024  # all that a pipe holds, on Linux and macOS

Listener = Callable[[str, str], None]  # the function's name, a line without its end


class FunctionLog:
    """`folder/NAME.log`. Lines are kept as written; CloudWatch's view of a `\\r` is a new line, and so is ours.

    A disk that is full costs lines and nothing else: no invocation waits for a log, here or on AWS.
    """

    def __init__(self, name: str, folder: Path, listener: Listener | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._path = folder / f"{name}.log"
        self._file = self._opened()
        self._listener = listener

    def write(self, line: str) -> None:
        """Keep one line and tell the listener."""
        with suppress(OSError):
            self._file.write(line.replace("\r", "\n").encode() + b"\n")
            if self._file.tell() > FILE_BYTES:
                self._rotate()
        if self._listener is not None:
            self._listener(self._name, line)

    def close(self) -> None:
        """Close the file; no line comes after this."""
        self._file.close()

    def _rotate(self) -> None:
        self._path.replace(self._path.with_suffix(".log.1"))
        full, self._file = self._file, self._opened()
        full.close()

    def _opened(self) -> FileIO:
        """The file without a buffer, which would keep what a full disk refused and refuse every line after it."""
        return self._path.open("ab", buffering=0)


class Pipe:
    """A worker's standard output and error: `write_end` is the worker's, the lines come out as they arrive."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._write = write
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_end, self._drain)

    def close(self) -> None:
        """Read what is left once the worker is gone, and close the pipe."""
        self._drain()
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        if self._rest:
            self._write(self._rest.decode(errors="replace"))

    def _drain(self) -> None:
        try:
            chunk = os.read(self._read_end, PIPE_BYTES)
        except BlockingIOError:
            return
        if not chunk:
            self._loop.remove_reader(self._read_end)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) >= LINE_BYTES or not chunk:
            lines, self._rest = [*lines, self._rest] if self._rest else lines, b""
        for line in lines:
            self._write(line.decode(errors="replace"))
