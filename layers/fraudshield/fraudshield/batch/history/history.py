"""The history of a job's rows: prepared with the plan where the file is its own, then read by each chunk."""

from collections.abc import Iterator
from dataclasses import dataclass

from fraudshield.aggregate.aggregate import EntityAggregate, aggregates_of
from fraudshield.aggregate.port import HistorySource
from fraudshield.batch.byte_range import blocks
from fraudshield.batch.chunk import offset_of, text_of
from fraudshield.batch.history.file import FileHistory
from fraudshield.batch.history.none import NoHistory
from fraudshield.batch.history.port import PlacedRow, RowHistory
from fraudshield.batch.history.store import StoredHistory
from fraudshield.batch.history.values import WrittenHistory
from fraudshield.batch.own.reading import OwnReader
from fraudshield.batch.own.row import OwnLayout
from fraudshield.batch.plan import Plan, PlannedChunk, folder
from fraudshield.batch.port import Files
from fraudshield.errors import NotFound
from fraudshield.event_type.event_type import EventType


@dataclass(frozen=True, slots=True)
class Histories:
    """What earlier payments say of the rows of any job. `store` has the stored ones."""

    files: Files
    store: HistorySource

    def prepare(self, plan: Plan) -> None:
        """Works out the values of all rows where the file is its own history, and writes those of each chunk.

        Raises:
            TooLarge: it has too many rows for that.
            NotFound, FilesUnavailable: the file is gone, or to be tried again.
        """
        event_type = plan.own_type
        if event_type is None or plan.history != "file" or not (asked := _asked(plan, event_type)):
            return
        layout = OwnLayout.of(event_type, plan.names, plan.key)
        reader = OwnReader(layout, plan.line_end.encode(), plan.origin, plan.received_at, plan.rates)
        history = FileHistory(asked)
        for chunk in plan.planned:
            history.add_chunk(self._rows(plan, chunk, reader))
        for index, content in enumerate(history.chunks()):
            self.files.put(_key(plan, index), content)

    def of(self, plan: Plan, event_type: EventType, index: int) -> RowHistory:
        """That of a chunk. Raises NotFound where what was prepared has aged out, FilesUnavailable."""
        asked = _asked(plan, event_type)
        if not asked or plan.history == "none":
            return NoHistory(asked)
        if plan.history == "store":
            return StoredHistory(event_type, plan.aggregates, plan.decided_at, self.store)
        content = self.files.get(_key(plan, index))
        if content is None:
            raise NotFound(f"The history of {plan.job_id} is gone")
        return WrittenHistory.read(asked, content)

    def _rows(self, plan: Plan, chunk: PlannedChunk, reader: OwnReader) -> Iterator[PlacedRow]:
        text = text_of(self.files, plan, chunk)
        for block in blocks(text, reader.line_end, offset_of(plan, chunk)):
            for row in reader.read(block).rows:
                yield row.placed


def _asked(plan: Plan, event_type: EventType) -> tuple[EntityAggregate, ...]:
    return aggregates_of(event_type).asked(plan.aggregates)


def _key(plan: Plan, index: int) -> str:
    return f"{folder(plan.job_id, plan.plan_id)}history/{index:05d}.csv"
