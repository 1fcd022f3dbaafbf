"""Writing an object of S3 from parts: S3 itself copies the long ones, the short ones are sent by us."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import FilesUnavailable

LEAST_BYTES = 5 << 20  # of every part but the last
NO_VERSION = "null"  # how S3 calls what was written before the bucket had versions


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What an object says of itself, and what is noted before and after it becomes visible, with its version."""

    metadata: Mapping[str, str]
    begin: Callable[[], None]
    end: Callable[[str], None]


NO_REWRITE = Rewrite({}, lambda: None, lambda _: None)


class S3ObjectWriter:
    """The `ObjectWriter` port: a multipart upload that begins when there is enough for its first part."""

    def __init__(self, bucket: str, key: str, rewrite: Rewrite | None = None) -> None:
        self._rewrite = rewrite or NO_REWRITE
        self._metadata = dict(self._rewrite.metadata)
        self._at: Any = {"Bucket": bucket, "Key": key}
        self._bucket = bucket
        self._held = bytearray()
        self._upload: str | None = None
        self._parts: list[str] = []

    def write(self, content: bytes) -> None:
        self._held += content
        if len(self._held) >= 2 * LEAST_BYTES:
            self._flush()

    def append(self, key: str, size: int) -> None:
        """Lets S3 copy the object where it and all before it are long enough for parts; else sends its content."""
        if len(self._held) >= LEAST_BYTES:
            self._flush()
        if self._held or size < LEAST_BYTES:
            self.write(self._read(key))
            return
        upload, number = self._begun(), len(self._parts) + 1
        try:
            source: Any = {"Bucket": self._bucket, "Key": key}
            copied: Any = client.s3().upload_part_copy(
                **self._at, UploadId=upload, PartNumber=number, CopySource=source
            )
        except (BotoCoreError, ClientError) as exc:
            raise _failed(exc) from exc
        self._parts.append(copied["CopyPartResult"]["ETag"])

    def close(self) -> None:
        self._rewrite.begin()
        try:
            written = self._finished()
        except (BotoCoreError, ClientError) as exc:
            raise _failed(exc) from exc
        self._rewrite.end(written.get("VersionId", NO_VERSION))

    def _finished(self) -> Any:
        if self._upload is None:
            return client.s3().put_object(**self._at, Body=bytes(self._held), Metadata=self._metadata)
        if self._held:
            self._flush()
        parts: Any = [{"ETag": tag, "PartNumber": number} for number, tag in enumerate(self._parts, start=1)]
        return client.s3().complete_multipart_upload(
            **self._at,
            UploadId=self._upload,
            MultipartUpload={"Parts": parts},
        )

    def abandon(self) -> None:
        """Aborts the multipart upload. If that fails, the bucket's lifecycle removes the parts later."""
        if self._upload is not None:
            try:
                client.s3().abort_multipart_upload(**self._at, UploadId=self._upload)
            except (BotoCoreError, ClientError) as exc:
                raise _failed(exc) from exc

    def _begun(self) -> str:
        if self._upload is None:
            try:
                self._upload = client.s3().create_multipart_upload(**self._at, Metadata=self._metadata)["UploadId"]
            except (BotoCoreError, ClientError) as exc:
                raise _failed(exc) from exc
        return self._upload

    def _flush(self) -> None:
        upload, number = self._begun(), len(self._parts) + 1
        try:
            sent = client.s3().upload_part(**self._at, UploadId=upload, PartNumber=number, Body=bytes(self._held))
        except (BotoCoreError, ClientError) as exc:
            raise _failed(exc) from exc
        self._parts.append(sent["ETag"])
        self._held.clear()

    def _read(self, key: str) -> bytes:
        try:
            return client.s3().get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except (BotoCoreError, ClientError) as exc:
            raise _failed(exc) from exc


def _failed(exc: Exception) -> FilesUnavailable:
    code = exc.response["Error"]["Code"] if isinstance(exc, ClientError) else type(exc).__name__
    return FilesUnavailable(f"A result could not be put together: {code}")
