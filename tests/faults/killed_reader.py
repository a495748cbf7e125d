"""A reader to be killed: assembles the messages of a file and moves what is complete into a folder. Run as a program."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path

from openmsi_desktop.core.assembler import Assembler
from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.deliveries import Deliveries, Waiting
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.part import Beginning, Place
from openmsi_desktop.core.spool import Spool

TOPIC = "t"
Sent = tuple[int, Chunk, Sender | None]


def deliver(files: Deliveries, folder: Path, waiting: Waiting) -> None:
    """A sink in small: intent, rename, done. A rename that a kill left unrecorded is recognised."""
    part, final = folder / "parts" / waiting.spool, folder / "out" / waiting.path
    if not files.intend(waiting.id):
        files.finish(waiting.id, FileState.SUPERSEDED, reason="", local="")
        part.unlink(missing_ok=True)
        return
    if part.exists():
        assert hashlib.sha512(part.read_bytes()).digest() == waiting.sha512, waiting.path
        os.replace(part, final)
    assert hashlib.sha512(final.read_bytes()).digest() == waiting.sha512, waiting.path
    files.finish(waiting.id, FileState.DELIVERED, reason="", local=str(final))


def main(folder: Path) -> None:
    log: list[Sent] = pickle.loads((folder / "messages").read_bytes())
    journal = Journal(folder / "journal.db")
    files = IncomingFiles(journal, "download:1")
    files.open_source(TOPIC, "cluster/topic")
    if not files.positions(TOPIC):
        files.begin_at(TOPIC, {0: Beginning(0), 1: Beginning(0)})
    assembler = Assembler(files, Spool(folder / "parts", owner="we"))
    assembler.reads_from(TOPIC, {0: Beginning(0), 1: Beginning(0)})
    position = {p: at.position for p, at in files.positions(TOPIC).items()}
    deliveries = Deliveries(journal, "download:1")
    for waiting in deliveries.waiting(due_at=float("inf"), limit=10_000):
        deliver(deliveries, folder, waiting)
    print("ready", flush=True)
    counters = {0: 0, 1: 0}
    for number, (partition, chunk, sender) in enumerate(log):
        offset = counters[partition]
        counters[partition] += 1
        if offset < position[partition]:
            continue
        assembler.add(chunk, Place(TOPIC, partition, offset, number), sender)
        position[partition] = offset + 1
        if number % 10 == 0 or number == len(log) - 1:
            done = assembler.checkpoint({(TOPIC, p): (at, None) for p, at in position.items()})
            for waiting in done.received:
                deliver(deliveries, folder, waiting)
    assert not assembler.rereads()
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
