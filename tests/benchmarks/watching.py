"""``watch --quiet 0`` of a folder in which everything lies already: until it is on the topic, and Sent in the journal."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.bench import Bench, clear, sent_in
from benchmarks.measure import Sample
from benchmarks.report import Goal, Row, compared

_THEIR_FILES = 200
"""So few for OpenMSIStream, whose time for one file grows with their number: 2,000 would take minutes."""


def watch_256(bench: Bench) -> Row:
    """One file of 256 MB."""
    folder = bench.big_file(256).parent
    series = bench.alternate(
        {
            "bare loop": lambda: _bare(bench, folder),
            "ours": lambda: _ours(bench, folder, files=1, messages=512),
            **({"OpenMSIStream": lambda: _theirs(bench, folder, messages=512)} if bench.has_openmsistream else {}),
        }
    )
    return compared("`watch --quiet 0`, 256 MB already in the folder", series, least=0.9, aim=1.0)


def watch_2000(bench: Bench) -> Row:
    """2,000 files of 10 kB in 20 folders."""
    folder, files = bench.small_files(2000), 2000
    series = bench.alternate(
        {"bare loop": lambda: _bare(bench, folder), "ours": lambda: _ours(bench, folder, files=files, messages=files)}
    )
    row = compared("`watch --quiet 0`, 2,000 files of 10 kB in 20 folders", series, least=0.6, aim=1.0)
    row.goals.insert(0, Goal("files/s", files / series["ours"].wall_s, 1500, digits=0))
    for name, runs in series.items():
        row.cells[name] = f"{files / runs.wall_s:.0f} files/s: {row.cells[name]}"
    if bench.has_openmsistream:
        few = bench.small_files(_THEIR_FILES)
        theirs = bench.alternate({"OpenMSIStream": lambda: _theirs(bench, few, messages=_THEIR_FILES)}, rounds=1)
        took = theirs["OpenMSIStream"].wall_s
        row.cells["OpenMSIStream"] = f"{_THEIR_FILES / took:.0f} files/s ({_THEIR_FILES} files)"
    return row


def _bare(bench: Bench, folder: Path) -> Sample:
    topic = bench.topic()
    sample = bench.bare("send", topic, folder).ended()
    bench.drop(topic)
    return sample


def _ours(bench: Bench, folder: Path, *, files: int, messages: int) -> Sample:
    topic, data = bench.topic(), bench.folder_for("data")
    running = bench.ours(
        "watch", folder, "--topic", topic, "--bootstrap", bench.kafka.bootstrap(), "--quiet", "0", data=data
    )
    wall_s = running.until(lambda: sent_in(data) >= files and bench.kafka.message_count(topic) >= messages)
    running.stop()
    sample = running.ended(wall_s=wall_s)
    bench.drop(topic)
    clear(data)
    return sample


def _theirs(bench: Bench, folder: Path, *, messages: int) -> Sample:
    topic = bench.topic()
    running = bench.theirs(
        "DataFileUploadDirectory",
        folder,
        topic,
        "--upload_existing",
        "--upload_regex",
        "(?s).*",
        "--watchdog_lag_time",
        "0",
    )
    wall_s = running.until(lambda: bench.kafka.message_count(topic) >= messages)
    running.write("q")
    sample = running.ended(wall_s=wall_s)
    shutil.rmtree(folder / "LOGS", ignore_errors=True)
    bench.drop(topic)
    return sample
