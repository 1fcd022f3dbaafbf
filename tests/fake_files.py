"""The bucket and the jobs in memory, so that what is measured is ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fraudshield.batch.job import JobFile, JobProgress
from tests.fakes import NOW

STEP_BYTES = 1 << 20


@dataclass
class FakeFiles:
    """The methods of the `Files` port that a chunk needs; counts their calls."""

    objects: dict[str, bytes] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def stream(self, file: JobFile, start: int, end: int) -> Iterator[bytes]:
        """Yields the bytes, a mebibyte at a time."""
        self._count("get")
        content = memoryview(self.objects[file.key])[start:end]
        for at in range(0, len(content), STEP_BYTES):
            yield bytes(content[at : at + STEP_BYTES])

    def read(self, file: JobFile, start: int, end: int) -> bytes:
        """Returns the whole range."""
        return b"".join(self.stream(file, start, end))

    def get(self, key: str) -> bytes | None:
        """Returns the object, None where there is none."""
        self._count("get")
        return self.objects.get(key)

    def put(self, key: str, content: bytes) -> JobFile:
        """Stores the object in memory."""
        self._count("put")
        self.objects[key] = content
        return JobFile("bucket", key, "v1", len(content), NOW)

    def _count(self, call: str) -> None:
        self.calls[call] = self.calls.get(call, 0) + 1


@dataclass
class FakeJobs:
    """The methods of the `JobStore` port that a chunk needs."""

    progress: dict[int, JobProgress] = field(default_factory=dict)

    def note_chunk(self, job_id: str, plan_id: str, index: int, progress: JobProgress) -> None:
        """Stores the progress of each chunk once."""
        self.progress.setdefault(index, progress)

    def failures(self, job_id: str, plan_id: str) -> Mapping[int, str]:
        """Returns no failure."""
        return {}
