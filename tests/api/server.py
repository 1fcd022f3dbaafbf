"""The functions behind one address, for what speaks HTTP: in this process, and one call at a time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from tests.api.whole_api import handler_of
from tests.caller import Caller


class _Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name != "Accept-Encoding"}
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        found = Caller(headers=headers, handler=handler_of(self.path)).send_text(self.command, self.path, body or None)
        content = found.text.encode()
        self.send_response(found.status)
        for name in {"content-type", "link"} & found.headers.keys():
            self.send_header(name, found.headers[name])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _serve(server: HTTPServer) -> None:
    """With an event loop, as Lambda's thread has one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        server.serve_forever(0.02)
    finally:
        loop.close()


@contextmanager
def served() -> Iterator[str]:
    """The address at which they answer as long as the block lasts; any key is an administrator's."""
    server = HTTPServer(("127.0.0.1", 0), _Api)
    thread = Thread(target=_serve, args=(server,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
