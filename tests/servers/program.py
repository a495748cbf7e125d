"""Our own command line, run as people run it: in a process of its own, with a data folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servers.parts import ROOT, eventually

Event = dict[str, Any]


@dataclass(slots=True)
class Running:
    """A command that runs with ``--json``; its events arrive in ``events``, in order."""

    process: subprocess.Popen[bytes]
    error_file: Path
    data: Path
    events: list[Event] = field(default_factory=list)
    stray_lines: list[str] = field(default_factory=list)
    """Lines on standard output that are no JSON object: there should be none."""
    _reader: threading.Thread | None = None

    def follow(self) -> None:
        """Collect the events from now on, on a thread that ends with the program."""
        self._reader = threading.Thread(target=self._collect, name="events of a program", daemon=True)
        self._reader.start()

    def _collect(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            if isinstance(event, dict):
                self.events.append(event)
            else:
                self.stray_lines.append(line.decode(errors="replace"))

    def errors(self) -> str:
        """What it wrote to standard error so far."""
        return self.error_file.read_text(errors="replace")

    def find(self, **fields: object) -> list[Event]:
        """Events with these values, for example ``find(event="file", state="sent")``."""
        return [event for event in list(self.events) if all(event.get(key) == value for key, value in fields.items())]

    def wait_until(self, check: Callable[[], bool], *, timeout_s: float, what: str) -> None:
        """Wait for something; AssertionError with everything it said if that does not come."""

        def look() -> bool:
            if check():
                return True
            ended = self.process.poll()
            assert ended is None, f"{what}: the program ended with {ended}"
            return False

        try:
            eventually(look, timeout_s=timeout_s, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tell()}") from None

    def wait_for(self, *, timeout_s: float = 60, **fields: object) -> Event:
        """Wait for the first event with these values."""
        self.wait_until(lambda: bool(self.find(**fields)), timeout_s=timeout_s, what=f"an event with {fields}")
        return self.find(**fields)[0]

    def wait(self, *, timeout_s: float = 120) -> int:
        """Wait for its own end; returns the exit status."""
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout_s} s\n{self.tell()}") from None
        if self._reader:
            self._reader.join(10)
        return status

    def stop(self, *, how: signal.Signals = signal.SIGTERM, timeout_s: float = 30) -> int:
        """End it as a service manager does; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait(timeout_s=timeout_s)

    def kill(self) -> None:
        """SIGKILL; harmless if it has ended."""
        self.process.kill()
        self.process.wait(30)
        if self._reader:
            self._reader.join(10)
        if self.process.stdout:
            self.process.stdout.close()

    @property
    def summary(self) -> Event:
        """The last event, which says how it went."""
        assert self.events, f"no event at all\n{self.tell()}"
        assert self.events[-1]["event"] == "summary", self.tell()
        return self.events[-1]

    def tell(self) -> str:
        """The end of what it said, for a failure message."""
        events = "\n".join(json.dumps(event, ensure_ascii=False) for event in self.events[-40:])
        logs = sorted(self.data.rglob("*.log"))
        log = "".join(path.read_text(errors="replace") for path in logs)
        return f"--- last events\n{events}\n--- standard error\n{self.errors()[-3000:]}\n--- log\n{log[-3000:]}"


@dataclass(slots=True)
class Program:
    """``openmsi-desktop`` with a data folder and settings of its own below ``folder``."""

    folder: Path
    _runs: list[Running] = field(default_factory=list)

    def start(
        self,
        *arguments: str | Path,
        data: str = "data",
        env: dict[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> Running:
        """Start a command with ``--json``. data: name of the data folder; two are two installations.

        before: a program that starts ours, with its arguments; for example one that takes rights away.
        """
        (self.folder / data).mkdir(parents=True, exist_ok=True)
        error_file = self.folder / f"errors-{len(self._runs)}.txt"
        words = list(map(str, arguments))
        words.insert(
            words.index("--") if "--" in words else len(words), "--json"
        )  # what comes after is another program's
        with open(error_file, "wb") as errors:
            process = subprocess.Popen(
                [*before, sys.executable, "-m", "openmsi_desktop", *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self.folder,
                env=self._environment(data) | (env or {}),
            )
        running = Running(process, error_file, self.folder / data)
        running.follow()
        self._runs.append(running)
        return running

    def run(
        self, *arguments: str | Path, data: str = "data", env: dict[str, str] | None = None, timeout_s: float = 120
    ) -> Running:
        """Run a command to its end; ``.process.returncode`` is its exit status."""
        running = self.start(*arguments, data=data, env=env)
        running.wait(timeout_s=timeout_s)
        return running

    def write_settings(
        self, kafka: Mapping[str, object], folders: Sequence[Mapping[str, object]], *, credential: str = ""
    ) -> None:
        """Settings with one connection and these watched folders on it."""
        connection: Mapping[str, object] = {"name": "lab", "credential": credential, "kafka": kafka}
        blocks = [("connections", connection)]
        blocks += [("watched_folders", {"connection": "lab", **folder}) for folder in folders]
        text = "".join(
            f"[[{kind}]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in block.items())
            for kind, block in blocks
        )
        (self.folder / "settings.toml").write_text(f"version = 1\n{text}", encoding="utf-8")

    def close(self) -> None:
        """End whatever still runs."""
        for running in self._runs:
            running.kill()

    def _environment(self, data: str) -> dict[str, str]:
        return os.environ | {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "WIN_PD_OVERRIDE_LOCAL_APPDATA": str(self.folder / "config"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "OPENMSI_DATA": str(self.folder / data),
            "OPENMSI_SETTINGS": str(self.folder / "settings.toml"),
            "PYTHONPATH": str(ROOT),
        }


def _toml(value: object) -> str:
    """As it stands in settings: tables in one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)
