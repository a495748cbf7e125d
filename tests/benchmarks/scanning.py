"""The first look through a folder, next to the barest one. Each runs as a process of its own::

python -m benchmarks.scanning ours|bare FOLDER
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from servers.parts import ROOT

from benchmarks.bench import Bench
from benchmarks.measure import Sample
from benchmarks.report import Row, compared

_FILES = 100_000


def first_scan(bench: Bench) -> Row:
    """100,000 files in 200 folders, already in the memory of the operating system."""
    folder = bench.small_files(_FILES, size=10, folders=200)
    series = bench.alternate({name: lambda name=name: _look(bench, name, folder) for name in ("bare loop", "ours")})  # type: ignore[misc]
    row = compared(f"first look at {_FILES:,} files, against `os.scandir` and `os.stat`", series, least=0.5, aim=None)
    return row


def _look(bench: Bench, name: str, folder: Path) -> Sample:
    running = bench.start(
        [sys.executable, "-m", "benchmarks.scanning", name, folder],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])},
    )
    sample = running.ended()
    return Sample(float(running.output()), sample.cpu_s, sample.rss_mb)


def main() -> None:
    name, folder = sys.argv[1:]
    look = _ours if name == "ours" else _bare
    begun = time.perf_counter()
    found = look(folder)
    took = time.perf_counter() - begun
    if found != _FILES:
        sys.exit(f"{found} files were seen")
    print(took)


def _bare(folder: str) -> int:
    found, folders = 0, [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    os.stat(entry.path)
                    found += 1
    return found


def _ours(folder: str) -> int:
    from openmsi_desktop.core.rules import Rules
    from openmsi_desktop.streaming.watching.scan import walk
    from openmsi_desktop.streaming.watching.sightings import Seen

    return sum(isinstance(item, Seen) for item in walk(folder, Rules()))


if __name__ == "__main__":
    main()
