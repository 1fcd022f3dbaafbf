"""What ships: licences, bill of materials, wheels that fit, builds that are the same."""

from pathlib import Path

import pytest

from infra.gates.built import differences
from infra.gates.finding import GateUnavailable
from infra.gates.shipped import bill_of_materials, components, fits, licence, licence_faults, wheel_faults


@pytest.mark.parametrize(
    ("tags", "architecture", "loads"),
    [
        ("any", "arm64", True),
        ("manylinux2014_x86_64", "x86_64", True),
        ("manylinux2014_x86_64.manylinux_2_17_x86_64", "x86_64", True),
        ("manylinux_2_34_x86_64", "x86_64", True),
        ("manylinux_2_35_x86_64", "x86_64", False),
        ("manylinux_2_39_aarch64", "arm64", False),
        ("manylinux_2_28_aarch64", "arm64", True),
        ("manylinux_2_28_aarch64", "x86_64", False),
        ("musllinux_1_2_x86_64", "x86_64", False),
        ("macosx_11_0_arm64", "arm64", False),
        ("linux_x86_64", "x86_64", False),
    ],
)
def test_a_wheel_fits_by_glibc_and_machine(tags: str, architecture: str, *, loads: bool) -> None:
    assert fits(tags, architecture) is loads


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name, tag in {
        "good-1.0": "cp313-cp313-manylinux_2_28_x86_64",
        "new-2.0": "cp313-cp313-manylinux_2_39_x86_64",
    }.items():
        folder = tmp_path / "RuntimeLayer" / "python" / f"{name}.dist-info"
        folder.mkdir(parents=True)
        (folder / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n")
    return tmp_path


def test_a_wheel_for_a_newer_glibc_is_named(built: Path) -> None:
    assert [one.where for one in wheel_faults(built, "x86_64")] == ["new-2.0"]


def test_where_nothing_is_built_nobody_can_say(tmp_path: Path) -> None:
    with pytest.raises(GateUnavailable, match="make build"):
        wheel_faults(tmp_path, "x86_64")


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND MIT", True),
        ("Apache Software License", True),
        ("GPL-3.0-only", False),
        ("GNU Affero General Public License v3", False),
        ("LGPL and GPL", False),
        ("Business Source License", False),
        ("", False),
    ],
)
def test_what_we_may_not_ship_is_named(said: str, *, allowed: bool) -> None:
    assert (licence_faults({"package": said}) == []) is allowed


def test_the_most_exact_word_on_a_licence_counts() -> None:
    assert licence({"License-Expression": "MIT", "License": "see LICENSE"}) == "MIT"
    assert licence({"Classifier": ["License :: OSI Approved :: BSD License"], "License": "x"}) == "BSD License"
    assert licence({"License": "Apache-2.0\nlong text"}) == "Apache-2.0"


def test_the_bill_names_every_package_of_the_locks_with_its_hashes(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(
        f"a==1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\nb-c==2.0 ; python_version >= '3'\n"
    )
    parts = list(components([lock]))
    assert [(name, version, len(hashes)) for name, version, hashes in parts] == [("a", "1.0", 2), ("b-c", "2.0", 0)]
    bill = bill_of_materials(parts, {"a": "MIT"}, "1.4.0")
    assert [one["purl"] for one in bill["components"]] == ["pkg:pypi/a@1.0", "pkg:pypi/b-c@2.0"]
    assert bill["components"][1]["licenses"] == [{"license": {"name": "unknown"}}]


def test_two_builds_that_differ_are_told_by_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, content in ((one, "a"), (other, "b")):
        (folder / "layer").mkdir(parents=True)
        (folder / "layer" / "same.py").write_text("same")
        (folder / "layer" / "code.py").write_text(content)
    (other / "more.pyc").write_text("")
    assert [finding.where for finding in differences(one, other)] == ["layer/code.py", "more.pyc"]
