"""A folder that is written as instruments do it, a program that watches it, and the judge at the end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults.oracle import Event, Part, Verdict, Written, judge, read_topic
from servers.kafka import Kafka
from servers.program import Program, Running


@dataclass(slots=True)
class Watched:
    """A folder below ``folder``, and the topic it is sent to. options: of every ``watch``.

    env, before: see :meth:`Program.start`.
    """

    kafka: Kafka
    program: Program
    folder: Path
    options: tuple[str, ...] = ("--quiet", "0.2")
    name: str = "instrument"
    data: str = "sender"
    partitions: int = 2
    env: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    topic: str = ""
    written: Written = field(init=False)
    events: list[Event] = field(default_factory=list)
    """Of all runs that are over."""
    run: Running = field(init=False)

    def __post_init__(self) -> None:
        root = self.folder / self.name
        root.mkdir(parents=True, exist_ok=True)
        self.written = Written(root)
        # the broker's clock stamps the messages, so that it can be told what was there when
        self.topic = self.topic or self.kafka.create_topic(
            partitions=self.partitions, config={"message.timestamp.type": "LogAppendTime"}
        )

    @property
    def root(self) -> Path:
        return self.written.root

    # -- the program

    def start(self, *more: str, ready: bool = True) -> Running:
        there = ("--bootstrap", self.kafka.bootstrap())
        command: tuple[str | Path, ...] = ("watch", self.root, "--topic", self.topic, *self.options, *more, *there)
        self.run = self.program.start(*command, data=self.data, env=dict(self.env), before=self.before)
        if ready:
            self.run.wait_for(event="ready")
        return self.run

    def kill(self) -> None:
        self.run.kill()
        self.events += self.run.events

    def stop(self) -> None:
        """In order, and without a word that should not be there."""
        assert self.run.stop() == 143, self.run.tell()
        assert self.run.stray_lines == [] and "Traceback" not in self.run.errors(), self.run.tell()
        self.events += self.run.events

    def ask(self, *arguments: str | Path) -> Sequence[Event]:
        """A command with the same data folder; returns what it prints."""
        return self.program.run(*arguments, data=self.data, env=dict(self.env)).events

    def rows(self) -> dict[str, Event]:
        """The journal, as ``files`` shows it, by path."""
        return {row["path"]: row for row in self.ask("files")}

    # -- the files

    def save(self, path: str, content: bytes) -> Path:
        """Write a file in one piece under its own name."""
        self.written.add(path, content)
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def rewrite(self, path: str, content: bytes, *, at: int = 0) -> None:
        """Write into the middle of a file in one call: there is no state in between."""
        file = os.open(self.root / path, os.O_WRONLY)
        try:
            assert os.pwrite(file, content, at) == len(content)
        finally:
            os.close(file)
        self.note(path)

    def note(self, path: str) -> bytes:
        """What the file holds now is a version of its own; returns its bytes."""
        content = (self.root / path).read_bytes()
        self.written.add(path, content)
        return content

    def remove(self, path: str) -> None:
        """A person deletes it: nobody asks for it any more."""
        (self.root / path).unlink()
        del self.written.versions[path]

    # -- waiting

    def wait(self, state: str, path: str, *, timeout_s: float = 60, **more: Any) -> Event:
        """Until a file is in a state for the first time since the program was started."""
        return self.run.wait_for(event="file", state=state, path=path, timeout_s=timeout_s, **more)

    def wait_sent(self, *paths: str, state: str = "sent", timeout_s: float = 60) -> None:
        """Until the last versions of these files (default: of all) are Sent."""
        for path in paths or tuple(self.written.versions):
            self.wait(state, path, sha512=self.written.last[path], timeout_s=timeout_s)

    def wait_part(self, path: str, share: float, *, since: int = 0, timeout_s: float = 60) -> None:
        """Until this share of a file's chunks is acknowledged, counting events from number ``since``."""

        def is_there() -> bool:
            return any(
                e.get("path") == path and (e.get("chunks_done") or 0) >= max(1, share * e["chunks_total"])
                for e in self.run.events[since:]
                if e.get("event") == "file" and e["state"] == "sending"
            )

        self.run.wait_until(is_there, timeout_s=timeout_s, what=f"{share:.0%} of {path} are sent")

    def wait_task(self, words: str, *, since: int = 0, timeout_s: float = 30) -> None:
        """Until the task says these words, counting events from number ``since``."""
        self.run.wait_until(
            lambda: any(words in e.get("title", "") for e in self.run.events[since:] if e["event"] == "task"),
            timeout_s=timeout_s,
            what=f"the task says: {words}",
        )

    # -- the end

    def parts(self) -> list[Part]:
        return read_topic(self.kafka.client(), self.topic, self.written)

    def verdict(self, *, interruptions: Iterable[float] = (), parts: list[Part] | None = None) -> Verdict:
        """After :meth:`stop`."""
        return judge(
            self.written,
            self.parts() if parts is None else parts,
            said=self.events,
            journal=self.ask("files"),
            interruptions=list(interruptions),
        )
