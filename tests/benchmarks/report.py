"""Rows of figures -> the table in docs/performance.md, between two markers. What a person wrote around it stays."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import confluent_kafka
from servers.parts import CACHE, ROOT

from benchmarks.measure import Series, speed
from openmsi_desktop import __version__

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure with what it is to be at least (or at most), and what is aimed at."""

    name: str
    value: float
    least: float
    aim: float | None = None
    unit: str = ""
    is_limit: bool = False
    """The figure is to stay below."""
    digits: int = 2

    @property
    def is_met(self) -> bool:
        return self.value <= self.least if self.is_limit else self.value >= self.least

    def told(self) -> str:
        """The figure, what was asked for, and by how much it is missed."""
        wanted = "at most" if self.is_limit else "at least"
        text = f"**{self.value:.{self.digits}f}{self.unit}** {self.name} ({wanted} {self.least:g}{self.unit}"
        text += f", aim {self.aim:g}{self.unit})" if self.aim is not None else ")"
        if not self.is_met:
            missed = self.value / self.least - 1 if self.is_limit else 1 - self.value / self.least
            text += f": **missed by {missed:.0%}**"
        elif self.aim is not None and (self.value > self.aim if self.is_limit else self.value < self.aim):
            short = self.value / self.aim - 1 if self.is_limit else 1 - self.value / self.aim
            text += f": aim missed by {short:.0%}"
        return text


@dataclass(slots=True)
class Row:
    """One kind of work. cells: candidate -> what it needed."""

    work: str
    cells: dict[str, str]
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def told(self) -> str:
        """A line of the table."""
        cells = [self.cells.get(name, "–") for name in ("OpenMSIStream", "bare loop", "ours")]
        verdict = "<br>".join([goal.told() for goal in self.goals] + self.notes)
        return f"| {self.work} | {' | '.join(cells)} | {verdict} |"


@dataclass(frozen=True, slots=True)
class Section:
    """Something with a table of its own."""

    title: str
    text: str


def compared(work: str, series: dict[str, Series], *, least: float, aim: float | None) -> Row:
    """A row whose figure is our speed as a multiple of the bare loop's."""
    median, low, high = speed(series["ours"], series["bare loop"])
    row = Row(work, {name: runs.told() for name, runs in series.items()})
    row.goals.append(Goal(f"× bare ({low:.2f}–{high:.2f})", median, least, aim))
    if "OpenMSIStream" in series:
        row.notes.append(f"{series['OpenMSIStream'].wall_s / series['ours'].wall_s:.1f} × OpenMSIStream")
    return row


def write(rows: Sequence[Row | Section], *, command: str) -> None:
    """Put the figures into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{_head(command)}\n\n{told(rows)}\n{END}{after}", encoding="utf-8")


def told(found: Sequence[Row | Section]) -> str:
    """The rows as one table, and after it what has tables of its own, in Markdown."""
    rows = [row for row in found if isinstance(row, Row)]
    sections = [f"### {section.title}\n\n{section.text}" for section in found if isinstance(section, Section)]
    return "\n\n".join([*([_table(rows)] if rows else []), *sections])


def _table(rows: Sequence[Row]) -> str:
    lines = ["| work | OpenMSIStream | bare loop | ours | ours, against what is asked for |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(row.told() for row in rows)])


def _head(command: str) -> str:
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr.partition("\n")[0]
    jar = next((CACHE / "kafka").glob("kafka_2.13-*.jar"), Path("?")).stem.partition("-")[2]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"Measured by `{command}` on {datetime.now(UTC).date()}: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release().partition('-')[0]}, Python {platform.python_version()}, Apache Kafka {jar} "
        f"({java}), librdkafka {confluent_kafka.libversion()[0]}, OpenMSIStream 1.8.8, OpenMSI Desktop {__version__}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def say(text: str) -> None:
    """A line for the person who waits."""
    print(text, file=sys.stdout, flush=True)
