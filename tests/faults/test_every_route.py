"""Every listening port, every route, with ids that cannot be: nothing fails, and an honest read beside is answered.

The ports are found as the system lists them, the routes as the contract does.
"""

import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.faults.harness.client import ANSWER_S
from tests.integration.laptop.test_cloud import Up, until, up
from tests.integration.laptop.test_ports import TABLE, ports

CONTRACT = json.loads((ROOT / "functions/gateway/openapi.json").read_text())["paths"]
PREFIX = "/api/v1/"
ADMIN = "ADMIN_API_KEY"
HONEST = "honest"
LATE, PATIENCE = 504, 5
WARM_S = 240.0  # nine cold starts, beside whatever else a machine does
GONE = (0, b"nobody listens here any more")
IDS: Mapping[str, str] = {
    "0 bytes": "",
    "1 byte": "a",
    "2,048 bytes": "a" * 2048,
    "2,049 bytes": "a" * 2049,
    "2,048 bytes in 1,024 characters": "%C3%A9" * 1024,
    "2,050 bytes in 1,025 characters": "%C3%A9" * 1025,
    "a zero byte": "%00",
    "a slash": "%2F",
    "a slash inside": "a%2Fb",
    "two dots": "..",
    "two dots, encoded": "%2E%2E",
    "two dots, encoded twice": "%252E%252E%252F",
    "a percent sign alone": "%",
    "no hexadecimal": "%zz",
    "not UTF-8": "%FF",
    "half a character": "%C3",
    "a surrogate": "%ED%A0%80",
    "a replacement character": "%EF%BF%BD",
    "a byte order mark": "%EF%BB%BF",
    "a line": "%0D%0A",
    "a blank": "%20",
    "a plus": "+",
    "a question mark": "%3F",
    "a number sign": "%23",
    "a semicolon": ";a=b",
    "braces": "%7Bid%7D",
}
ELSEWHERE = (  # what the ports beside the services' know, and what nobody does
    ("GET", "/{id}"),
    ("POST", "/{id}"),
    ("GET", "/mails/{id}"),
    ("GET", "/mails/{id}/html"),
    ("POST", "/2015-03-31/functions/{id}/invocations"),
    ("POST", "/2018-06-01/runtime/invocation/{id}/response"),
    ("POST", "/2018-06-01/runtime/invocation/{id}/error"),
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    if not Path(TABLE).exists():
        pytest.skip(f"NOT TESTED: there is no {TABLE} here")
    with up(tmp_path_factory.mktemp("cloud") / "home", env={"RATE_LIMIT_REQUESTS": "100000"}) as running:
        until(lambda: warm(running), WARM_S)
        running.score(HONEST)
        yield running


def warm(cloud: Up) -> bool:
    """Whether every service has a process: a cold start on a loaded machine is no answer to an id."""
    status, said = cloud.call("GET", "/services/status", ADMIN)
    return status == 200 and said["gateway_status"] == "healthy"


def routes(service: str) -> list[tuple[str, str]]:
    """Method and path of every route: of the gateway with all prefixes, of a service at its own port without."""
    found = []
    for path, operations in CONTRACT.items():
        for method, operation in operations.items():
            names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
            queries = [f"?{name}={{id}}" for name in names if name.endswith("_id") or name in {"account", "cursor"}]
            found += [(method.upper(), f"{path}{query}") for query in ("", *queries)]
    if service == "gateway":
        return found
    own = f"{PREFIX}{'notifications' if service == 'notification' else service}"
    return [(method, path.removeprefix(own)) for method, path in found if path.startswith(f"{own}/")]


def asked(port: int, method: str, path: str, key: str) -> tuple[int, bytes]:
    """Status and body; the path goes out as it is written. What a loaded machine was late with is asked again."""
    responses = (sent(port, method, path, key) for _ in range(PATIENCE))
    return next((one for one in responses if one[0] != LATE), (LATE, b"again and again"))


def sent(port: int, method: str, path: str, key: str) -> tuple[int, bytes]:
    """One request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.connect()
    except ConnectionRefusedError:  # each process of a function has a port, and goes when there is nothing to do
        return GONE
    try:
        body = None if method == "GET" else b"{}"
        connection.request(method, path, body, {"X-API-Key": key, "Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def service(port: int, key: str) -> str:
    """The service that answers there; empty for what is none."""
    status, body = asked(port, "GET", "/health", key)
    try:
        return str(json.loads(body)["service"]) if status in {200, 503} else ""
    except (ValueError, KeyError, TypeError):
        return ""


def attacks(cloud: Up) -> Iterator[tuple[int, str, str, str]]:
    """Port, method, path and the id's name of every request."""
    for port in sorted(ports(cloud)):
        known = service(port, cloud.keys[ADMIN])
        for method, path in routes(known) if known else ELSEWHERE:
            for name, text in IDS.items() if "{" in path else [("none", "")]:
                yield port, method, filled(path, text), name


def filled(path: str, text: str) -> str:
    """The path with the id in the place of its parameter."""
    begin, end = path.index("{") if "{" in path else len(path), path.rindex("}") + 1 if "}" in path else len(path)
    return path[:begin] + text + path[end:]


@contextmanager
def honest_reads(cloud: Up) -> Iterator[list[int]]:
    """Statuses of reads that somebody else makes meanwhile."""
    statuses: list[int] = []
    over = threading.Event()
    gateway = urlsplit(cloud.address.gateway).port or 0

    def read() -> None:
        while not over.wait(0.05):
            path = f"{PREFIX}database/transactions/{HONEST}"
            statuses.append(asked(gateway, "GET", path, cloud.keys[ADMIN])[0])

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield statuses
    finally:
        over.set()
        thread.join()


@pytest.mark.long
def test_no_id_at_any_port_is_more_than_any_route_can_take(cloud: Up) -> None:
    failed, gone, made = [], set(), 0
    with honest_reads(cloud) as statuses:
        for port, method, path, name in attacks(cloud):
            status, body = asked(port, method, path, cloud.keys[ADMIN])
            made += status > 0
            gone |= set() if status else {port}
            if status >= 500:
                failed.append(f"{method} :{port}{path[:80]} ({name}): {status} {body[:160]!r}")
    assert not failed, "\n".join(failed)
    assert gone & ports(cloud) == set()
    assert set(statuses) == {200}
    assert made > 1000


def test_every_service_is_found_at_a_port_of_its_own_and_at_the_gateway(cloud: Up) -> None:
    found = {service(port, cloud.keys[ADMIN]) for port in ports(cloud)} - {""}
    named = ("analytics", "batch", "database", "ingest", "model", "monitoring", "notification", "policy")
    assert found == {"gateway", *named}


def test_an_id_stands_where_the_parameter_is() -> None:
    assert filled("/a/{id}/b", "x") == "/a/x/b"
    assert filled("/a?account={id}", "%00") == "/a?account=%00"
    assert list(itertools.chain(*(routes("database")[:1]))) != []
