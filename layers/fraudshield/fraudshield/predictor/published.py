"""Models that were published: each under the digest of its manifest, in a bucket that functions only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fraudshield.errors import Conflict, NotFound
from fraudshield.predictor.artifact import MANIFEST_FILE, MODEL_FILE, Artifact

MODELS = "models/"  # the prefix of their keys
REPORT_FILE = "report.html"
FILES = (MODEL_FILE, REPORT_FILE, MANIFEST_FILE)  # in the order that they are written: what has a manifest is whole


class AmbiguousVersion(Conflict):
    """Two models were published under one version."""

    code = "ambiguous_version"


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A model of an event type by its version and the digest of its manifest."""

    event_type: str
    version: str
    sha256: str
    has_report: bool = False

    @property
    def of_version(self) -> str:
        """What the keys of all models of its version begin with."""
        return f"{MODELS}{self.event_type}/{self.version}/"

    def key(self, file: str) -> str:
        """The key of one of its files."""
        return f"{self.of_version}{self.sha256}/{file}"


class ModelStore(Protocol):
    """Where models are published. Every method raises FilesUnavailable."""

    def artifact(self, model: PublishedModel) -> Artifact:
        """Both files. Raises NotFound."""

    def manifest(self, model: PublishedModel) -> bytes:
        """The manifest alone. Raises NotFound."""

    def report(self, model: PublishedModel) -> str:
        """The report. Raises NotFound."""

    def published(self, event_type: str, version: str = "") -> Sequence[PublishedModel]:
        """Those of an event type, or of one version of it, by version."""


def models_of(keys: Sequence[str]) -> list[PublishedModel]:
    """The models that have these files. One without a manifest is not published yet."""
    files: dict[tuple[str, str, str], set[str]] = {}
    for key in keys:
        parts = key.removeprefix(MODELS).split("/")
        if len(parts) == 4:
            event_type, version, sha256, file = parts
            files.setdefault((event_type, version, sha256), set()).add(file)
    return [PublishedModel(*of, REPORT_FILE in found) for of, found in sorted(files.items()) if MANIFEST_FILE in found]


def find(store: ModelStore, event_type: str, version: str) -> PublishedModel:
    """The published model of this version. Raises NotFound, AmbiguousVersion, FilesUnavailable."""
    found = store.published(event_type, version)
    if not found:
        raise NotFound(f"No model {version} of {event_type} has been published")
    if len(found) > 1:
        digests = " and ".join(one.sha256[:12] for one in found)
        raise AmbiguousVersion(f"Two models were published as {version}: {digests}; publish it under another version")
    return found[0]
