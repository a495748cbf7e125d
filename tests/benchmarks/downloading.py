"""``download`` of what lies on a topic already: until every file is at its name, durable, and Delivered in the journal."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.bench import Bench, clear
from benchmarks.measure import Sample
from benchmarks.report import Goal, Row, compared

_MOST_MB = 150


def download_256(bench: Bench) -> Row:
    """One file of 256 MB."""
    return _big(bench, 256, rounds=bench.options.rounds)


def download_1024(bench: Bench) -> Row:
    """One file of 1 GB."""
    return _big(bench, 1024, rounds=min(3, bench.options.rounds))


def download_10240(bench: Bench) -> Row:
    """One file of 10 GB; takes minutes and 30 GB of disk."""
    return _big(bench, 10240, rounds=1, with_theirs=False)


def download_2000(bench: Bench) -> Row:
    """2,000 files of 10 kB in 20 folders, each of them durable."""
    files = 2000
    source = bench.small_files(files)
    topic = filled(bench, source)
    row = _compared(bench, "`download` 2,000 files of 10 kB", topic, source, files=files, least=1.0, aim=2.0)
    bench.drop(topic)
    return row


def _big(bench: Bench, megabytes: int, *, rounds: int, with_theirs: bool = True) -> Row:
    path = bench.big_file(megabytes)
    topic = filled(bench, path)
    row = _compared(
        bench,
        f"`download` one file of {megabytes} MB",
        topic,
        path,
        files=1,
        least=0.9,
        aim=1.0,
        rounds=rounds,
        memory_mb=_MOST_MB,
        with_theirs=with_theirs,
    )
    bench.drop(topic)
    if megabytes > 256:
        clear(path.parent)
    return row


def filled(bench: Bench, path: Path) -> str:
    """A topic with this file, or the files of this folder."""
    topic = bench.topic()
    bench.bare("send", topic, path).ended()
    return topic


def _compared(
    bench: Bench,
    work: str,
    topic: str,
    source: Path,
    *,
    files: int,
    least: float,
    aim: float,
    rounds: int | None = None,
    memory_mb: float | None = None,
    with_theirs: bool = True,
) -> Row:
    made: list[Path] = []

    def into(run: Callable[[Path], Sample]) -> Callable[[], Sample]:
        # removed at the end: for some seconds ext4 looks for other inodes than those that were freed, which takes it longer
        def in_a_new_folder() -> Sample:
            made.append(bench.folder_for("download"))
            return run(made[-1])

        return in_a_new_folder

    size = sum(path.stat().st_size for path in (source, *source.rglob("*")) if path.is_file())
    candidates = {
        "bare loop": into(lambda folder: bench.bare("download", topic, folder, str(files)).ended()),
        "ours": into(lambda folder: _ours(bench, topic, folder, files)),
    }
    if bench.has_openmsistream and with_theirs:
        candidates["OpenMSIStream"] = into(lambda folder: _theirs(bench, topic, folder, size))
    series = bench.alternate(candidates, rounds=rounds)
    for folder in made:
        clear(folder)
    row = compared(work, series, least=least, aim=aim)
    if files > 1:
        for name, runs in series.items():
            row.cells[name] = f"{files / runs.wall_s:.0f} files/s: {row.cells[name]}"
    if memory_mb is not None:
        row.goals.append(Goal("memory", series["ours"].rss_mb, memory_mb, unit=" MB", is_limit=True, digits=0))
    return row


def _ours(bench: Bench, topic: str, folder: Path, files: int) -> Sample:
    data = folder / "data"
    data.mkdir()
    running = bench.ours(
        "download", topic, "--target", folder / "files", "--bootstrap", bench.kafka.bootstrap(), data=data
    )
    wall_s = running.until(lambda: delivered_in(data) >= files)
    running.stop()
    return running.ended(wall_s=wall_s)


def delivered_in(data: Path) -> int:
    """How many files the journal calls Delivered."""
    path = data / "journal.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
        try:
            return int(journal.execute("SELECT count(*) FROM incoming WHERE state = 'delivered'").fetchone()[0])
        except sqlite3.OperationalError:  # it is being made
            return 0


_groups = itertools.count()


def _theirs(bench: Bench, topic: str, folder: Path, size: int) -> Sample:
    """It writes a file once all its chunks have come, not durably, and says nothing of it: all their bytes have to tell."""
    target = folder / "files"
    target.mkdir()
    running = bench.theirs(
        "DataFileDownloadDirectory",
        target,
        topic,
        "--n_threads",
        "1",
        "--consumer_group_id",
        f"bench-{next(_groups)}",
    )

    def is_done() -> bool:
        return (
            sum(path.stat().st_size for path in target.rglob("*") if path.is_file() and "LOGS" not in path.parts)
            >= size
        )

    wall_s = running.until(is_done)
    running.write("q")
    return running.ended(wall_s=wall_s)
