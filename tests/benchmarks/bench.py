"""The bench: a real Kafka, files to send, and the three candidates that do the same work on it."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.parts import CACHE, ROOT

from benchmarks import bare
from benchmarks.measure import Measured, Sample, Series

MB = 1024 * 1024
_BLOCK = 16 * MB

Run = Callable[[], Sample]


@dataclass(slots=True)
class Options:
    """What the person wants. long: waits of minutes, and files of 10 GB."""

    rounds: int
    long: bool


@dataclass(slots=True)
class Bench:
    """Everything a row of the table needs. ``folder`` is removed afterwards."""

    folder: Path
    kafka: Kafka
    options: Options
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    # topics and files

    def topic(self, *, partitions: int = 4, **config: str) -> str:
        """A topic of its own."""
        return self.kafka.create_topic(f"bench-{next(self._numbers)}", partitions=partitions, config=config)

    def folder_for(self, name: str) -> Path:
        """A new, empty folder."""
        folder = self.folder / f"{name}-{next(self._numbers)}"
        folder.mkdir(parents=True)
        return folder

    def big_file(self, megabytes: int) -> Path:
        """A file of random bytes in a folder of its own; made once."""
        folder = self.folder / f"big-{megabytes}"
        path = folder / f"random {megabytes} MB.dat"
        if not path.exists():
            folder.mkdir()
            with open(path, "wb") as file:
                file.writelines(os.urandom(_BLOCK) for _ in range(megabytes // 16))
            os.sync()
        return path

    def small_files(self, count: int, *, size: int = 10_000, folders: int = 20) -> Path:
        """A folder with so many files of random bytes, spread over subfolders; made once."""
        folder = self.folder / f"small-{count}-{size}"
        if not folder.exists():
            for number in range(folders):
                (folder / f"run {number:02}").mkdir(parents=True)
            for number in range(count):
                (folder / f"run {number % folders:02}" / f"scan {number:06}.dat").write_bytes(os.urandom(size))
            os.sync()
        return folder

    def drop(self, topic: str) -> None:
        """The topic is not needed any more; its room on disk is wanted back."""
        self.kafka.delete_topic(topic)

    # programs

    def start(self, command: list[str | Path], *, env: Mapping[str, str] | None = None) -> Measured:
        """Start a program under measurement."""
        log = self.folder / f"output-{next(self._numbers)}.txt"
        # an installation has its modules compiled; here they are by the round that does not count
        kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        return Measured(command, log=log, env=kept | {"PYTHONUTF8": "1"} | dict(env or {}), cwd=self.folder)

    def ours(self, *arguments: str | Path, data: Path, env: Mapping[str, str] | None = None) -> Measured:
        """Our command line, with a data folder."""
        home = {
            "HOME": str(data),
            "XDG_CONFIG_HOME": str(data / "config"),
            "XDG_STATE_HOME": str(data / "state"),
            "OPENMSI_DATA": str(data),
            "PYTHONPATH": str(ROOT),
        } | dict(env or {})
        return self.start([sys.executable, "-m", "openmsi_desktop", *arguments], env=home)

    def bare(self, what: str, topic: str, path: Path, *more: str) -> Measured:
        """The bare loop."""
        return self.start([sys.executable, bare.__file__, what, self.kafka.bootstrap(), topic, path, *more])

    def theirs(self, name: str, path: Path, topic: str, *arguments: str) -> Measured:
        """A program of OpenMSIStream."""
        programs = OpenMSIStream(CACHE / "openmsistream", self.folder)
        config = programs.write_config({"bootstrap.servers": self.kafka.bootstrap()}, name="bench")
        command: list[str | Path] = [
            programs.program(name),
            path,
            "--config",
            config,
            "--topic_name",
            topic,
            *arguments,
        ]
        return self.start(command, env={"PYTHONWARNINGS": "ignore"})

    @property
    def has_openmsistream(self) -> bool:
        """Whether there is one to compare with."""
        return (CACHE / "openmsistream" / "bin").exists()

    # rounds

    def warm_up(self) -> None:
        """Let the broker compile itself: its first gigabyte takes it twice as long."""
        path = self.big_file(256)
        for _ in range(4):
            topic = self.topic()
            self.bare("send", topic, path).ended()
            self.drop(topic)

    def alternate(self, candidates: Mapping[str, Run], *, rounds: int | None = None) -> dict[str, Series]:
        """Each candidate in turn, round after round, after one round that does not count."""
        series = {name: Series() for name in candidates}
        for number in range(-1, rounds or self.options.rounds):
            for name, run in candidates.items():
                sample = run()
                print(f"    {name:14} {sample.wall_s:8.2f} s  CPU {sample.cpu_s:6.2f} s  {sample.rss_mb:5.0f} MB"
                      f"{'  (does not count)' if number < 0 else ''}", flush=True)  # fmt: skip
                if number >= 0:
                    series[name].samples.append(sample)
        return series


def sent_in(data: Path) -> int:
    """How many files the journal calls Sent."""
    path = data / "journal.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
        try:
            found = journal.execute("SELECT count(*) FROM outgoing WHERE sent_version IS NOT NULL").fetchone()
        except sqlite3.OperationalError:  # it is being made
            return 0
    return int(found[0])


def clear(folder: Path) -> None:
    """Remove a folder with everything in it."""
    shutil.rmtree(folder, ignore_errors=True)
