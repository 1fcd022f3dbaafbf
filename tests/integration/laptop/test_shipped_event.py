"""Every event in events/ through `fraudshield invoke` on a laptop cloud: the response is what the event's name says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cli.main import app
from tests.integration.laptop.test_cloud import up
from tests.shipped_event import EVENTS, FOLDER, STORING, faults, function_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a cloud that runs; everything in events/ is sent to the same one, as somebody would who tries them all."""
    with up(tmp_path_factory.mktemp("cloud") / "home") as cloud:
        for stem in STORING:  # of each cloud, where several processes share the tests
            assert invoked(FOLDER / f"{stem}.json", cloud.state.home) == 0
        yield cloud.state.home


def invoked(event: Path, home: Path) -> object:
    """The command's exit status."""
    with pytest.raises(SystemExit) as ended:
        app(["invoke", function_of(event), str(event), "--home", str(home)], prog_name="fraudshield")
    return ended.value.code or 0


@pytest.mark.parametrize("event", EVENTS, ids=lambda path: path.stem)
def test_an_event_is_answered_as_its_name_says(home: Path, event: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = invoked(event, home)
    written = capsys.readouterr()
    assert (status, written.err) == (0, "")
    assert faults(event, json.loads(written.out)) == []
