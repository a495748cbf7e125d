"""Very many files that are not sent yet."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting


def sighting(path: str, state: FileState = FileState.WAITING) -> Sighting:
    return Sighting(path, f"/data/{path}", state, "it is finished and waits for its turn", Fingerprint(1, 1, 1, "1"))


def test_the_paths_of_files_in_some_states_come_as_they_were_stored(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    files = OutgoingFiles(journal, "watch:1", "xrd")
    names = ["run 1/ü.dat", "back\\slash", "\udcff.bin"]
    files.record([sighting(n) for n in names] + [sighting("sent.dat", FileState.SENT)])
    OutgoingFiles(journal, "watch:2", "xrd").record([sighting("of another task")])
    assert list(files.paths_in([FileState.WAITING, FileState.FOUND])) == names
    journal.close()


def test_the_paths_of_many_files_are_read_without_the_rest_of_them(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    files = OutgoingFiles(journal, "watch:1", "xrd")
    files.record([sighting(f"run/{n:05}.dat") for n in range(5000)])
    tracemalloc.start()
    try:
        assert sum(1 for _ in files.paths_in([FileState.WAITING])) == 5000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    journal.close()
    assert peak < 100_000, "bytes; all rows at once take fifty times as much"
