"""The laptop cloud as a process: it answers, it feeds queues, and it leaves nothing behind however it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra.laptop.process import dynoxide
from infra.laptop.state import CloudAddress, StateDirectory
from tests.conftest import ROOT

PROGRAM = "from infra.cli.main import main; main()"
SCORING = ("--only", "gateway", "--only", "model")  # a cloud of two functions starts and ends in half the time
OF_THE_USER = {"AWS_PROFILE": "no-such-profile", "HTTP_PROXY": "http://127.0.0.1:9"}  # must not matter
START_S = 180.0  # on a machine that others load
SOON_S = 60.0
POLL_S = 0.05
LATE = {503, 504}  # on a machine that others load: asked again
TRANSACTION = json.loads((ROOT / "events/model_api_score.json").read_text())["body"]


@dataclass(frozen=True, slots=True)
class Up:
    """A running cloud."""

    process: "subprocess.Popen[str]"
    state: StateDirectory
    address: CloudAddress
    keys: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = self.address.sdk.client(service)
        return self.clients[service]

    def post(self, path: str, body: str, key: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json"} | ({"X-API-Key": key} if key else {})
        return answer(urllib.request.Request(self.address.gateway + path, body.encode(), headers))

    def score(self, transaction_id: str) -> dict[str, Any]:
        sent = json.loads(TRANSACTION)["transactions"][0] | {"transaction_id": transaction_id}
        said: dict[str, Any] = {}

        def scored() -> bool:
            body = json.dumps({"transactions": [sent]})
            status, response = self.post("/api/v1/score", body, self.keys["TEST_API_KEY"])
            assert status in LATE | {200}, response
            said.update(response)
            return status == 200

        until(scored)
        result: dict[str, Any] = said["results"][0]
        return result

    def call(self, method: str, path: str, setting: str, body: str | None = None) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json", "X-API-Key": self.keys[setting]}
        data = None if body is None else body.encode()
        return answer(urllib.request.Request(self.address.gateway + path, data, headers, method=method))

    def stored(self) -> set[str]:
        items = self.client("dynamodb").scan(TableName="TransactionsTable")["Items"]
        return {item["transaction_id"]["S"] for item in items}


def answer(request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(request, timeout=SOON_S) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code, json.load(exc)


def fraudshield(*arguments: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PROGRAM, *arguments]
    told = os.environ | OF_THE_USER | {"NO_COLOR": "1", "COLUMNS": "200"} | (env or {})
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def up(home: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[Up]:
    """Started on free ports; killed at the end if it is still there."""
    command = [sys.executable, "-c", PROGRAM, "up", "--port-base", "0", "--home", str(home), *arguments]
    with (home.parent / f"{home.name}.out").open("w+") as out:
        told = os.environ | OF_THE_USER | (env or {})
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=out, stderr=out, text=True)
        try:
            state = StateDirectory(home)
            until(lambda: state.running() or process.poll() is not None, START_S)
            address = state.running()
            assert address, (home.parent / f"{home.name}.out").read_text()
            running = Up(process, state, address, json.loads(state.keys.read_text()))
            yield running
            for client in running.clients.values():
                client.close()
        finally:
            process.kill()
            process.wait()


def until(holds: Callable[[], object], within_s: float = SOON_S) -> None:
    give_up_at = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(POLL_S)


def descendants(pid: int) -> set[int]:
    said = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in said.splitlines())}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    """Those that still run; a zombie does not."""
    said = subprocess.run(["ps", "-e", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    running = {int(pid) for pid, state in (line.split() for line in said.splitlines()) if not state.startswith("Z")}
    return pids & running


def listening(cloud: Up) -> list[str]:
    urls = [cloud.address.gateway, cloud.address.sdk.services, cloud.address.sdk.dynamodb, cloud.address.sdk.functions]
    return [url for url in urls if reachable(int(url.rpartition(":")[2]))]


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("cloud") / "home") as running:
        yield running


@pytest.fixture
def engine() -> None:
    found = dynoxide.binary()
    if isinstance(found, dynoxide.EngineMissing):
        pytest.skip(found.reason)


def test_a_transaction_is_scored_with_a_key_and_stored(cloud: Up) -> None:
    result = cloud.score("with-a-key")
    assert (result["decision"], result["persisted"]) == ("approve", True)
    assert "with-a-key" in cloud.stored()


def test_without_a_key_nobody_scores(cloud: Up) -> None:
    status, said = cloud.post("/api/v1/score", TRANSACTION)
    assert (status, said["code"]) == (403, "key_refused")


@pytest.mark.parametrize(
    ("setting", "method", "status"),
    [
        ("TEST_API_KEY", "GET", 403),
        ("FRONTEND_API_KEY", "GET", 200),
        ("FRONTEND_API_KEY", "PUT", 403),
        ("ADMIN_API_KEY", "PUT", 422),
    ],
)
def test_a_key_opens_what_its_scope_says(cloud: Up, setting: str, method: str, status: int) -> None:
    request = urllib.request.Request(
        f"{cloud.address.gateway}/api/v1/model/policy",
        data=b"{}" if method == "PUT" else None,
        headers={"X-API-Key": cloud.keys[setting], "Content-Type": "application/json"},
        method=method,
    )
    got, said = answer(request)
    assert got == status
    assert said.get("code") == {403: "scope_missing", 422: "invalid_policy", 200: None}[status]


@pytest.mark.long
def test_a_key_over_its_burst_is_told_to_wait_and_the_others_are_not(tmp_path: Path) -> None:
    with up(tmp_path / "home", *SCORING, env={"RATE_LIMIT_REQUESTS": "2", "RATE_LIMIT_WINDOW": "3600"}) as cloud:

        def info(setting: str) -> int:
            headers = {"X-API-Key": cloud.keys[setting]}
            return answer(urllib.request.Request(f"{cloud.address.gateway}/api/v1/model/model/info", headers=headers))[
                0
            ]

        assert [info("FRONTEND_API_KEY") for _ in range(4)] == [200, 200, 429, 429]
        assert info("ADMIN_API_KEY") == info("TEST_API_KEY") == 200


def test_a_parked_decision_finds_its_way_into_the_store(cloud: Up) -> None:
    body = json.loads((ROOT / "events/model_sqs_parked.json").read_text())["Records"][0]["body"]
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="UnpersistedQueue")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=body)
    until(lambda: {"parked-1", "parked-2"} <= cloud.stored())
    until(lambda: depth(sqs, url) == 0)


def test_a_payment_is_taken_in_scored_counted_labelled_listed_and_forgotten(cloud: Up) -> None:
    sent = json.loads(TRANSACTION)["transactions"][0]
    sent |= {"transaction_id": "walked", "nameOrig": "C777", "amount": 12.34}
    status, said = cloud.call(
        "POST", "/api/v1/ingest/ingest", "TEST_API_KEY", json.dumps({"transactions": [sent, {"amount": "x"}]})
    )
    assert (status, said["transaction_ids"], len(said["rejected"])) == (202, ["walked"], 1)
    one = "/api/v1/database/transactions/walked"
    until(lambda: cloud.call("GET", one, "FRONTEND_API_KEY")[0] == 200)
    found = cloud.call("GET", one, "FRONTEND_API_KEY")[1]["transaction"]
    assert (found["source"], found["decision"], found["amount"]) == ("queue", "approve", 12.34)
    until(lambda: counted(cloud) == 1)
    label = json.dumps({"label": "fraud", "source": "chargeback"})
    assert cloud.call("PUT", f"{one}/label", "FRONTEND_API_KEY", label)[0] == 200
    until(lambda: counted(cloud, "label.fraud") == 1)
    until(lambda: analysed(cloud) == (1, 1, 12.34))
    _, page = cloud.call("GET", "/api/v1/database/transactions?account=C777", "FRONTEND_API_KEY")
    assert [(row["transaction_id"], row["label"]) for row in page["transactions"]] == [("walked", "fraud")]
    assert cloud.call("DELETE", "/api/v1/database/accounts/C777", "ADMIN_API_KEY")[0] == 200
    assert cloud.call("GET", one, "FRONTEND_API_KEY")[0] == 404
    assert counted(cloud) == 1  # counts are history, and hold nothing about a person


def counted(cloud: Up, name: str = "transactions", source: str = "queue") -> float:
    """What the stream has brought to the counts of a source."""
    items = cloud.client("dynamodb").scan(TableName="AggregatesTable")["Items"]
    return sum(
        float(one[name]["N"])
        for one in items
        if (one["series"]["S"], one["bucket"]["S"]) == ("total", source) and name in one
    )


def analysed(cloud: Up) -> tuple[int, int, float]:
    """Of the queue, as analytics tells it: transactions, frauds, money; nothing while it cannot tell."""
    status, said = cloud.call("GET", "/api/v1/analytics/dashboard-summary?days=2&sources=queue", "FRONTEND_API_KEY")
    if status != 200:
        return (0, 0, 0.0)
    total = said["fraud_trends"]["total"]
    assert said["as_of"] is not None
    assert said["model_performance"]["labelled_fraud"] == total["labelled_fraud"]
    return total["transactions"], total["labelled_fraud"], total["amount"]


def depth(sqs: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())


def test_what_cannot_be_backfilled_ends_in_the_dead_letter_queue(cloud: Up) -> None:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="UnpersistedQueue")["QueueUrl"]
    dead = sqs.get_queue_url(QueueName="UnpersistedDeadLetters")["QueueUrl"]
    before = depth(sqs, dead)
    sqs.send_message(QueueUrl=url, MessageBody="no decisions are in this")
    until(lambda: depth(sqs, dead) == before + 1)
    until(lambda: depth(sqs, url) == 0)  # it is settled: nothing brings it again


def test_boto3_talks_to_it(cloud: Up) -> None:
    s3 = cloud.client("s3")
    location = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="drop", CreateBucketConfiguration=location)
    s3.put_object(Bucket="drop", Key="a.csv", Body=b"1,2")
    assert s3.get_object(Bucket="drop", Key="a.csv")["Body"].read() == b"1,2"
    assert "TransactionsTable" in cloud.client("dynamodb").list_tables()["TableNames"]


@pytest.mark.parametrize(
    ("service", "command", "found"),
    [
        ("dynamodb", ["dynamodb", "scan", "--table-name", "TransactionsTable", "--select", "COUNT"], "ScannedCount"),
        ("sqs", ["sqs", "list-queues"], "UnpersistedQueue"),
        ("s3", ["s3", "mb", "s3://made-by-the-command"], "made-by-the-command"),
    ],
)
def test_the_aws_command_talks_to_it(cloud: Up, service: str, command: list[str], found: str) -> None:
    aws = shutil.which("aws")
    if aws is None or subprocess.run([aws, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("the aws command is not installed: `pip install awscli`, anywhere on PATH")
    sdk = cloud.address.sdk
    endpoint = sdk.dynamodb if service == "dynamodb" else sdk.services
    told = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "laptop", "AWS_SECRET_ACCESS_KEY": "laptop"}
    told |= {"AWS_DEFAULT_REGION": "eu-west-1", "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(
        [aws, "--endpoint-url", endpoint, *command], env=told, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert found in done.stdout


def test_dead_letters_are_redriven_by_the_command(cloud: Up) -> None:
    sqs, home = cloud.client("sqs"), str(cloud.state.home)
    url = sqs.get_queue_url(QueueName="AlarmsDeadLetters")["QueueUrl"]
    alarm = json.loads((ROOT / "events/monitoring_sns_alarm.json").read_text())
    of = {"functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:MonitoringAlarmFunction:$LATEST"}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"requestContext": of, "requestPayload": alarm}))
    done = fraudshield("redrive", "AlarmsDeadLetters", "--home", home)
    assert (done.returncode, done.stdout) == (0, "1 sent on, 0 left\n")
    until(lambda: cloud.client("dynamodb").scan(TableName="MonitoringTable", Select="COUNT")["Count"])
    sqs.send_message(QueueUrl=url, MessageBody="no message of ours")
    assert fraudshield("redrive", "AlarmsDeadLetters", "--home", home).returncode == 1
    assert fraudshield("redrive", "NoSuchQueue", "--home", home).returncode == 2
    sqs.purge_queue(QueueUrl=url)


def test_a_function_can_be_invoked_by_name(cloud: Up) -> None:
    done = fraudshield("invoke", "ModelFunction", "events/model_api_health.json", "--home", str(cloud.state.home))
    assert done.returncode == 0, done.stderr
    assert json.loads(json.loads(done.stdout)["body"])["status"] == "healthy"


def test_an_event_is_accepted_at_once(cloud: Up) -> None:
    event = (ROOT / "events/model_api_health.json").read_bytes()
    invoked = cloud.client("lambda").invoke(FunctionName="ModelFunction", InvocationType="Event", Payload=event)
    assert (invoked["StatusCode"], invoked["Payload"].read()) == (202, b"")


def test_a_function_that_raises_says_so_and_the_next_call_works(cloud: Up) -> None:
    client = cloud.client("lambda")
    failed = client.invoke(FunctionName="ModelFunction", Payload=b"{}")
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorType"] == "KeyError"
    event = (ROOT / "events/model_api_health.json").read_bytes()
    assert "FunctionError" not in client.invoke(FunctionName="ModelFunction", Payload=event)


def test_a_function_that_is_not_there_is_named(cloud: Up) -> None:
    client = cloud.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="no function Nobody"):
        client.invoke(FunctionName="Nobody", Payload=b"{}")


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
@pytest.mark.parametrize("part", ["services", "functions"])
def test_a_web_page_reaches_neither_services_nor_functions(cloud: Up, part: str, headers: dict[str, str]) -> None:
    url = getattr(cloud.address.sdk, part)
    if part == "functions":
        url += "/2015-03-31/functions/ModelFunction/invocations"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, b"{}", headers), timeout=SOON_S)
    with refused.value:
        assert refused.value.code == 403
        assert "access-control-allow-origin" not in refused.value.headers


def test_what_functions_log_can_be_read(cloud: Up) -> None:
    cloud.score("logged")
    done = fraudshield("logs", "model", "--home", str(cloud.state.home))
    assert "logged" in done.stdout
    assert fraudshield("logs", "nobody", "--home", str(cloud.state.home)).returncode != 0


def test_the_keys_can_be_shown_again(cloud: Up) -> None:
    done = fraudshield("keys", "--home", str(cloud.state.home))
    assert f"TEST_API_KEY={cloud.keys['TEST_API_KEY']}\n" in done.stdout


def test_one_state_directory_holds_one_cloud(cloud: Up) -> None:
    done = fraudshield("up", "--port-base", "0", "--home", str(cloud.state.home))
    assert done.returncode != 0
    assert f"process {cloud.process.pid}" in done.stderr


def test_a_port_that_is_taken_is_refused_with_who_has_it(cloud: Up, tmp_path: Path) -> None:
    port = cloud.address.gateway.rpartition(":")[2]
    done = fraudshield("up", "--port-base", port, "--home", str(tmp_path))
    assert done.returncode != 0
    assert f"Port {port} of 127.0.0.1 is taken by process {cloud.process.pid}" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_asked_to_end_it_leaves_no_process_and_no_port(tmp_path: Path, number: signal.Signals) -> None:
    with up(tmp_path / "home") as cloud:
        cloud.score("a")
        before = descendants(cloud.process.pid)
        assert len(before) >= 3
        cloud.process.send_signal(number)
        assert cloud.process.wait(SOON_S) == 0
        assert alive(before) == set()
        assert listening(cloud) == []
        assert cloud.state.running() is None


def test_down_ends_the_one_that_runs(tmp_path: Path) -> None:
    with up(tmp_path / "home", "--only", "model") as cloud:
        done = fraudshield("down", "--home", str(cloud.state.home))
        assert done.stdout == f"Ended process {cloud.process.pid}\n"
        assert cloud.process.wait(SOON_S) == 0
    assert fraudshield("down", "--home", str(cloud.state.home)).stdout == "Nothing runs here\n"


def test_killed_it_leaves_no_process_and_keeps_what_it_acknowledged(tmp_path: Path, engine: None) -> None:
    def parked(cloud: Up) -> str:
        return str(cloud.client("sqs").get_queue_url(QueueName="UnpersistedQueue")["QueueUrl"])

    with up(tmp_path / "home", *SCORING) as cloud:  # nobody reads the queue
        until(lambda: cloud.score("kept")["persisted"])
        cloud.client("sqs").send_message(QueueUrl=parked(cloud), MessageBody="parked before")
        before = descendants(cloud.process.pid)
        cloud.process.kill()
        cloud.process.wait()
        until(lambda: not alive(before))
        assert cloud.state.running() is None
    with up(tmp_path / "home", *SCORING) as cloud:
        assert "kept" in cloud.stored()
        found = cloud.client("sqs").receive_message(QueueUrl=parked(cloud), MaxNumberOfMessages=10)["Messages"]
        assert "parked before" in [one["Body"] for one in found]


@pytest.mark.long
def test_the_users_own_engine_is_used(cloud: Up, tmp_path: Path) -> None:
    moto = cloud.address.sdk.services  # it answers for DynamoDB too
    with up(tmp_path / "home", *SCORING, env={"AWS_ENDPOINT_URL_DYNAMODB": moto}) as other:
        assert other.score("elsewhere")["persisted"]
        assert other.address.sdk.dynamodb == moto
        assert other.stored() == {"elsewhere"}


def test_a_service_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = fraudshield("up", "--only", "nobody", "--port-base", "0", "--home", str(tmp_path))
    assert done.returncode != 0
    assert "There is no service nobody; there are" in done.stderr
