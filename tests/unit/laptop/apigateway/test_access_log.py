"""The access log: a line a request, and no word about a disk that takes none."""

from pathlib import Path

import pytest

from infra.laptop.apigateway.access_log import AccessLog, ServedRequest

SERVED = ServedRequest("GET", "/health", 200, 1.0, "", "", "a line")


def test_a_request_is_a_line(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "logs" / "access.log")
    log.write(SERVED)
    log.close()
    assert (tmp_path / "logs" / "access.log").read_text() == "a line\n"


def test_a_full_disk_costs_lines_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    (tmp_path / "access.log").symlink_to("/dev/full")
    log = AccessLog(tmp_path / "access.log")
    log.write(SERVED)
    log.close()
    assert capsys.readouterr().err == ""
