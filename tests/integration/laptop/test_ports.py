"""Every port that a laptop cloud listens on, as the system lists them: no web page of elsewhere is answered there."""

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.laptop.test_cloud import SOON_S, Up, descendants, up

TABLE = "/proc/net/tcp"
LISTENING = "0A"
PAGE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
PROBES: dict[str, dict[str, str]] = {
    "a page of elsewhere": PAGE,
    "an old browser's page": {"Origin": "https://evil.example"},
    "a name that was rebound": {"Host": "evil.example"},
    "a page under a rebound name": {"Host": "evil.example", "Origin": "http://evil.example"},
}
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=x/20261129/eu-west-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=00"
)
LIST_TABLES = {
    "Authorization": SIGNED,
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20261129T000000Z",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
}
PATHS = ("/", "/health", "/2015-03-31/functions/ModelFunction/invocations", "/2018-06-01/runtime/invocation/next")
HEAD_S = 30.0  # of patience with a client that says nothing; what listens has ten seconds


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    if not Path(TABLE).exists():
        pytest.skip(f"there is no {TABLE} here")
    with up(tmp_path_factory.mktemp("cloud") / "home") as running:
        running.score("so that a worker listens")
        yield running


def ports(cloud: Up) -> set[int]:
    """The TCP ports that the cloud's processes listen on, whatever anybody says of them."""
    sockets: set[str] = set()
    for pid in {cloud.process.pid} | descendants(cloud.process.pid):
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                sockets.add(str(descriptor.readlink()))
            except OSError:  # closed meanwhile
                continue
    rows = [line.split() for line in Path(TABLE).read_text().splitlines()[1:]]
    return {
        int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in sockets
    }


def answer(port: int, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON_S)
    try:
        connection.request(method, path, b"{}", headers)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def test_the_system_lists_all_that_are_told_and_more(cloud: Up) -> None:
    told = [cloud.address.gateway, cloud.address.page, cloud.address.outbox, *vars_of(cloud)]
    found = ports(cloud)
    assert {int(url.rpartition(":")[2]) for url in told} <= found
    assert len(found) >= len(told) + 8  # services' own ports, and a worker's


def vars_of(cloud: Up) -> list[str]:
    sdk = cloud.address.sdk
    return [sdk.services, sdk.dynamodb, sdk.functions]


@pytest.mark.parametrize("probe", PROBES)
def test_no_port_answers_a_web_page_of_elsewhere(cloud: Up, probe: str) -> None:
    gateways = {int(url.rpartition(":")[2]) for url in (cloud.address.gateway, cloud.address.page)}
    for port in ports(cloud):
        for path in PATHS:
            for method in ("OPTIONS", "GET", "POST"):
                status, headers, body = answer(port, method, path, LIST_TABLES | PROBES[probe])
                where = f"{method} {port}{path}: {status} {headers} {body[:200]!r}"
                assert headers.get("access-control-allow-origin") not in {"*", PAGE["Origin"]}, where
                assert b"TransactionsTable" not in body, where
                if (
                    port not in gateways or "Host" in PROBES[probe]
                ):  # CORS and keys are the gateway's guard against a page
                    assert status == 403, where


def test_what_a_web_page_is_refused_a_program_gets(cloud: Up) -> None:
    port = int(cloud.address.sdk.dynamodb.rpartition(":")[2])
    status, _, body = answer(port, "POST", "/", LIST_TABLES)
    assert status == 200
    assert "TransactionsTable" in json.loads(body)["TableNames"]


def test_no_port_keeps_a_client_that_says_nothing(cloud: Up) -> None:
    begun_heads = [(port, begun) for port in ports(cloud) for begun in (b"", b"GET / HT")]
    silent = {one: socket.create_connection(("127.0.0.1", one[0])) for one in begun_heads}
    try:
        for (_, begun), connection in silent.items():
            connection.sendall(begun)
            connection.settimeout(HEAD_S)
        for (port, begun), connection in silent.items():
            assert hung_up(connection), f"{port} after {begun!r}"
    finally:
        for connection in silent.values():
            connection.close()


def hung_up(connection: socket.socket) -> bool:
    try:
        while connection.recv(4096):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        pass
    return True
