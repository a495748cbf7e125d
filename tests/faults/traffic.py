"""Steady traffic for the tests of brokers and networks: an instrument that writes, a sender, a reader, and the judge."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faults.oracle import Event, Part, Verdict, Written, judge, read_topic
from servers.kafka import Kafka
from servers.program import Program, Running


class Instrument:
    """Writes a small file every ``every_s`` seconds, on a thread of its own, and keeps the log of what it wrote.

    Every tenth file is a new version of ``latest.csv``.
    """

    def __init__(self, root: Path, *, every_s: float = 0.2, size: int = 20_000) -> None:
        root.mkdir()
        self.written = Written(root)
        self._every_s = every_s
        self._size = size
        self._chance = random.Random(root.name)
        self._number = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="instrument", daemon=True)

    def save(self, path: str, content: bytes) -> None:
        """Write a file as careful programs do: under another name, then renamed."""
        self.written.add(path, content)
        file = self.written.root / path
        aside = file.with_name(f".{file.name}.tmp")
        aside.write_bytes(content)
        aside.replace(file)

    def one(self) -> str:
        """Write the next file; returns its path."""
        self._number += 1
        path = "latest.csv" if self._number % 10 == 0 else f"scan {self._number:05}.dat"
        self.save(path, self._chance.randbytes(self._size))
        return path

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.one()


@dataclass(slots=True)
class Traffic:
    """A folder that is watched and a topic that is downloaded, by whole programs. Leave it by :meth:`end`.

    listener: of the broker, for both programs.
    """

    kafka: Kafka
    program: Program
    folder: Path
    listener: str = "PROXIED"
    every_s: float = 0.2
    size: int = 20_000
    reads: bool = True
    partitions: int = 3
    topic: str = ""
    instrument: Instrument = field(init=False)
    sender: Running = field(init=False)
    reader: Running | None = field(init=False, default=None)
    target: Path = field(init=False)

    def __post_init__(self) -> None:
        self.instrument = Instrument(self.folder / "instrument", every_s=self.every_s, size=self.size)
        self.target = self.folder / "received"
        # the broker's clock stamps the messages, so that it can be told what was there when
        self.topic = self.topic or self.kafka.create_topic(
            partitions=self.partitions, config={"message.timestamp.type": "LogAppendTime"}
        )

    def start(self, *options: str, env: dict[str, str] | None = None, before: Sequence[str] = ()) -> None:
        """Start both programs, wait until the first file is sent (and received), and let the instrument write.

        options: for both of them, how to reach the broker. env, before: see :meth:`Program.start`.
        """
        there = ("--bootstrap", self.kafka.bootstrap(self.listener))
        root = self.instrument.written.root
        self.sender = self.program.start(
            "watch",
            root,
            "--topic",
            self.topic,
            "--quiet",
            "0.2",
            *there,
            *options,
            data="sender",
            env=env,
            before=before,
        )
        if self.reads:
            self.reader = self.program.start(
                "download", self.topic, "--target", self.target, *there, *options, data="reader", env=env, before=before
            )
        path = self.instrument.one()
        self.sender.wait_for(event="file", path=path, state="sent")
        if self.reader is not None:
            self.reader.wait_for(event="file", path=path, state="delivered")
        self.instrument.start()

    def wait_for_task(self, title: str, *, timeout_s: float, where: str = "sender") -> float:
        """Wait until a program says as what its task waits for; returns the seconds that took."""
        begun, running = time.time(), self.sender if where == "sender" else self.reader
        assert running is not None
        running.wait_until(
            lambda: any(title in event["title"] for event in running.find(event="task", state="waiting")),
            timeout_s=timeout_s,
            what=f"the {where} waits: {title}",
        )
        return time.time() - begun

    def retry(self) -> None:
        """As a person who does not want to wait."""
        for data, running in (("sender", self.sender), ("reader", self.reader)):
            if running is not None:
                assert self.program.run("retry", data=data).process.returncode == 0

    def first_sent_after(self, moment: float, *, timeout_s: float) -> float:
        """Wait for a file to be Sent after a moment; returns the seconds between, by the broker's clock.

        moment: seconds since 1970.
        """
        so_far = len(self.sender.find(event="file", state="sent"))
        self.sender.wait_until(
            lambda: len(self.sender.find(event="file", state="sent")) > so_far,
            timeout_s=timeout_s,
            what="a file is sent again",
        )
        return max(0.0, time.time() - moment)

    def problems(self) -> list[Event]:
        """What the two programs called a problem so far."""
        return [e for running in (self.sender, self.reader) if running for e in running.find(event="problem")]

    def recover(
        self, since: float | None = None, *, timeout_s: float = 60, settle_s: float = 60
    ) -> tuple[float, Verdict]:
        """A fault is over: wait for the first file that is Sent again, and end; returns the seconds that it took.

        since: seconds since 1970, in the broker's clock; now if None.
        """
        recovery = self.first_sent_after(time.time() if since is None else since, timeout_s=timeout_s)
        _, verdict = self.end(settle_s=settle_s)
        return recovery, verdict

    def end(self, *, settle_s: float = 60) -> tuple[list[Part], Verdict]:
        """Wait until all is there, stop both programs in order and judge them; returns what is on the topic, too."""
        self._settle(settle_s)
        for running in (self.sender, self.reader):
            if running is not None:
                assert running.stop() == 143, running.tell()
                assert running.stray_lines == [] and "Traceback" not in running.errors()
        parts = read_topic(self.kafka.client(), self.topic, self.instrument.written)
        said = [*self.sender.events, *(self.reader.events if self.reader else ())]
        verdict = judge(
            self.instrument.written,
            parts,
            said=sorted(said, key=lambda event: str(event["time"])),
            journal=self.program.run("files", data="sender").events,
            target=self.target if self.reader else None,
        )
        return parts, verdict

    def _settle(self, timeout_s: float) -> None:
        """Let the instrument rest, and wait until the last version of every file is Sent (and Delivered)."""
        self.instrument.stop()
        last = set(self.instrument.written.last.items())
        for running, state in ((self.sender, "sent"), (self.reader, "delivered")):
            if running is not None:
                running.wait_until(
                    lambda running=running, state=state: last <= _in_state(running.events, state),  # type: ignore[misc]
                    timeout_s=timeout_s,
                    what=f"the last version of every file is {state}",
                )


def _in_state(events: Iterable[Event], state: str) -> set[tuple[str, str]]:
    return {(e["path"], e["sha512"]) for e in list(events) if e.get("event") == "file" and e["state"] == state}


def longest_pause(parts: Iterable[Part]) -> float:
    """The longest time in which nothing was stored, in seconds."""
    times = sorted(part.at for part in parts)
    return max((b - a for a, b in itertools.pairwise(times)), default=0.0)


def log_lines(running: Running) -> list[str]:
    """What the program wrote into its log and to standard error, a line each."""
    logs = sorted(running.data.rglob("*.log*"))
    return [line for path in logs for line in path.read_text(errors="replace").splitlines()] + [
        line for line in running.errors().splitlines() if line
    ]
