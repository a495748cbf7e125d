"""A topic of one partition that an assembler reads, with everything that can happen in between."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from core.assembling import TOPIC, Bench

from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.deliveries import Waiting

Sent = tuple[Chunk, Sender | None]


class Tape:
    """Chunks are put at its end and read at once; deliveries happen when the test says so.

    published: the contents of the file that were delivered, in that order.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.bench = Bench(folder, partitions=1)
        self.log: list[Sent] = []
        self.waiting: list[Waiting] = []
        self.published: list[bytes] = []

    def put(self, chunks: Iterable[Chunk], sender: Sender | None = None) -> None:
        for chunk in chunks:
            self.log.append((chunk, sender))
            self.bench.add(chunk, sender=sender)
            self.read_again()

    def checkpoint(self) -> None:
        self.waiting += self.bench.checkpoint().received

    def read_again(self) -> None:
        """What was lost, as far as reading had come."""
        if not self.bench.assembler.has_lost:
            return
        self.checkpoint()
        read = self.bench.next[0]
        for offset in range(self.bench.assembler.rereads().get((TOPIC, 0), read), read):
            chunk, sender = self.log[offset]
            self.bench.add(chunk, offset=offset, sender=sender, replay=True)
        self.bench.assembler.caught_up()

    def restart(self) -> None:
        """As after a crash: what was not in a checkpoint is read once more."""
        self.bench.restart()
        self.bench.next[0] = self.bench.files.positions(TOPIC)[0].position
        self.bench.assembler.give_up_overtaken()
        self.bench.assembler.has_lost = True
        self.read_again()
        for chunk, sender in self.log[self.bench.next[0] :]:
            self.bench.add(chunk, sender=sender)
            self.read_again()
        self.waiting = self.bench.deliveries.waiting(due_at=float("inf"), limit=1000)

    def deliver(self, number: int = 0) -> None:
        """One of those that wait."""
        data = self.bench.deliver(self.waiting.pop(number))
        if data is not None:
            self.published.append(data)

    def finish(self) -> bytes:
        """Deliver everything; returns what was published last."""
        for _ in range(10):
            self.checkpoint()
            while self.waiting:
                self.deliver()
            self.read_again()
            if not (self.bench.assembler.has_news or self.waiting):
                break
        return self.published[-1] if self.published else b""

    def anything(self, chance: random.Random) -> None:
        """A checkpoint, a delivery, a crash; mostly nothing."""
        what = chance.random()
        if what < 0.15:
            self.checkpoint()
        elif what < 0.35 and self.waiting:
            self.deliver(chance.randrange(len(self.waiting)))
        elif what < 0.4:
            self.restart()
