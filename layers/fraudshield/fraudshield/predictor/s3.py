"""Published models in S3. A function's role may read below their prefix, and only the publisher's may write there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws.client import s3
from fraudshield.errors import FilesUnavailable, NotFound
from fraudshield.predictor.artifact import MANIFEST_FILE, MODEL_FILE, MOST_BYTES, Artifact
from fraudshield.predictor.published import MODELS, REPORT_FILE, PublishedModel, models_of

GONE = {"NoSuchKey", "404", "NotFound"}
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class S3ModelStore:
    """The `ModelStore` port on one bucket."""

    bucket: str

    def artifact(self, model: PublishedModel) -> Artifact:
        return Artifact(self._file(model, MANIFEST_FILE), self._file(model, MODEL_FILE))

    def manifest(self, model: PublishedModel) -> bytes:
        return self._file(model, MANIFEST_FILE)

    def report(self, model: PublishedModel) -> str:
        return self._file(model, REPORT_FILE).decode(errors="replace")

    def published(self, event_type: str, version: str = "") -> list[PublishedModel]:
        prefix = f"{MODELS}{event_type}/{version + '/' if version else ''}"
        keys: list[str] = []
        asked: dict[str, Any] = {"Bucket": self.bucket, "Prefix": prefix}
        while True:
            page = _asked(lambda: s3().list_objects_v2(**asked), prefix)
            keys += [one["Key"] for one in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                return models_of(keys)
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _file(self, model: PublishedModel, file: str) -> bytes:
        """One byte more than a file may have, so that who reads it sees that it is too large."""
        key = model.key(file)
        found = _asked(lambda: s3().get_object(Bucket=self.bucket, Key=key), key)
        return _asked(lambda: bytes(found["Body"].read(MOST_BYTES + 1)), key)


def _asked(call: Callable[[], Answer], key: str) -> Answer:
    try:
        return call()
    except ClientError as exc:
        if exc.response["Error"]["Code"] in GONE:
            raise NotFound(f"{key.rpartition('/')[2] or key} of the model is not there") from exc
        raise FilesUnavailable("Published models cannot be read right now") from exc
    except (BotoCoreError, OSError) as exc:
        raise FilesUnavailable("Published models cannot be read right now") from exc
