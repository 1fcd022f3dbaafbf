"""The folder that a laptop cloud keeps its state in."""

from pathlib import Path

import pytest

from infra.laptop.state import StateDirectory


@pytest.mark.parametrize("before", [None, 0o755, 0o777])
def test_nobody_else_of_the_machine_may_look_into_it(tmp_path: Path, before: int | None) -> None:
    home = tmp_path / "home"
    if before is not None:
        home.mkdir()
        home.chmod(before)
    with StateDirectory(home).held("A cloud", "End it first"):
        assert home.stat().st_mode & 0o777 == 0o700
