"""The `PartFiles` port on one bucket of S3."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws.client import s3
from fraudshield.errors import FilesUnavailable, NotFound

T = TypeVar("T")
GONE = {"NoSuchKey", "NoSuchBucket", "404"}
THERE_ALREADY = {"PreconditionFailed", "412"}
STEP_BYTES = 1 << 16  # of each of many objects that are read side by side


@dataclass(frozen=True, slots=True)
class S3PartFiles:
    """Reads a long object range by range, so that hundreds can be read side by side."""

    bucket: str

    def get(self, key: str) -> bytes | None:
        try:
            return _requested(lambda: _body(self.bucket, key))
        except NotFound:
            return None

    def put_new(self, key: str, content: bytes) -> None:
        try:
            s3().put_object(Bucket=self.bucket, Key=key, Body=content, IfNoneMatch="*")
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in THERE_ALREADY:
                raise _unavailable(exc) from exc
        except BotoCoreError as exc:
            raise _unavailable(exc) from exc

    def lines(self, key: str) -> Iterator[str]:
        size = _requested(lambda: s3().head_object(Bucket=self.bucket, Key=key))["ContentLength"]
        rest = b""
        for start in range(0, size, STEP_BYTES):
            rest += self._read(key, start, min(size, start + STEP_BYTES))
            *whole, rest = rest.split(b"\n")
            yield from map(bytes.decode, whole)
        if rest:
            yield rest.decode()

    def _read(self, key: str, start: int, end: int) -> bytes:
        asked = f"bytes={start}-{end - 1}"
        return _requested(lambda: _body(self.bucket, key, Range=asked))


def _body(bucket: str, key: str, **asked: Any) -> bytes:
    """Reads what was asked for to its end."""
    body: bytes = s3().get_object(Bucket=bucket, Key=key, **asked)["Body"].read()
    return body


def _requested(request: Callable[[], T]) -> T:
    try:
        return request()
    except ClientError as exc:
        if exc.response["Error"]["Code"] in GONE:
            raise NotFound("An object of the test is gone") from exc
        raise _unavailable(exc) from exc
    except BotoCoreError as exc:
        raise _unavailable(exc) from exc


def _unavailable(exc: Exception) -> FilesUnavailable:
    code = exc.response["Error"]["Code"] if isinstance(exc, ClientError) else type(exc).__name__
    return FilesUnavailable(f"An object of a test could not be read or written: {code}")
