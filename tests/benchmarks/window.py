"""The program with its window: how soon it can be used, what it costs, and whether it ever hesitates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from servers.parts import ROOT

from benchmarks.bench import Bench, clear
from benchmarks.journals import fill
from benchmarks.measure import Failed, percentile
from benchmarks.report import Goal, Row
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Connection, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile

_FILES = 20_000
_IDLE_S = 60
_CHANGES = 50


def window_start(bench: Bench) -> Row:
    """From the start of the process to a window that shows its tasks, with 1,000,000 files in the journal."""
    settings, data = _made(bench, [bench.folder_for("instrument")])
    _one_file(bench, settings, data)
    fill(data)
    found = [_probe("start", settings, data, 0) for _ in range(bench.options.rounds)]
    wall, cpu = (sorted(float(f[name]) for f in found)[len(found) // 2] for name in ("wall_s", "cpu_s"))
    clear(data)
    row = Row("the window, with 1,000,000 files in the journal", {"ours": f"{wall:.2f} s, CPU {cpu:.2f} s"})
    row.goals.append(Goal("until it can be used", wall, 1.5, unit=" s", is_limit=True))
    return row


def window_idle(bench: Bench) -> Row:
    """A minute of five tasks in which nothing happens."""
    settings, data = _made(bench, [bench.folder_for(f"instrument-{number}") for number in range(5)])
    found = _probe("idle", settings, data, _IDLE_S)
    cpu, rss = float(found["cpu_s"]), float(found["rss_mb"])
    row = Row("the window, idle with five tasks, a minute", {"ours": f"CPU {cpu:.2f} s, {rss:.0f} MB"})
    row.goals.append(Goal("of a core", 100 * cpu / _IDLE_S, 0.5, unit=" %", is_limit=True))
    row.goals.append(Goal("RSS", rss, 250, unit=" MB", is_limit=True, digits=0))
    return row


def window_soak(bench: Bench) -> Row:
    """20,000 files in a folder: how fast they are sent beside a window, and what the window's thread is kept by."""
    folder = bench.small_files(_FILES, size=2000)
    speeds = []
    settings, data = _made(bench, [folder])
    bench.ours("run", "--settings", settings, "--until-idle", "1", data=data).ended()
    with closing(Journal(data / "journal.db")) as journal:
        first, last, count = journal.query("SELECT min(sent_at), max(sent_at), count(*) FROM outgoing")[0]
        speeds.append(count / (last - first))
    clear(data)
    settings, data = _made(bench, [folder])
    found = _probe("soak", settings, data, _FILES)
    clear(data)
    speeds.append(float(found["files_per_s"]))
    worst = found["worst"][:1] or [[0.02, 0.0, "nothing"]]
    for wall, cpu, what in found["worst"]:
        print(f"    {1000 * wall:.0f} ms ({1000 * cpu:.0f} ms of processor time): {what}")
    row = Row(
        f"the window, while {_FILES:,} files of 2 kB are sent",
        {"ours": f"{speeds[1]:.0f} files/s (command line: {speeds[0]:.0f})"},
    )
    row.goals.append(Goal("× the command line", speeds[1] / speeds[0], 0.9))
    longest = 1000 * float(worst[0][0])
    row.goals.append(Goal("for the longest call on the GUI thread", longest, 50, unit=" ms", is_limit=True, digits=0))
    row.notes.append(
        f"{found['over_50']} calls over 50 ms; the longest needed {1000 * float(worst[0][1]):.0f} ms of CPU"
    )
    return row


def window_icon(bench: Bench) -> Row:
    """From a change of the state to the icon."""
    settings, data = _made(bench, [bench.folder_for("instrument")])
    delays = [float(d) for d in _probe("icon", settings, data, _CHANGES)["delays"]]
    median, most = percentile(delays, 0.5), percentile(delays, 0.99)
    row = Row("a change of the state until the icon shows it", {"ours": f"median {median:.2f} s, p99 {most:.2f} s"})
    row.goals.append(Goal("p99", most, 1.0, unit=" s", is_limit=True))
    return row


def _made(bench: Bench, folders: list[Path]) -> tuple[Path, Path]:
    """Settings that watch these folders, and a new data folder."""
    data = bench.folder_for("data")
    file = SettingsFile(data.with_suffix(".toml"))
    file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": bench.kafka.bootstrap()}))
    for number, folder in enumerate(folders):
        file.put(
            "watched_folders",
            WatchedFolder(
                name=f"Instrument {number}",
                path=folder,
                connection="lab",
                topic=bench.topic(),
                settle=Settle(quiet_s=0),
            ),
        )
    file.write()
    return file.path, data


def _one_file(bench: Bench, settings: Path, data: Path) -> None:
    folder = SettingsFile(settings).settings.watched_folders[0].path
    (folder / "first.dat").write_bytes(os.urandom(10_000))
    bench.ours("run", "--settings", settings, "--until-idle", "1", data=data).ended()


def _probe(mode: str, settings: Path, data: Path, amount: int) -> dict[str, Any]:
    """What the program said of itself."""
    command = [sys.executable, "-m", "benchmarks.window_probe", mode, str(settings), str(data), str(amount)]
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}",
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "BENCH_BEGUN": repr(time.time()),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise Failed(f"the window ended with {done.returncode}: {done.stderr[-1000:]}") from None
    return found
