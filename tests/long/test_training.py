"""The whole of `python -m model`, run as a user runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from model.export import ARTIFACT

pytestmark = pytest.mark.long

ROOT = ARTIFACT.parents[1]


def test_running_the_training_again_writes_the_committed_files_to_the_byte(tmp_path: Path) -> None:
    page = tmp_path / "MODEL_CARD.md"
    subprocess.run([sys.executable, "-m", "model", "--out", tmp_path, "--page", page], check=True, cwd=ROOT)
    for name in ("model.json", "manifest.json"):
        assert (tmp_path / "model" / name).read_bytes() == (ARTIFACT / "model" / name).read_bytes(), name
    assert page.read_bytes() == (ROOT / "model/MODEL_CARD.md").read_bytes()
    for picture in (ROOT / "model/card").iterdir():
        assert (tmp_path / "card" / picture.name).read_bytes() == picture.read_bytes(), picture.name
