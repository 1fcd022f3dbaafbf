"""An SES on a real port that takes mails, or refuses, or dies, as the test says."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from tests.notification_app import ReceivedMail

# What it can do, as SES's errors are: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
ERRORS = {
    "throttle": (429, "TooManyRequestsException"),
    "refuse": (400, "MessageRejected"),
    "down": (503, "ServiceUnavailable"),
}


@dataclass
class Ses:
    """`act` says what happens to each attempt: `take`, one of `ERRORS`, or `lose`: taken, and the response is lost."""

    act: Callable[[], str] = lambda: "take"
    url: str = ""
    taken: list[ReceivedMail] = field(default_factory=list)
    attempts: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def times(self) -> Counter[str]:
        """How often each mail was taken, by its id."""
        return Counter(got.mail_id for got in self.taken)

    def take(self, body: bytes) -> str:
        """Decides what is done with an attempt."""
        with self.lock:
            self.attempts += 1
            action = self.act()
            if action in {"take", "lose"}:
                raw = b64decode(json.loads(body)["Content"]["Raw"]["Data"])
                self.taken.append(ReceivedMail.read(len(self.taken), message_from_bytes(raw, policy=default)))
            return action


@contextmanager
def serving() -> Iterator[Ses]:
    """It serves while the block runs."""
    ses = Ses()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            action = ses.take(self.rfile.read(int(self.headers["Content-Length"])))
            if action == "lose":
                self.close_connection = True
                return
            status, code = ERRORS.get(action, (200, ""))
            body = json.dumps({"MessageId": "m"} if status == 200 else {"__type": code, "message": "no"}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-amzn-ErrorType", code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its name there
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    ses.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield ses
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
