"""moto's server for every AWS service that has no process of its own here.

A process, not a thread: it shares no interpreter lock with the loop that carries requests, and no memory.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from infra.local.child import child
from infra.local.execution_journal import Journal
from infra.local.moto_import import without_batch
from infra.local.origin import from_here
from infra.local.place import Place
from infra.local.sdk import NO_ACCOUNT, Sdk

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # moto reads 40 MB of them when it is imported

STARTED = "moto answers"

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(port: int, said: Path, home: Path, functions: str) -> AbstractContextManager[None]:
    """Run it on `port` of 127.0.0.1 while the block does. Objects are kept in `home`; Lambda answers at `functions`.

    Raises:
        ConfigurationError: it did not start; carries what it said.
    """
    command = [sys.executable, "-m", "infra.local.moto_server", str(port), str(home), functions]
    return child("moto", command, said, STARTED, env=_environment())


def here_only(app: App) -> App:
    """`app`, refusing what a web page from elsewhere sends: moto itself would answer any page."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        named = {"host": "HTTP_HOST", "origin": "HTTP_ORIGIN", "sec-fetch-site": "HTTP_SEC_FETCH_SITE"}
        if from_here({name: environ[key] for name, key in named.items() if key in environ}):
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"Only programs and pages of this machine are answered here\n"]

    return guarded


def _environment() -> dict[str, str]:
    """Without a profile or proxy of the user's: moto is a client of boto3 itself."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "PYTHONPATH") if name in os.environ}
    return inherited | NO_ACCOUNT


def main(port: int, home: Path, functions: str) -> None:
    """Serve until SIGTERM."""
    from moto.core.config import default_user_config  # noqa: PLC0415 slow, and not for `serve`
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    from infra.local import moto_patch  # noqa: PLC0415
    from infra.local.moto_mail import showing_mails  # noqa: PLC0415
    from infra.local.moto_mirror import Mirror  # noqa: PLC0415
    from infra.local.moto_object import remembering  # noqa: PLC0415

    with without_batch():
        from infra.local import moto_execution  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for every request
    os.environ["MOTO_PORT"] = str(port)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    place, services = Place(home), f"http://127.0.0.1:{port}"
    moto_patch.apply(moto_execution.patches(Sdk(services, services, functions), Journal(place.executions)))
    mirror = Mirror(place.files)
    mirror.load()
    app = here_only(showing_mails(remembering(DomainDispatcherApplication(create_backend_app), mirror)))
    server = make_server("127.0.0.1", port, app, threaded=True)
    print(STARTED, flush=True)  # noqa: T201 what the parent waits for
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
