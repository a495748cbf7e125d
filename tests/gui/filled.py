"""Journals that hold files in every state, for the pages that read them. No engine, no broker."""

from __future__ import annotations

import time
from pathlib import Path

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import Journal, text_of
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting
from openmsi_desktop.settings import WatchedFolder

KEY = "watch:sphinx"
NAME = "SPHINX exports"
STRANGE = (
    "line\nbreak.txt",
    "caf\udce9 not UTF-8.dat",
    "تجربة ٣.csv",
    "turned \u202egnp.exe",
    "x" * 300 + ".tif",
    "2026-05-12/a long folder with a long name/and another one that is longer/before_alignment_1_5.jpg",
)


def journal_in(data: Path, folder: Path) -> Journal:
    """A journal with one watched folder."""
    journal = Journal(data / "journal.db")
    watched = WatchedFolder(name=NAME, path=folder, connection="lab", topic="sphinx_raw")
    details = watched.model_dump_json(by_alias=True)
    journal.set_task(KEY, kind="watch", name=NAME, state=TaskState.RUNNING, details=details)
    return journal


def add(
    journal: Journal, path: str, state: FileState, reason: str = "", *, size: int = 8_400_000, ago: float = 63
) -> int:
    """A file in this state, as if the engine had written it. ago: seconds since it was changed. Returns its number."""
    changed = int((time.time() - ago) * 1e9)
    files = OutgoingFiles(journal, KEY, "sphinx_raw")
    files.record([Sighting(path, f"/data/sphinx/{path}", state, reason, Fingerprint(size, changed, changed, "1"))])
    (number,) = (r[0] for r in journal.query("SELECT id FROM outgoing WHERE path = ? AND task = ?", text_of(path), KEY))
    if state in (FileState.SENT, FileState.CHECKED, FileState.CHANGED):
        now = journal.now()
        journal.execute(
            """UPDATE outgoing SET version = 7, sent_version = 7, sent_at = ?, sent_sha512 = ?, sent_size = size,
            sent_mtime_ns = mtime_ns, sent_ctime_ns = ctime_ns, sent_file_id = file_id, checked_at = ?, partition = 1,
            chunks_total = 17, offsets = ? WHERE id = ?""",
            *(now, number.to_bytes(64, "little"), now if state is FileState.CHECKED else None),
            *(b"".join(i.to_bytes(8, "little") for i in range(100, 117)), number),
        )
    if state is FileState.SENDING:
        offsets = [i if i < 61 else -1 for i in range(100)]
        journal.execute(
            "UPDATE outgoing SET version = 7, sha512 = ?, partition = 1, chunks_total = 100, offsets = ? WHERE id = ?",
            *(bytes(64), b"".join(i.to_bytes(8, "little", signed=True) for i in offsets), number),
        )
    return int(number)


def fill(journal: Journal) -> None:
    """One file in each state that there is, as in the picture of the design, and some with strange names."""
    for path in STRANGE:
        add(journal, path, FileState.SENT, ago=90_000)
    add(journal, "~$log.xlsx", FileState.IGNORED, 'default exclusion "~$*"', size=165, ago=17_000)
    add(journal, "conf/kafka.env", FileState.HELD, "It holds only zeros since this computer lost its power", size=1_000)
    add(journal, "run_01/shot_log.csv", FileState.SENT, size=18_000)
    add(journal, "run_01/analog_ch1.csv", FileState.CHECKED, size=412_000)
    add(journal, "run_02/b.NMD", FileState.PROBLEM, "b.NMD is in use")
    add(journal, "run_01/Orientation Grid 7x3.NMD", FileState.CHANGED, "still being written", size=163_000_000)
    add(journal, "run_02/scan_003.tif", FileState.WAITING, "it is finished and waits for its turn", size=48_000_000)
    add(journal, "run_01/Grid 7x3.NMD", FileState.SENDING)
    reason = "still being written (last change 4 s ago)"
    add(journal, "run_02/scan_004.tif", FileState.WAITING, reason, size=31_200_000, ago=4)
