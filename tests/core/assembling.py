"""An assembler on real files, fed by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from openmsi_desktop.core.assembler import Assembler, Checkpoint
from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.deliveries import Deliveries, Intent, Waiting
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.part import Beginning, Part, Place
from openmsi_desktop.core.received import IncomingRow, rows
from openmsi_desktop.core.spool import Spool

ALICE, BOB = "a" * 32, "b" * 32
TASK, TOPIC = "download:1", "t"


class Bench:
    """One reader's assembler; :meth:`restart` makes another one on the same disk, as after a crash."""

    def __init__(self, folder: Path, *, capacity: int = 2**62, partitions: int = 4) -> None:
        self.folder = folder
        self.clock = 1_000_000.0
        self.capacity = capacity
        self.partitions = partitions
        self.next: dict[int, int] = dict.fromkeys(range(partitions), 0)
        (folder / "parts").mkdir(exist_ok=True)
        self.open()

    def open(self, *, stream: str = "cluster/topic", starts: int = 0) -> None:
        self.journal = Journal(self.folder / "journal.db", now=lambda: self.clock)
        self.files = IncomingFiles(self.journal, TASK)
        self.deliveries = Deliveries(self.journal, TASK)
        self.files.open_source(TOPIC, stream)
        if not self.files.positions(TOPIC):
            self.files.begin_at(TOPIC, dict.fromkeys(range(self.partitions), Beginning(starts)))
        self.spool = Spool(self.folder / "parts", owner=TASK)
        self.assembler = Assembler(self.files, self.spool, now=lambda: self.clock, capacity=lambda: self.capacity)
        self.assembler.reads_from(TOPIC, {p: at.beginning for p, at in self.files.positions(TOPIC).items()})

    def close(self) -> None:
        self.spool.close()
        self.journal.close()

    def restart(self, **how: object) -> None:
        """What was not in a checkpoint is lost."""
        self.close()
        self.open(**how)  # type: ignore[arg-type]

    def add(
        self,
        chunk: Chunk,
        *,
        partition: int = 0,
        offset: int | None = None,
        ms: int | None = None,
        sender: Sender | None = None,
        replay: bool = False,
    ) -> Part | None:
        if offset is None:
            offset = self.next[partition]
            self.next[partition] += 1
        return self.assembler.add(chunk, Place(TOPIC, partition, offset, ms), sender, replay=replay)

    def feed(self, chunks: Iterable[Chunk], *, partition: int = 0, sender: Sender | None = None) -> None:
        for chunk in chunks:
            self.add(chunk, partition=partition, sender=sender)

    def checkpoint(self) -> Checkpoint:
        return self.assembler.checkpoint({(TOPIC, p): (at, None) for p, at in self.next.items()})

    def deliver(self, waiting: Waiting) -> bytes | None:
        """Play the delivery: the bytes of the file, None if a later version of it has overtaken it."""
        spool = self.folder / "parts" / waiting.spool
        data = spool.read_bytes()
        intent = self.deliveries.intend_all([waiting.id])[waiting.id]
        if intent is Intent.LATEST:
            self.assembler.verified(waiting.id)
        state = FileState.DELIVERED if intent else FileState.SUPERSEDED
        self.deliveries.finish(waiting.id, state, reason="", local="")
        spool.unlink()
        return data if state is FileState.DELIVERED else None

    def delivered(self) -> list[bytes]:
        """Checkpoint and deliver all that is the latest of its path."""
        found = [self.deliver(waiting) for waiting in self.checkpoint().received]
        if self.assembler.has_news:
            self.checkpoint()
        return [data for data in found if data is not None]

    def row(self, **fields: object) -> IncomingRow:
        (found,) = (row for row in rows(self.journal) if all(getattr(row, k) == v for k, v in fields.items()))
        return found

    @property
    def states(self) -> list[FileState]:
        return [row.state for row in rows(self.journal)]

    @property
    def spooled(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "parts").iterdir())
