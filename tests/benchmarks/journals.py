"""Journals of very many files that were Sent, and what they cost."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from benchmarks.bench import Bench, clear, sent_in
from benchmarks.measure import Failed
from benchmarks.report import Goal, Row
from openmsi_desktop.core.open_file import file_id

_ROWS = 1_000_000
_FILES = 300


def multiply(data: Path, folder: Path) -> None:
    """Let the one file that was Sent from this folder stand for all that lie there: each gets such a row of its own."""
    with closing(sqlite3.connect(data / "journal.db")) as journal:
        prefix = os.fspath(folder) + os.sep
        known = {row[0] for row in journal.execute("SELECT path FROM outgoing")}

        def rows() -> list[tuple[object, ...]]:
            out: list[tuple[object, ...]] = []
            for path in folder.rglob("*.dat"):
                name = path.relative_to(folder).as_posix()
                if name not in known:
                    stat = path.stat()
                    times = stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, file_id(stat)
                    out.append((name, prefix + name.replace("/", os.sep), *times, *times))
            return out

        fields = ("path", "local", "size", "mtime_ns", "ctime_ns", "file_id")
        sent = ("sent_size", "sent_mtime_ns", "sent_ctime_ns", "sent_file_id")
        others = [c[1] for c in journal.execute("PRAGMA table_info(outgoing)") if c[1] not in {"id", *fields, *sent}]
        with journal:
            journal.executemany(
                f"INSERT INTO outgoing ({', '.join([*fields, *sent, *others])}) "
                f"SELECT {', '.join('?' * 10)}, {', '.join(others)} FROM outgoing WHERE id = 1",
                rows(),
            )


def fill(data: Path) -> None:
    """A million more rows like the one that is there, of files that have been moved away since."""
    with closing(sqlite3.connect(data / "journal.db")) as journal:
        others = [
            c[1]
            for c in journal.execute("PRAGMA table_info(outgoing)")
            if c[1] not in {"id", "path", "local", "file_id"}
        ]
        with journal:
            journal.execute(
                f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {_ROWS})
                INSERT INTO outgoing (path, local, file_id, {", ".join(others)})
                SELECT printf('run %04d/scan %07d.dat', i / 1000, i), printf('%s.%d', local, i), printf('1:%d', i),
                {", ".join(others)} FROM n, outgoing WHERE outgoing.id = 1"""
            )


def million(bench: Bench) -> Row:
    """A journal with 1,000,000 files: from the start to the first message, and the cost of one more file."""
    start_empty, cost_empty = _work(bench, is_full=False)
    start, cost = _work(bench, is_full=True)
    row = Row(
        f"a journal with {_ROWS:,} files",
        {
            "ours": f"first message {start:.2f} s after the start (empty journal: {start_empty:.2f} s), "
            f"{1000 * cost:.2f} ms for one more file (empty: {1000 * cost_empty:.2f} ms)"
        },
    )
    row.goals.append(Goal("to the first message", start, 2.0, unit=" s", is_limit=True))
    row.goals.append(Goal("× the cost of a file", cost / cost_empty, 1.3, is_limit=True))
    return row


def _work(bench: Bench, *, is_full: bool) -> tuple[float, float]:
    """(seconds from the start to the first message, seconds for each of many files); medians."""
    folder, data, topic = bench.folder_for("instrument"), bench.folder_for("data"), bench.topic()
    place = ("--topic", topic, "--bootstrap", bench.kafka.bootstrap(), "--quiet", "0")
    wanted = 1

    def are_there() -> bool:
        return bench.kafka.message_count(topic) >= wanted

    (folder / "first.dat").write_bytes(os.urandom(10_000))
    bench.ours("watch", folder, *place, "--until-idle", "1", data=data).ended()
    if is_full:
        fill(data)
    sent_before = sent_in(data)
    starts, costs = [], []
    for turn in range(min(3, bench.options.rounds)):
        (folder / f"next {turn}.dat").write_bytes(os.urandom(10_000))
        running = bench.ours("watch", folder, *place, data=data)
        try:
            wanted += 1
            starts.append(running.until(are_there))
            wanted += _FILES
            begun = time.monotonic()
            for number in range(_FILES):
                (folder / f"more {turn} {number}.dat").write_bytes(os.urandom(10_000))
            running.until(are_there)
            costs.append((time.monotonic() - begun) / _FILES)
            running.stop()
            running.ended()
        finally:
            running.kill()
        kind = "full" if is_full else "empty"
        print(f"    {kind:6} journal: first message after {starts[-1]:.2f} s, {1000 * costs[-1]:.2f} ms for a file")
    sent = sent_in(data) - sent_before
    if sent != wanted - 1:
        raise Failed(f"{sent} files are Sent, not {wanted - 1}")
    bench.drop(topic)
    clear(data)
    clear(folder)
    return statistics.median(starts), statistics.median(costs)
