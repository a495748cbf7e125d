"""Whole processes: how long, how much processor time, how much memory. And what many such measurements say together."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LOOK_S = 0.01
_LOOK_MEMORY_S = 0.03
_PATIENCE_S = 600.0


class Failed(Exception):
    """A program that is measured did not do its work."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. wall_s: seconds until the work was done; cpu_s: user and system of the whole process; rss_mb: its peak."""

    wall_s: float
    cpu_s: float
    rss_mb: float


@dataclass(slots=True)
class Series:
    """The runs of one candidate, in the order of the rounds."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def wall_s(self) -> float:
        """Median."""
        return statistics.median(s.wall_s for s in self.samples)

    @property
    def cpu_s(self) -> float:
        """Median."""
        return statistics.median(s.cpu_s for s in self.samples)

    @property
    def rss_mb(self) -> float:
        """The largest of all runs."""
        return max(s.rss_mb for s in self.samples)

    def told(self) -> str:
        """For the table."""
        low, high = min(s.wall_s for s in self.samples), max(s.wall_s for s in self.samples)
        noise = f" ({low:.2f}–{high:.2f})" if len(self.samples) > 1 else ""
        return f"{self.wall_s:.2f} s{noise}, CPU {self.cpu_s:.2f} s, {self.rss_mb:.0f} MB"


def speed(ours: Series, other: Series) -> tuple[float, float, float]:
    """How many times as fast as the other: (median, least, greatest) of the rounds' ratios."""
    ratios = [b.wall_s / a.wall_s for a, b in zip(ours.samples, other.samples, strict=False)]
    return statistics.median(ratios), min(ratios), max(ratios)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


class Measured:
    """A process under measurement. Its output goes to ``log``."""

    def __init__(self, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str], cwd: Path) -> None:
        self._log = log
        with open(log, "wb") as output:
            self.begun = time.monotonic()
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
            )
        self._peak_kb = 0
        self._memory = threading.Thread(target=self._watch_memory, name="memory", daemon=True)
        self._memory.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def output(self) -> str:
        """What it printed so far."""
        return self._log.read_text(errors="replace")

    def until(self, is_done: Callable[[], bool]) -> float:
        """Wait until the work is done; returns the seconds since the start."""
        end = time.monotonic() + _PATIENCE_S
        while not is_done():
            if self._process.poll() is not None:
                raise Failed(f"it ended by itself, status {self._process.returncode}:\n{self.output()[-3000:]}")
            if time.monotonic() > end:
                self.kill()
                raise Failed(f"not done after {_PATIENCE_S:.0f} s:\n{self.output()[-3000:]}")
            time.sleep(_LOOK_S)
        return time.monotonic() - self.begun

    def ended(self, *, wall_s: float | None = None) -> Sample:
        """Wait for its end. wall_s: when its work was done; without it, the end counts."""
        _, status, usage = os.wait4(self._process.pid, 0)
        took = time.monotonic() - self.begun if wall_s is None else wall_s
        self._memory.join()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._close_console()
        if self._process.returncode not in (0, 128 + signal.SIGTERM, -signal.SIGTERM):
            raise Failed(f"status {self._process.returncode}:\n{self.output()[-3000:]}")
        return Sample(took, usage.ru_utime + usage.ru_stime, (self._peak_kb or usage.ru_maxrss) / 1024)

    def stop(self) -> None:
        """Ask it to end."""
        self._process.send_signal(signal.SIGTERM)

    def write(self, line: str) -> None:
        """A line on its console."""
        assert self._process.stdin
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL; harmless if it has ended."""
        self._close_console()
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait(30)

    def _watch_memory(self) -> None:
        """The peak, as far as the system tells it while the process lives; what it says afterwards counts our own too."""
        while (peak := _status(self.pid, "VmHWM")) is not None:
            self._peak_kb = max(peak, self._peak_kb)
            time.sleep(_LOOK_MEMORY_S)

    def _close_console(self) -> None:
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()


def cpu_of(pid: int) -> float:
    """Seconds of processor time that a living process has used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """What a living process holds in memory now, in MB (Linux)."""
    return (_status(pid, "VmRSS") or 0) / 1024


def _status(pid: int, name: str) -> int | None:
    """A number of kilobytes from what Linux tells of a process; None if there is none (any more)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), None)
