"""``make bench``: measure, print, and write the table of docs/performance.md. See --help."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from servers.kafka import Kafka
from servers.parts import CACHE

from benchmarks import (
    compressing,
    downloading,
    journals,
    onward,
    previewing,
    report,
    scanning,
    sending,
    waiting,
    watching,
    window,
    window_files,
)
from benchmarks.bench import Bench, Options
from benchmarks.measure import Failed
from benchmarks.report import Row, Section

ROWS: dict[str, Callable[[Bench], Row | Section]] = {
    "send-256": sending.send_256,
    "send-1024": sending.send_1024,
    "send-10240": sending.send_10240,
    "download-256": downloading.download_256,
    "download-1024": downloading.download_1024,
    "download-10240": downloading.download_10240,
    "download-2000": downloading.download_2000,
    "watch-256": watching.watch_256,
    "watch-2000": watching.watch_2000,
    "transfer-256": onward.transfer_256,
    "transfer-1024": onward.transfer_1024,
    "transfer-500": onward.transfer_500,
    "transfer-5000": onward.transfer_5000,
    "process-500": onward.process_500,
    "process-class": onward.process_class,
    "process-cost": onward.process_cost,
    "new-file": waiting.new_file,
    "idle": waiting.idle,
    "journal": journals.million,
    "scan": scanning.first_scan,
    "preview": previewing.preview,
    "compression": compressing.compression,
    "window-start": window.window_start,
    "window-files": window_files.files_page,
    "window-idle": window.window_idle,
    "window-soak": window.window_soak,
    "window-icon": window.window_icon,
}
ON_REQUEST = {"send-10240", "download-10240", "process-cost"}
"""They take long, and need --long or their own name."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measurements on a real Kafka. They never fail on a figure."
    )
    parser.add_argument(
        "--only", nargs="*", metavar="ROW", help="rows whose names begin so; there are: " + ", ".join(ROWS)
    )
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds that count (default 5)")
    parser.add_argument("--long", action="store_true", help="also the long rows, and waits of minutes")
    parser.add_argument("--write", action="store_true", help="write the page even if only some rows were measured")
    given = parser.parse_args()
    chosen = [
        name
        for name in ROWS
        if (any(name.startswith(only) for only in given.only) if given.only else given.long or name not in ON_REQUEST)
    ]
    command = "make bench" + (' ARGS="--long"' if given.long else "") if given.write or not given.only else ""
    rows = _measure(chosen, Options(rounds=given.rounds, long=given.long), command)
    report.say("\n" + report.told(rows))
    if command:
        report.say(f"\nwritten to {report.PAGE.name}")


def _measure(names: list[str], options: Options, command: str) -> list[Row | Section]:
    """command: under which the page gets each row as soon as it is there; empty: it stays as it is."""
    rows: list[Row | Section] = []
    with tempfile.TemporaryDirectory(prefix="openmsi-bench-") as name:
        folder = Path(name)
        settings = {"log.segment.delete.delay.ms": 1000}
        with Kafka(folder / "kafka", CACHE / "kafka", settings=settings, heap="1g", fast_start=False) as kafka:
            bench = Bench(folder, kafka, options)
            if not all(name.startswith("window") for name in names):
                bench.warm_up()
            for row in names:
                report.say(f"{row}: {(ROWS[row].__doc__ or '').partition('.')[0]}")
                try:
                    rows.append(ROWS[row](bench))
                except (Failed, OSError, AssertionError) as error:  # the other rows are worth having
                    report.say(f"    FAILED: {error}")
                    rows.append(Row(f"`{row}`", {}, notes=["not measured: a program failed"]))
                    continue
                report.say("    " + report.told(rows[-1:]).replace("\n", "\n    "))
                if command:
                    report.write(rows, command=command)
    return rows


if __name__ == "__main__":
    main()
