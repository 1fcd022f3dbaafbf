"""The template's tables and queues for a test, and what the functions are told about them."""

import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3

from infra.laptop import deploy
from infra.laptop.awslambda import function
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template, expand

ROOT = Path(__file__).parents[1]
MAIL = {"FROM_EMAIL": "alerts@fraud.example", "PUBLIC_URL": "https://fraud.example"}
KEYS = {"SCORE_KEY_IDS": "ScoreKey", "ANALYST_KEY_IDS": "AnalystKey", "ADMIN_KEY_IDS": "AdminKey"}
OF_ONE_FUNCTION = {"SERVICE_FUNCTIONS", "MESSAGE_ATTEMPTS", "DEAD_LETTER_QUEUE_URLS", "OMP_NUM_THREADS"}
FILES = {"AWS::S3::Bucket", "AWS::StepFunctions::StateMachine"}  # half a second, which only batch needs
WATCHING = {"AWS::CloudWatch::Alarm", "AWS::Events::Rule", "AWS::SNS::Subscription"}  # no handler calls them


@lru_cache
def template(*, files: bool = False) -> Template:
    """What a handler may call. Expanded once a session; nobody changes it."""
    whole, left_out = _whole(), WATCHING if files else WATCHING | FILES
    called = {name: one for name, one in whole["Resources"].items() if one["Type"] not in left_out}
    return {**whole, "Resources": called}


@lru_cache
def _whole() -> Template:
    return expand(ROOT / "template.yaml")


def client(service: str) -> Any:
    """A boto3 client, made once for each place that it may point to: making one takes longer than making a table."""
    return _client(service, os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"))


@lru_cache
def _client(service: Any, endpoint: str | None) -> Any:
    return boto3.client(service)


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the test's data lies."""

    resolver: Resolver = field(repr=False)

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Hypothesis would print the whole template beside every failure, and then fail of that."""
        printer.text(repr(self))

    @classmethod
    def create(cls, *, files: bool = False) -> "Stack":
        """Make the tables and queues wherever boto3 points now; with `files` the bucket and the state machine too."""
        return cls(deploy.deploy(template(files=files), {}, client))

    @property
    def transactions(self) -> str:
        """The name of the transactions table."""
        return self.resolver.refs["TransactionsTable"]

    @property
    def policies(self) -> str:
        """The name of the policies table."""
        return self.resolver.refs["PoliciesTable"]

    @property
    def aggregates(self) -> str:
        """The name of the aggregates table."""
        return self.resolver.refs["AggregatesTable"]

    @property
    def erasures(self) -> str:
        """The name of the table of erased accounts."""
        return self.resolver.refs["ErasuresTable"]

    @property
    def jobs(self) -> str:
        """The name of the jobs table."""
        return self.resolver.refs["JobsTable"]

    @property
    def bucket(self) -> str:
        """The name of the bucket of files."""
        return self.resolver.refs["JobsBucket"]

    @property
    def unpersisted(self) -> str:
        """The URL of the parking queue."""
        return self.resolver.refs["UnpersistedQueue"]

    @property
    def ingest(self) -> str:
        """The URL of the queue between taking in and scoring."""
        return self.resolver.refs["IngestQueue"]

    def items(self) -> list[dict[str, Any]]:
        """Everything in the transactions table, as far as one page goes."""
        found: list[dict[str, Any]] = client("dynamodb").scan(TableName=self.transactions)["Items"]
        return found

    def messages(self, queue: str = "") -> list[str]:
        """The bodies of all messages in a queue, the parking queue by default; they are taken out."""
        sqs, bodies, queue = client("sqs"), [], queue or self.unpersisted
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in found:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def parked(self) -> list[Any]:
        """The items in the parking queue, in the order they were parked."""
        return [item for body in self.messages() for item in json.loads(body)["items"]]


def environment(stack: Stack) -> dict[str, str]:
    """What the template tells all functions together, with this repository's artifact and known key ids.

    No services to ask and no dead letters to count: a test that wants some says so.
    """
    resources = stack.resolver.template["Resources"].items()
    functions = [name for name, resource in resources if resource["Type"] == "AWS::Lambda::Function"]
    told: dict[str, str] = {}
    for name in (*functions, "ModelFunction"):  # whose name for itself all of them take here
        told |= function.environment(stack.resolver, name)
    told = {name: value for name, value in told.items() if name not in OF_ONE_FUNCTION}
    return told | KEYS | MAIL | {"MODEL_DIR": str(ROOT / "model/artifact/model")}
