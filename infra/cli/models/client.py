"""`fraudshield model`: models are published into the bucket, and put in force and taken back through the API."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.errors import ConfigurationError, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.predictor.artifact import MANIFEST_FILE, MODEL_FILE, Artifact
from fraudshield.predictor.own_type import TypeVersions, read_of_type
from fraudshield.predictor.published import FILES, REPORT_FILE, PublishedModel, models_of
from fraudshield.text.json_text import json_text
from infra.cli.event_type import EventTypeClient, of_response
from infra.cli.job_client import Answer, call

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VERSIONS = "/api/v1/model/versions"
COMPARISONS = "/api/v1/model/comparisons"
MEDIA = {MODEL_FILE: "application/json", MANIFEST_FILE: "application/json", REPORT_FILE: "text/html"}


@dataclass(frozen=True, slots=True)
class ModelsClient:
    """Speaks to one gateway with one key."""

    url: str
    key: str

    def all(self, event_type: str) -> Answer:
        """The published models, and the one in force. Raises Unavailable."""
        return call(self.url, self.key, "GET", f"{VERSIONS}?event_type={quote(event_type, safe='')}", None)

    def activate(self, version: str, event_type: str, said: dict[str, Any]) -> Answer:
        """The model that is in force then. Raises InvalidInput, Unavailable."""
        where = f"{VERSIONS}/{quote(version, safe='')}/activate?event_type={quote(event_type, safe='')}"
        return call(self.url, self.key, "POST", where, json_text(said).encode())

    def propose(self, event_type: str, asked: dict[str, Any]) -> Answer:
        """A draft with other thresholds. Raises InvalidInput, Unavailable."""
        where = f"/api/v1/model/thresholds/propose?event_type={quote(event_type, safe='')}"
        return call(self.url, self.key, "POST", where, json_text(asked).encode())

    def challenge(self, version: str, event_type: str) -> Answer:
        """The models that are judged beside the one in force then. Raises InvalidInput, Unavailable."""
        where = f"{VERSIONS}/{quote(version, safe='')}/challenge?event_type={quote(event_type, safe='')}"
        return call(self.url, self.key, "POST", where, b"{}")

    def compare(self, event_type: str, said: dict[str, Any]) -> Answer:
        """The comparison that was begun. Raises InvalidInput, Unavailable."""
        where = f"{COMPARISONS}?event_type={quote(event_type, safe='')}"
        return call(self.url, self.key, "POST", where, json_text(said).encode())

    def comparison(self, comparison_id: str) -> Answer:
        """How it is. Raises NotFound, Unavailable."""
        return call(self.url, self.key, "GET", f"{COMPARISONS}/{quote(comparison_id, safe='')}", None)

    def roll_back(self, event_type: str, note: str) -> Answer:
        """The model that is in force then. Raises InvalidInput, Unavailable."""
        where = f"/api/v1/model/rollback?event_type={quote(event_type, safe='')}"
        return call(self.url, self.key, "POST", where, json_text({"note": note}).encode())


@dataclass(frozen=True, slots=True)
class TypesOfApi:
    """The `TypeVersions` port over the API, which is asked for other types than the built-in one."""

    reached: Callable[[], tuple[str, str]]

    def newest(self, name: str) -> EventType:
        """The version in force. Raises NotFound, Unavailable."""
        return of_response(EventTypeClient(*self.reached()).show(name, None))

    def version(self, name: str, number: int) -> EventType:
        """Any version. Raises NotFound, Unavailable."""
        return of_response(EventTypeClient(*self.reached()).show(name, number))


def publish(s3: "S3Client", bucket: str, folder: Path, event_type: str, types: TypeVersions) -> PublishedModel:
    """Writes a model's files below the digest of its manifest, which comes last: what has one is whole.

    Raises:
        ModelRefused: it is damaged, does not go with this release, or is not of an event type that there is.
        InvalidInput: another model was published as this version.
        ConfigurationError: the bucket cannot be written to.
    """
    found = {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}
    artifact = Artifact(found.get(MANIFEST_FILE, b""), found.get(MODEL_FILE, b""))
    model = read_of_type(artifact, event_type, types)
    made = PublishedModel(event_type, model.version, artifact.sha256, REPORT_FILE in found)
    try:
        _unless_taken(s3, bucket, made)
        for name in FILES:
            if name in found:
                s3.put_object(Bucket=bucket, Key=made.key(name), Body=found[name], ContentType=MEDIA[name])
    except (BotoCoreError, ClientError) as exc:
        raise ConfigurationError(f"The model cannot be written to {bucket}: {exc}") from exc
    return made


def _unless_taken(s3: "S3Client", bucket: str, made: PublishedModel) -> None:
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=made.of_version)
    there = models_of([one["Key"] for page in listed for one in page.get("Contents", [])])
    if any(one.sha256 != made.sha256 for one in there):
        raise InvalidInput(f"Another model was published as {made.version}; give this one a version of its own")
