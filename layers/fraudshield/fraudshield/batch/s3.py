"""The `Files` port on one bucket of S3."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.aws.client import s3
from fraudshield.batch.job import JobFile
from fraudshield.batch.port import Rewrites
from fraudshield.batch.s3_join import NO_VERSION, Rewrite, S3ObjectWriter
from fraudshield.errors import FilesUnavailable, NotFound

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

GONE = {
    "404",
    "NoSuchKey",
    "NoSuchVersion",
    "NotFound",
    "NoSuchBucket",
    "MethodNotAllowed",
    "405",
}  # the last two: a delete marker
STEP_BYTES = 1 << 20
REWRITE = "rewrite"  # metadata of an object that an erasure wrote: a token, which means nothing by itself
BEFORE_TOKENS = "received-at"  # metadata of such an object by an earlier release
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class S3Files:
    """The `Files` port on one bucket. A presigned link is made without a request."""

    bucket: str
    rewrites: Rewrites

    def find(self, key: str, version: str | None = None) -> JobFile:
        asked: Any = {"Bucket": self.bucket, "Key": key} | ({"VersionId": version} if version else {})
        found = _requested(lambda: s3().head_object(**asked), key)
        file = JobFile(
            bucket=self.bucket,
            key=key,
            version=found.get("VersionId", NO_VERSION),
            size=found["ContentLength"],
            received_at=found["LastModified"].astimezone(UTC),
        )
        replaced = self._replaced(file, found.get("Metadata", {}))
        return file if replaced is None else replace(file, received_at=replaced, rewritten=True)

    def _replaced(self, file: JobFile, metadata: Mapping[str, str]) -> datetime | None:
        """Returns when the file was received that an erasure replaced with this one; None where none did."""
        if (token := metadata.get(REWRITE)) is not None:
            return self.rewrites.received_at(file.key, token, file.version)
        said = _time(metadata.get(BEFORE_TOKENS, ""))
        if said is None or said > file.received_at:
            return None
        return said if self.rewrites.before_tokens(file.key, file.received_at) else None

    def read(self, file: JobFile, start: int, end: int) -> bytes:
        return b"".join(self.stream(file, start, end))

    def stream(self, file: JobFile, start: int, end: int) -> Iterator[bytes]:
        """Sends one request and reads its body step by step."""
        if start == end:
            return
        found = _requested(
            lambda: s3().get_object(
                Bucket=self.bucket, Key=file.key, VersionId=file.version, Range=f"bytes={start}-{end - 1}"
            ),
            file.key,
        )
        body = found["Body"]
        try:
            yield from body.iter_chunks(STEP_BYTES)
        except (BotoCoreError, ClientError) as exc:
            raise FilesUnavailable(f"{file.name} broke off while it was read: {type(exc).__name__}") from exc
        finally:
            body.close()

    def get(self, key: str) -> bytes | None:
        try:
            return _requested(lambda: _whole(self.bucket, key), key)
        except NotFound:
            return None

    def put(self, key: str, content: bytes) -> JobFile:
        found = _requested(lambda: s3().put_object(Bucket=self.bucket, Key=key, Body=content), key)
        return self.find(key, found.get("VersionId"))

    def writer(self, key: str, received_at: datetime | None = None) -> S3ObjectWriter:
        return S3ObjectWriter(self.bucket, key, self._rewrite(key, received_at) if received_at else None)

    def _rewrite(self, key: str, received_at: datetime) -> Rewrite:
        token = uuid4().hex
        return Rewrite(
            metadata={REWRITE: token},
            begin=partial(self.rewrites.begin, key, token, received_at),
            end=partial(self.rewrites.end, key, token),
        )

    def keys(self, prefix: str, after: str) -> Iterator[str]:
        """Lists the keys page by page; a bucket that does not exist has none."""
        asked: Any = {"Bucket": self.bucket, "Prefix": prefix, "StartAfter": after}
        pages = iter(s3().get_paginator("list_objects_v2").paginate(**asked))
        try:
            while (page := _requested(lambda: next(pages, None), prefix)) is not None:
                yield from (one["Key"] for one in page.get("Contents", []))
        except NotFound:
            return

    def remove_old(self, key: str) -> None:
        self._remove(key, lambda one: one["Key"] == key and not one["IsLatest"])

    def remove_replaced(self, prefix: str, until: datetime) -> None:
        self._remove(prefix, lambda one: not one["IsLatest"] and one["LastModified"] <= until)

    def remove(self, prefix: str) -> None:
        """Removes every version, and the delete markers too."""
        self._remove(prefix, lambda _: True)

    def _remove(self, prefix: str, wanted: Callable[[Any], bool]) -> None:
        client = s3()
        pages = client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
        for page in _requested(lambda: list(pages), prefix):
            found: list[ObjectIdentifierTypeDef] = [
                {"Key": one["Key"], "VersionId": one["VersionId"]}
                for kind in ("Versions", "DeleteMarkers")
                for one in page.get(kind, [])  # type: ignore[attr-defined]
                if wanted(one)
            ]
            if found:
                delete: Any = {"Objects": found, "Quiet": True}
                _requested(partial(client.delete_objects, Bucket=self.bucket, Delete=delete), prefix)

    def url(self, key: str, seconds: int) -> str:
        return self._signed("get_object", key, seconds)

    def upload_url(self, key: str, seconds: int) -> str:
        return self._signed("put_object", key, seconds)

    def _signed(self, method: Any, key: str, seconds: int) -> str:
        asked = {"Bucket": self.bucket, "Key": key}
        return s3().generate_presigned_url(method, Params=asked, ExpiresIn=seconds)


def _time(text: str) -> datetime | None:
    """Reads a time with its zone; None for everything else that an object's metadata may say."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _whole(bucket: str, key: str) -> bytes:
    return client.s3().get_object(Bucket=bucket, Key=key)["Body"].read()


def _requested(request: Callable[[], T], key: str) -> T:
    name = key.rsplit("/", 1)[-1]
    try:
        return request()
    except ClientError as exc:
        code = str(exc.response["Error"]["Code"])
        if code in GONE:
            raise NotFound(f"There is no file {name}") from exc
        raise FilesUnavailable(f"{name}: S3 answered {code}") from exc
    except BotoCoreError as exc:
        raise FilesUnavailable(f"{name}: {type(exc).__name__}") from exc
