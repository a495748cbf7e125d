"""Snapshots with made-up tasks, for windows that need neither engine nor broker. Names are those of a real laboratory."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import ProblemRow
from openmsi_desktop.core.listing import ListedFile
from openmsi_desktop.core.task_kinds import READERS
from openmsi_desktop.gui.snapshot import HealthLine, Moving, Snapshot, TaskNow
from openmsi_desktop.settings import Bucket, Connection, Download, Processor, Settings, WatchedFolder
from openmsi_desktop.streaming.keys import task_key, tasks_of

_TODAY = time.localtime()
NOW = time.mktime((_TODAY.tm_year, _TODAY.tm_mon, _TODAY.tm_mday, 14, 3, 22, 0, 0, -1))
"""This afternoon."""


def task(name: str = "SPHINX exports", kind: str = "watch", **changes: object) -> TaskNow:
    """A task that runs and has nothing to do."""
    if kind in READERS:
        changes = {"health": HEALTHY[2:], "today": {FileState.RECEIVED: 31, FileState.DELIVERED: 31}, **changes}
    base = TaskNow(
        key=f"{kind}:{name}",
        name=name,
        kind=kind,
        state=TaskState.RUNNING,
        contact_at=NOW,
        connection="AIMD-L broker",
        route=(f"/data/inst/{name}/out", "sphinx_raw") if kind not in READERS else (f"results_{name}", "/data/results"),
        health=HEALTHY,
        last_file=last_file(NOW - 322),
        today={FileState.FOUND: 251, FileState.SENT: 212, FileState.CHECKED: 209, FileState.ARRIVED: 204},
    )
    return replace(base, **changes)  # type: ignore[arg-type]


HEALTHY = (
    HealthLine("watching", True, "Watching works"),
    HealthLine("rescan", True, "The folder was looked through", "nothing missed"),
    HealthLine("broker", True, "The broker answers"),
    HealthLine("disk", True, "212 GB free", "/data"),
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


def settings(*tasks: TaskNow) -> Settings:
    """Settings in which these tasks stand."""
    return Settings(
        connections=(Connection(name="AIMD-L broker", kafka={"bootstrap.servers": "kafka.example.org:9092"}),),
        watched_folders=tuple(
            WatchedFolder(name=t.name, path=Path(t.route[0]), topic=t.route[1], connection=t.connection)
            for t in tasks
            if t.kind == "watch"
        ),
        downloads=tuple(
            Download(
                name=t.name,
                topics=(t.route[0],),
                target=Path(t.route[1]) if t.kind == "download" else None,
                sinks=t.route[2 if t.kind == "download" else 1 :],
                connection=t.connection,
            )
            for t in tasks
            if t.kind in READERS
        ),
        buckets=(Bucket(name="aimdl-raw", bucket="aimdl-raw", endpoint_url="https://s3.example.org"),),
        processors=(Processor(name="find_peaks.py", command=("find_peaks.py", "{file}"), result_topic="peaks"),),
    )


def known(shown: Snapshot) -> tuple[Snapshot, Settings]:
    """The same tasks under the keys that they have in settings, and those settings."""
    made = settings(*shown.tasks)
    keys = {item.title: task_key(item) for item in tasks_of(made)}
    return replace(shown, tasks=tuple(replace(t, key=keys.get(t.name, t.key)) for t in shown.tasks)), made


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
            Moving(
                "run_02/scan_004.tif",
                FileState.WAITING,
                "still being written (last change 0 s ago)",
                31_200_000,
                None,
                time.time() - 24,
            ),
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
        task(
            "results",
            "download",
            route=("results", "/data/results"),
            today={FileState.RECEIVED: 31, FileState.DELIVERED: 31},
        ),
        task(
            "AIMD archive",
            "download",
            route=("archive", "/data/archive"),
            counts={FileState.PROBLEM: 2},
            problems=(problem(), problem(path="run_02/c.NMD", number=2)),
        ),
    )


def onward() -> Snapshot:
    """Files are stored in a bucket and processed by a program; one reader does several things."""
    return snapshot(
        busy_task(),
        task(
            "XRD to the archive",
            "transfer",
            route=("sphinx_raw", "aimdl-raw"),
            pending=12,
            batch=(29, 41),
            counts={FileState.RECEIVING: 1, FileState.RECEIVED: 11, FileState.DELIVERED: 1204},
            moving=(Moving("run_01/Grid 7x3.NMD", FileState.RECEIVING, "", 8_400_000, 0.61),),
            rate=12_300_000.0,
        ),
        task(
            "Peaks of the XRD",
            "process",
            route=("xrd", "find_peaks.py"),
            counts={FileState.PROBLEM: 1, FileState.DELIVERED: 31},
            problem_count=1,
            problems=(problem("find_peaks.py failed with exit status 1", "run_02/b.xy"),),
        ),
        task("results", "download", route=("results", "/data/results", "aimdl-raw", "find_peaks.py")),
    )


def offline_task() -> TaskNow:
    """Its broker has not answered since 09:12."""
    at = NOW - 4 * 3600 - 51 * 60
    return task(
        state=TaskState.WAITING,
        title="Nothing answers at kafka.example.org:9092",
        is_offline=True,
        contact_at=at,
        pending=214,
        batch=(0, 214),
        counts={FileState.WAITING: 214, FileState.SENT: 1204},
        moving=(
            Moving("run_02/scan_004.tif", FileState.WAITING, "its turn comes", 31_200_000),
            Moving("run_02/scan_005.tif", FileState.WAITING, "its turn comes", 31_200_000),
        ),
        health=(*HEALTHY[:2], HealthLine("broker", False, "The broker does not answer", at=at), HEALTHY[3]),
    )


def states() -> dict[str, Snapshot]:
    """One Snapshot for each of the nine states of the icon, by its name; and some more."""
    other = task("Laser shock scope")
    idle = replace(task(), is_paused=True, state=TaskState.STOPPED, health=())
    return {
        "needs-you": snapshot(
            task(counts={FileState.PROBLEM: 2}, problems=(problem(), problem(path="c.NMD", number=2)), problem_count=2),
            other,
        ),
        "needs-you-task": snapshot(
            task(
                state=TaskState.WAITING,
                needs_you=True,
                title="User name or password refused by kafka.example.org",
                advice="Nothing is lost. Correct them in the connection; it is tried again every 30 s.",
            ),
            other,
        ),
        "failed": snapshot(
            task(
                state=TaskState.FAILED,
                title="The data folder lies inside the watched folder",
                advice="It would send its own journal. Choose a data folder elsewhere.",
            ),
            other,
        ),
        "stopped": snapshot(
            task(state=TaskState.STOPPED),
            other,
            role="stopped",
            error_title="Cannot use the data folder",
            error_advice="Permission denied. Check the rights of the folder.",
        ),
        "offline": snapshot(offline_task(), other),
        "warning": snapshot(task(health=(*HEALTHY[:3], HealthLine("disk", False, "180 MB free", "/data"))), other),
        "waiting": snapshot(
            task(
                state=TaskState.WAITING,
                title="The folder is not there",
                advice="Nothing is lost. It goes on when the folder is back.",
            ),
            other,
        ),
        "paused": snapshot(
            replace(idle, paused_until=NOW + 2 * 3600 + 3398, pending=12, counts={FileState.WAITING: 12}),
            replace(idle, key="watch:2", name="Laser shock scope"),
        ),
        "sending": snapshot(busy_task(), other),
        "checking": snapshot(task(checking=4), other),
        "up-to-date": snapshot(task(), other),
        "starting": snapshot(task(state=TaskState.STARTING, health=(), contact_at=None), role="starting"),
    }
