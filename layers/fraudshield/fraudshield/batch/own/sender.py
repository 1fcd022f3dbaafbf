"""Which columns of a file name who sent a row: those of the event types that its payments were read by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fraudshield.batch.job import RESULTS, Job, JobFile
from fraudshield.batch.own.place import folder_of
from fraudshield.batch.own.row import fields_by_column
from fraudshield.errors import NotFound
from fraudshield.event_type.event_type import EventType

Columns = frozenset[str]


@dataclass(frozen=True, slots=True)
class SenderColumns:
    """Those of files, by all event types there are and the jobs that read them."""

    types: Sequence[EventType]
    job: Callable[[str], Job]  # by its id; raises NotFound

    def of(self, file: JobFile, names: Sequence[str]) -> Columns:
        """The columns, of these, that name the sender; where its type is not known those of every type that it fits.

        Another type may call a column its sender that is a receiver here: its rows are to be kept.
        """
        fitting = dict(self._fitting(names))
        read_by = [name for name in fitting if name in {*self._types_of(file, fitting)}]
        return frozenset[str]().union(*(fitting[name] for name in read_by or fitting))

    def _fitting(self, names: Sequence[str]) -> Iterator[tuple[str, Columns]]:
        """By name the types of which a file with these columns may hold payments, with their sender's column."""
        for event_type in self.types:
            columns, fields = fields_by_column(event_type, names), event_type.all_fields
            held = {column: fields[name] for column, name in columns.items() if name in fields}
            if {column for column, field in held.items() if field.required} <= {*names}:
                yield event_type.name, frozenset(one for one in held if held[one].role == "sender" and one in names)

    def _types_of(self, file: JobFile, fitting: Mapping[str, Columns]) -> Iterator[str]:
        """The type that its key names, and those by which a job read it."""
        if file.key.startswith(RESULTS):
            job_id = file.key.removeprefix(RESULTS).partition("/")[0]
            yield from self._read_by(job_id)
            return
        yield folder_of(file.key)
        for name in fitting:
            yield from self._read_by(file.of(name).job_id)

    def _read_by(self, job_id: str) -> Iterator[str]:
        try:
            yield self.job(job_id).file.event_type
        except NotFound:
            return
