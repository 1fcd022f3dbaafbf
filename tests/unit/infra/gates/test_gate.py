"""What turns `make gates` red: a finding that nobody judged, a waiver about nothing, and in CI a gate not asked."""

from pathlib import Path

import pytest

from infra.gates.__main__ import main
from infra.gates.finding import GateFinding, GateUnavailable, Waiver, waivers

OPEN = GateFinding("checkov", "CKV_AWS_53", "JobsBucket", "public access is blocked")
WAIVER = Waiver("checkov", "CKV_AWS_53", ("Jobs*",), "because")


def unavailable() -> list[GateFinding]:
    raise GateUnavailable("checkov is not installed")


@pytest.mark.parametrize(
    ("found", "judged", "status"),
    [
        ([], [], 0),
        ([OPEN], [], 1),
        ([OPEN], [WAIVER], 0),
        ([], [WAIVER], 1),
        ([OPEN], [Waiver("checkov", "CKV_AWS_54", ("Jobs*",), "because")], 1),
        ([OPEN], [Waiver("checkov", "CKV_AWS_53", ("Other*",), "because")], 1),
    ],
)
def test_every_finding_is_judged_and_every_waiver_is_about_one(
    found: list[GateFinding], judged: list[Waiver], status: int
) -> None:
    assert main({"checkov": lambda: found}, judged) == status


def test_a_gate_that_cannot_be_asked_is_skipped_loudly(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"checkov": unavailable}, [WAIVER]) == 0
    assert "SKIPPED: checkov is not installed" in capsys.readouterr().out


def test_in_ci_a_gate_that_cannot_be_asked_is_red() -> None:
    assert main({"checkov": unavailable}, [], strict=True) == 1


def test_every_waiver_says_why_in_a_sentence() -> None:
    assert [one for one in waivers() if len(one.because.split()) < 6 or not one.where] == []


def test_waivers_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text('[[finding]]\ngate = "checkov"\ncheck = "CKV_AWS_53"\nwhere = ["Jobs*"]\nbecause = "because"\n')
    assert waivers(path) == [WAIVER]
