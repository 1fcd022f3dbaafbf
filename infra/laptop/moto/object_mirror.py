"""moto's S3 objects on disk, so that they survive it: every version, its headers, and what was deleted.

`bucket/key/` (the key so quoted that it is a folder's name) has a file a version and an `index.json` in their order.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from moto.s3.models import FakeDeleteMarker, FakeKey, s3_backends

from infra.laptop.intrinsic import PSEUDO
from infra.laptop.sdk import REGION

INDEX = "index.json"
NAME_CHARACTERS = 120  # of a folder's name; what is longer is cut, and told apart by its digest
UNVERSIONED = "null"


class ObjectMirror:
    """A folder that moto's threads write to; what is half written at a kill is not seen later."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def load(self) -> None:
        """Give moto, which has nothing yet, the objects on disk."""
        for path in sorted(self._folder.glob(f"*/*/{INDEX}")):
            index = json.loads(path.read_text(encoding="utf-8"))
            versions = list(_versions(index, path.parent))
            if versions:
                bucket = _bucket(index["bucket"])
                if any(one.version_id != UNVERSIONED for one in versions):
                    bucket.versioning_status = "Enabled"
                bucket.keys.setlist(index["key"], versions)

    def write(self, bucket: str, key: str) -> None:
        """Bring the files of a key up to what moto has of it now."""
        with self._lock:
            folder = self._folder / bucket / _name(key)
            buckets = s3_backends[PSEUDO["AWS::AccountId"]]["aws"].buckets
            versions = list(buckets[bucket].keys.getlist(key, [])) if bucket in buckets else []
            if not versions:
                shutil.rmtree(folder, ignore_errors=True)
                return
            folder.mkdir(parents=True, exist_ok=True)
            told = [_told(one, folder) for one in versions]
            index = {"bucket": bucket, "key": key, "versions": told}
            _put(folder / INDEX, json.dumps(index, indent=1).encode())
            kept = {INDEX, *(one["file"] for one in told if "file" in one)}
            for path in folder.iterdir():
                if path.name not in kept:
                    path.unlink()


def _told(version: Any, folder: Path) -> dict[str, Any]:
    """Write a version's content to its file; its entry in the index."""
    entry = {"version_id": version.version_id, "last_modified": version.last_modified.isoformat()}
    if isinstance(version, FakeDeleteMarker):
        return entry
    etag = version.etag.strip('"')
    file = f"null-{etag}" if version.version_id == UNVERSIONED else version.version_id
    if not (folder / file).exists():
        with version.lock:
            version._value_buffer.seek(0)
            with (folder / f"{file}.new").open("wb") as copy:
                shutil.copyfileobj(version._value_buffer, copy)
        (folder / f"{file}.new").replace(folder / file)
    return entry | {"file": file, "etag": etag, "headers": dict(version.metadata), "storage": version.storage_class}


def _versions(index: Mapping[str, Any], folder: Path) -> Iterator[Any]:
    """moto's versions in the index's order, the newest last."""
    nobody: Any = SimpleNamespace(name=index["key"])  # what a marker marks when that is gone
    last: Any = None
    for entry in index["versions"]:
        last = _object(index, entry, folder) if "file" in entry else FakeDeleteMarker(last or nobody)
        last._version_id = entry["version_id"]
        last.name = index["key"]
        last.last_modified = _naive(entry["last_modified"])
        yield last


def _object(index: Mapping[str, Any], entry: Mapping[str, Any], folder: Path) -> Any:
    key = FakeKey(
        name=index["key"],
        bucket_name=index["bucket"],
        value=(folder / entry["file"]).read_bytes(),
        account_id=PSEUDO["AWS::AccountId"],
        region_name=REGION,
        storage=entry["storage"],
        etag=entry["etag"],
        is_versioned=entry["version_id"] != UNVERSIONED,
    )
    key.set_metadata(dict(entry["headers"]))
    return key


def _bucket(name: str) -> Any:
    backend = s3_backends[PSEUDO["AWS::AccountId"]]["aws"]
    return backend.buckets.get(name) or backend.create_bucket(name, REGION)


def _naive(at: str) -> datetime:
    """A time as moto has it: UTC, which it does not say."""
    read = datetime.fromisoformat(at)
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read


def _name(key: str) -> str:
    quoted = quote(key, safe="")
    if len(quoted) <= NAME_CHARACTERS and quoted.strip("."):
        return quoted
    return f"{quoted[:NAME_CHARACTERS]}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _put(path: Path, content: bytes) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(path)
