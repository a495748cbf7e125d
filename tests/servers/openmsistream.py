"""OpenMSIStream, installed in an environment of its own: its programs, and its configuration file."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from servers.parts import eventually


@dataclass(slots=True)
class Run:
    """A program of OpenMSIStream that is running; its whole output lies in ``log``."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait(self, *, timeout_s: float = 120) -> int:
        """Wait for its own end; returns the exit status."""
        return self.process.wait(timeout_s)

    def quit(self, *, timeout_s: float = 120) -> int:
        """Ask it to end, as a person at its console does, and wait until it has flushed everything.

        It looks at the console once in a turn, and its turns grow with the time it was idle.
        """
        if self.process.poll() is None and self.process.stdin:
            self.process.stdin.write(b"q\n")
            self.process.stdin.close()
            self.process.stdin = None
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """SIGKILL; harmless if it has ended."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.kill()
        self.process.wait(30)

    def output(self) -> str:
        """What it printed so far."""
        return self.log.read_text(errors="replace")

    def quit_when(self, is_done: Callable[[], bool], *, timeout_s: float, what: str) -> int:
        """Wait until ``is_done``, then :meth:`quit`; fails at once if the program ends before."""

        def check() -> bool:
            assert self.process.poll() is None, f"it ended by itself:\n{self.output()[-3000:]}"
            return is_done()

        eventually(check, timeout_s=timeout_s, what=what, every_s=0.2)
        return self.quit()


@dataclass(slots=True)
class OpenMSIStream:
    """Its environment's programs. folder: where configuration files and logs are written."""

    environment: Path
    folder: Path
    _runs: list[Run] = field(default_factory=list)

    def program(self, name: str) -> Path:
        """Path of one of its console scripts, for example ``DataFileUploadDirectory``."""
        return self.environment / "bin" / name

    def write_config(
        self,
        broker: Mapping[str, object],
        *,
        producer: Mapping[str, object] | None = None,
        consumer: Mapping[str, object] | None = None,
        name: str = "interop",
    ) -> Path:
        """Write a configuration file for plain (not encrypted) chunks and return its path.

        Its ``[broker]`` section understands only simple properties; others make its programs stop.
        """
        sections: dict[str, dict[str, object]] = {
            "broker": dict(broker),
            "producer": {
                "batch.size": 2_000_000,
                "linger.ms": 10,
                "key.serializer": "StringSerializer",
                "value.serializer": "DataFileChunkSerializer",
                **(producer or {}),
            },
            "consumer": {
                "group.id": "create_new",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": "False",
                "key.deserializer": "StringDeserializer",
                "value.deserializer": "DataFileChunkDeserializer",
                **(consumer or {}),
            },
        }
        text = "".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
            for section, values in sections.items()
        )
        path = self.folder / f"{name}.config"
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, name: str, *arguments: str | Path) -> Run:
        """Start one of its programs; its console stays open for :meth:`Run.quit`."""
        log = self.folder / f"{name}-{len(self._runs)}-{time.monotonic_ns()}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [str(self.program(name)), *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=os.environ | {"PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"},
            )
        run = Run(process, log)
        self._runs.append(run)
        return run

    def close(self) -> None:
        """End whatever still runs."""
        for run in self._runs:
            run.kill()
