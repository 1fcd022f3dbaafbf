"""What a function says, line by line."""

import asyncio
import os
from pathlib import Path

import pytest

from infra.laptop.awslambda import function_log
from infra.laptop.awslambda.function_log import FILE_BYTES, LINE_BYTES, FunctionLog, Pipe

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Speaker:
    """A pipe's writing end, and the lines that came out."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pipe = Pipe(self.lines.append)

    def say(self, said: bytes) -> None:
        os.write(self.pipe.write_end, said)

    def end(self) -> list[str]:
        os.close(self.pipe.write_end)
        self.pipe.close()
        return self.lines


@pytest.fixture
async def speaker() -> Speaker:
    return Speaker()


async def test_a_line_arrives_when_it_is_whole(speaker: Speaker) -> None:
    speaker.say(b"one\ntw")
    while not speaker.lines:
        await asyncio.sleep(0)
    assert speaker.lines == ["one"]
    speaker.say(b"o\n")
    assert speaker.end() == ["one", "two"]


async def test_the_last_words_need_no_line_end(speaker: Speaker) -> None:
    speaker.say(b"one\nlast words")
    assert speaker.end() == ["one", "last words"]


async def test_bytes_that_are_no_text_are_no_harm(speaker: Speaker) -> None:
    speaker.say(b"\xff!\n")
    assert speaker.end() == ["\ufffd!"]


async def test_a_line_without_end_comes_in_pieces(speaker: Speaker) -> None:
    for _ in range(LINE_BYTES // function_log.PIPE_BYTES):
        assert speaker.lines == []
        speaker.say(b"x" * function_log.PIPE_BYTES)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert [len(line) for line in speaker.end()] == [LINE_BYTES]


def test_a_full_file_becomes_the_old_one(tmp_path: Path) -> None:
    log = FunctionLog("Probe", tmp_path)
    half = "x" * (FILE_BYTES // 2)
    for line in (half, half, "newest"):
        log.write(line)
    log.close()
    assert (tmp_path / "Probe.log").read_text() == "newest\n"
    assert (tmp_path / "Probe.log.1").stat().st_size == FILE_BYTES + 2


def test_a_carriage_return_is_a_new_line_as_cloudwatch_shows_it(tmp_path: Path) -> None:
    log = FunctionLog("Probe", tmp_path)
    log.write("[ERROR] it\rTraceback")
    log.close()
    assert (tmp_path / "Probe.log").read_text() == "[ERROR] it\nTraceback\n"


def test_a_listener_hears_every_line_with_the_functions_name(tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []
    log = FunctionLog("Probe", tmp_path, lambda *line: heard.append(line))
    log.write("one")
    log.close()
    assert heard == [("Probe", "one")]


def test_a_full_disk_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    (tmp_path / "Model.log").symlink_to("/dev/full")
    heard: list[str] = []
    log = FunctionLog("Model", tmp_path, lambda _, line: heard.append(line))
    log.write("one")
    log.write("x" * FILE_BYTES)
    log.close()
    assert heard[0] == "one"
    assert len(heard) == 2


def test_a_log_that_cannot_be_rotated_goes_on(tmp_path: Path) -> None:
    log = FunctionLog("Model", tmp_path)
    (tmp_path / "Model.log.1").mkdir()
    (tmp_path / "Model.log.1" / "kept").touch()
    log.write("x" * FILE_BYTES)
    log.write("after")
    log.close()
    assert (tmp_path / "Model.log").read_text().endswith("after\n")
