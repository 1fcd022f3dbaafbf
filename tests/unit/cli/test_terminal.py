"""What the command prints of a file is what stands in it."""

import io

import pytest

from infra.cli import terminal

WRITTEN = ":x: :smile: [bold]C1[/bold] [link=http://evil.example]here[/link] [/]"


def test_an_error_shows_what_the_file_has(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.complain(f"found {WRITTEN!r}")
    assert capsys.readouterr().err == f"fraudshield: found {WRITTEN!r}\n"


def test_an_answer_shows_what_the_file_has(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.results().print(WRITTEN)
    assert capsys.readouterr().out.split() == WRITTEN.split()


def test_so_does_a_file_that_is_written() -> None:
    written = io.StringIO()
    terminal.plain(written).print(WRITTEN)
    assert written.getvalue().split() == WRITTEN.split()
