"""moto's server for every AWS service that has no process of its own here.

A process, not a thread: it shares no interpreter lock with the loop that carries requests, and no memory.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from infra.laptop.process.loopback_guard import REFUSAL, is_local
from infra.laptop.process.process import running_process
from infra.laptop.resources.execution_journal import ExecutionJournal
from infra.laptop.sdk import NO_ACCOUNT, Sdk
from infra.laptop.state import StateDirectory

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # moto reads 40 MB of them when it is imported

STARTED = "moto answers"
HEAD_S = 10.0  # a client that is silent for so long in the middle of a request is hung up on
JOB_STATUS = SimpleNamespace(SUCCEEDED="SUCCEEDED", FAILED="FAILED")
BATCH = ("moto.batch", "moto.batch.utils")
UNSIGNED = b"Missing Authentication Token"

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(port: int, said: Path, home: Path, functions: str) -> AbstractContextManager[None]:
    """Run moto on `port` of 127.0.0.1 while the block does.

    Objects and messages are kept in `home`; Lambda answers at `functions`.

    Raises:
        SetupError: it did not start; carries what it said.
    """
    command = [sys.executable, "-m", "infra.laptop.moto.server", str(port), str(home), functions]
    return running_process("moto", command, said, STARTED, env=_environment())


def loopback_only(app: App) -> App:
    """Return `app`, refusing what a web page from elsewhere sends: moto itself would answer any page."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        named = {"host": "HTTP_HOST", "origin": "HTTP_ORIGIN", "sec-fetch-site": "HTTP_SEC_FETCH_SITE"}
        if is_local({name: environ[key] for name, key in named.items() if key in environ}):
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [REFUSAL.encode()]

    return guarded


def signed_only(app: App) -> App:
    """Return `app`, refusing as AWS does what nobody signed and moto fails on: it takes such requests for anything."""

    def answered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        body = app(environ, lambda *response: told.extend(response))
        if not told[0].startswith("5") or _is_signed(environ):
            start_response(*told)
            return body
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [UNSIGNED]

    return answered


def _is_signed(environ: Mapping[str, Any]) -> bool:
    return "HTTP_AUTHORIZATION" in environ or "Signature=" in environ.get("QUERY_STRING", "")


@contextmanager
def without_batch() -> Iterator[None]:
    """Modules imported in the block find an empty Batch, unless the real one is there already.

    moto's Step Functions import its Batch, which would bring all of its EC2: seconds of every start.
    """
    missing = [name for name in BATCH if name not in sys.modules]
    for name in missing:
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name])["JobStatus"] = JOB_STATUS
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]


def _environment() -> dict[str, str]:
    """moto's environment, without a profile or proxy of the user's: moto is a client of boto3 itself."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "PYTHONPATH") if name in os.environ}
    return inherited | NO_ACCOUNT


def main(port: int, home: Path, functions: str) -> None:
    """Serve until SIGTERM."""
    from moto.core.config import default_user_config  # noqa: PLC0415 slow, and not for `serve`
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

    from infra.laptop.moto import patch as moto_patch  # noqa: PLC0415
    from infra.laptop.moto.mail_list import with_mail_list  # noqa: PLC0415
    from infra.laptop.moto.object_change import with_changes_kept  # noqa: PLC0415
    from infra.laptop.moto.object_mirror import ObjectMirror  # noqa: PLC0415
    from infra.laptop.moto.put_body import PATCHES  # noqa: PLC0415
    from infra.laptop.moto.queue_journal import QueueJournal  # noqa: PLC0415

    with without_batch():
        from infra.laptop.moto import execution as moto_execution  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for every request
    os.environ["MOTO_PORT"] = str(port)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    state, services = StateDirectory(home), f"http://127.0.0.1:{port}"
    executions = moto_execution.patches(Sdk(services, services, functions), ExecutionJournal(state.executions))
    moto_patch.apply((*PATCHES, *executions, *QueueJournal(state.queues).patches()))
    mirror = ObjectMirror(state.files)
    mirror.load()

    def backend_app(service: Any) -> Any:
        app = create_backend_app(service)
        app.config["PROPAGATE_EXCEPTIONS"] = False  # else they pass `signed_only` by
        return app

    moto = signed_only(DomainDispatcherApplication(backend_app))
    app = loopback_only(with_mail_list(with_changes_kept(moto, mirror)))
    WSGIRequestHandler.timeout = HEAD_S  # of each read; by itself it waits for ever, and holds a thread
    server = make_server("127.0.0.1", port, app, threaded=True)
    print(STARTED, flush=True)  # noqa: T201 what the parent waits for
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
