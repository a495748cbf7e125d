"""``files``: the files and their states."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from openmsi_desktop.cli import text
from openmsi_desktop.cli.common import Common, nearest_hint
from openmsi_desktop.cli.tasks import chosen
from openmsi_desktop.core import amounts
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.listing import ListedFile, listed

COLUMNS = ("task", "path", "state", "size", "modified", "sha512", "version", "reason")

State = Annotated[
    list[str],
    typer.Option("--state", metavar="S", help="Only files in this state; may be repeated.", show_default=False),
]
Task = Annotated[str | None, typer.Option("--task", metavar="N", help="Only files of this task.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print comma-separated values with a header.", show_default=False)]


def files(common: Common, state: State = [], task: Task = None, as_csv: Csv = False) -> None:  # noqa: B006
    """List the files and their states.

    Of what is read from topics every version is a line of its own.

    \b
    openmsi-desktop files --state problem
    openmsi-desktop files --task XRD --csv > files.csv
    """
    states = [_state(s) for s in state]
    journal = common.open_journal()
    if journal is None:
        _print([], {}, as_csv=as_csv, as_json=common.as_json)
        return
    try:
        tasks = chosen(journal, task)
        keys = None if task is None else [t.key for t in tasks]
        rows = listed(journal, states=states, tasks=keys)
        _print(rows, {t.key: t.name for t in tasks}, as_csv=as_csv, as_json=common.as_json)
    finally:
        journal.close()


def _state(name: str) -> FileState:
    try:
        return FileState(name.lower())
    except ValueError:
        hint = nearest_hint(name, [s.value for s in FileState])
        raise typer.BadParameter(f'there is no state "{name}". {hint}', param_hint="--state") from None


def _print(rows: Iterable[ListedFile], names: dict[str, str], *, as_csv: bool, as_json: bool) -> None:
    if as_csv:
        _print_csv(rows, names)
    elif as_json:
        for row in rows:
            sys.stdout.write(json.dumps(_values(row, names)) + "\n")
    else:
        _print_table(rows, names)


def _values(row: ListedFile, names: dict[str, str]) -> dict[str, str | int | None]:
    return {
        "task": names.get(row.task, row.task),
        "path": row.path,
        "state": row.state.value,
        "size": row.size,
        "modified": _iso(row.modified),
        "sha512": row.sha512.hex() if row.sha512 else None,
        "version": row.version,
        "reason": row.reason,
    }


def _iso(seconds: float | None) -> str | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return None


def _print_csv(rows: Iterable[ListedFile], names: dict[str, str]) -> None:
    # the exact bytes of names, whatever encoding the terminal has
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogateescape", newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(_values(row, names))
    out.detach()  # flushes, and leaves standard output open


def _print_table(rows: Iterable[ListedFile], names: dict[str, str]) -> None:
    now, count = time.time(), 0
    width = max(len(text.printable(n)) for n in ["task", *names.values()])
    for count, row in enumerate(rows, start=1):
        if count == 1:
            typer.echo(f"{'task':<{width}}  {'state':<10}  {'size':>8}  {'changed':<19}  path")
        name = text.printable(names.get(row.task, row.task))
        reason = f"  ({text.printable(row.reason)})" if row.reason else ""
        size, changed = amounts.size(row.size), text.moment(row.modified, now=now) if row.modified else "?"
        typer.echo(
            f"{name:<{width}}  {row.state.value:<10}  {size:>8}  {changed:<19}  {text.printable(row.path)}{reason}"
        )
    typer.echo(text.count(count, "file"))
