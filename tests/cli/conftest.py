import pytest

from infra.cli.main import app
from tests.cli.command import UNSET, Ran, Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process, with no settings but those that a test makes."""
    for name in UNSET:
        monkeypatch.setenv(name, "")

    def run(*arguments: object) -> Ran:
        with pytest.raises(SystemExit) as ended:
            app([str(argument) for argument in arguments], prog_name="fraudshield")
        written = capsys.readouterr()
        assert isinstance(ended.value.code, int | None)
        return Ran(ended.value.code or 0, written.out, written.err)

    return run
