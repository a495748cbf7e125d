"""Snapshots with made-up tasks, for windows that need neither engine nor broker. Names are those of a real laboratory."""

from __future__ import annotations

import time
from dataclasses import replace

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import ProblemRow
from openmsi_desktop.core.listing import ListedFile
from openmsi_desktop.gui.snapshot import HealthLine, Moving, Snapshot, TaskNow

NOW = time.mktime((2026, 11, 20, 14, 3, 22, 0, 0, -1))
"""A Friday afternoon."""


def task(name: str = "SPHINX exports", kind: str = "watch", **changes: object) -> TaskNow:
    """A task that runs and has nothing to do."""
    base = TaskNow(
        key=f"{kind}:{name}",
        name=name,
        kind=kind,
        state=TaskState.RUNNING,
        contact_at=NOW,
        connection="AIMD-L broker",
        route=("/data/inst/SPHINX/out", "sphinx_raw") if kind != "download" else ("results", "/data/results"),
        health=HEALTHY,
        last_file=last_file(NOW - 322),
        today={FileState.FOUND: 251, FileState.SENT: 212, FileState.CHECKED: 209, FileState.ARRIVED: 204},
    )
    return replace(base, **changes)  # type: ignore[arg-type]


HEALTHY = (
    HealthLine("watcher", True, "Watching works", "checked 2 min ago"),
    HealthLine("rescan", True, "Last rescan found nothing missed", "11:40"),
    HealthLine("clock", True, "Clock agrees", "+0.2 s"),
    HealthLine("disk", True, "The disk has room", "212 GB free"),
)


def last_file(at: float, path: str = "run_01/Grid 7x3.NMD") -> ListedFile:
    """The file there was news of last."""
    return ListedFile(
        1, True, "watch:x", "sphinx_raw", path, f"/data/{path}", FileState.SENT, "", 8_400_000, at, b"", 1, at
    )


def problem(title: str = "The topic refuses this file", path: str = "run_02/b.NMD", number: int = 1) -> ProblemRow:
    """A problem of a file."""
    return ProblemRow(
        number, "watch:x", path, title, "It is larger than the topic allows.", NOW - 900, NOW, 7, NOW + 40
    )


def snapshot(*tasks: TaskNow, role: str = "streaming", **changes: object) -> Snapshot:
    """Everything at NOW."""
    return replace(Snapshot(at=NOW, role=role, tasks=tasks), **changes)  # type: ignore[arg-type]


def busy_task() -> TaskNow:
    """Sends 3 of 41."""
    rates = tuple(12e6 * (0.35 if i < 12 else 0.0 if 60 < i < 70 else 0.85 + (i % 7) / 40) for i in range(120))
    return task(
        pending=39,
        batch=(2, 41),
        bytes_left=1_800_000_000,
        seconds_left=170.0,
        counts={FileState.SENDING: 2, FileState.WAITING: 39, FileState.SENT: 1204},
        moving=(
            Moving("run_01/Grid 7x3.NMD", FileState.SENDING, "", 8_400_000, 0.61),
            Moving("run_01/after_alignment_1_5.jpg", FileState.SENDING, "", 2_000_000, 0.22),
            Moving("run_02/scan_004.tif", FileState.WAITING, "still being written: last change 4 s ago", 31_200_000),
        ),
        rate=12_300_000.0,
        rates=rates,
    )


def busy() -> Snapshot:
    """Five tasks, as in the picture of the design: one sends, one is paused, one needs a person."""
    return snapshot(
        busy_task(),
        task("Laser shock scope"),
        task("Camera 2", is_paused=True, paused_until=NOW + 2 * 3600 + 3398, state=TaskState.STOPPED),
        task("results → D:\\results", "download", today={FileState.RECEIVED: 31, FileState.DELIVERED: 31}),
        task(
            "AIMD archive",
            "download",
            counts={FileState.PROBLEM: 2},
            problems=(problem(), problem(path="run_02/c.NMD", number=2)),
        ),
    )
