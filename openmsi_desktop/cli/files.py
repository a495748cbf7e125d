"""``files``: the files and their states."""

from __future__ import annotations

import csv
import io
import itertools
import json
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from openmsi_desktop.cli import sink_states, text
from openmsi_desktop.cli.common import Common, nearest_hint
from openmsi_desktop.cli.tasks import chosen
from openmsi_desktop.core import amounts
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.listing import ListedFile, listed
from openmsi_desktop.core.received import SinkState, sinks_of_all

COLUMNS = ("task", "path", "state", "size", "modified", "sha512", "version", "reason", "sinks")

Row = tuple[ListedFile, tuple[SinkState, ...]]
_PAGE = 1000

State = Annotated[
    list[str],
    typer.Option("--state", metavar="S", help="Only files in this state; may be repeated.", show_default=False),
]
Task = Annotated[str | None, typer.Option("--task", metavar="N", help="Only files of this task.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print comma-separated values with a header.", show_default=False)]


def files(common: Common, state: State = [], task: Task = None, as_csv: Csv = False) -> None:  # noqa: B006
    """List the files and their states.

    Of what is read from topics every version is a line of its own. If it goes to several places (a folder, buckets, processors) and
    is not in all of them yet, the line says how far each is.

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
        rows = _with_sinks(journal, listed(journal, states=states, tasks=keys))
        _print(rows, {t.key: t.name for t in tasks}, as_csv=as_csv, as_json=common.as_json)
    finally:
        journal.close()


def _with_sinks(journal: Journal, rows: Iterable[ListedFile]) -> Iterator[Row]:
    """In pages: there may be millions."""
    rows = iter(rows)
    while page := list(itertools.islice(rows, _PAGE)):
        sinks = sinks_of_all(journal, [row.id for row in page if not row.is_outgoing])
        for row in page:
            yield row, () if row.is_outgoing else tuple(sinks.get(row.id, ()))


def _state(name: str) -> FileState:
    try:
        return FileState(name.lower())
    except ValueError:
        hint = nearest_hint(name, [s.value for s in FileState])
        raise typer.BadParameter(f'there is no state "{name}". {hint}', param_hint="--state") from None


def _print(rows: Iterable[Row], names: dict[str, str], *, as_csv: bool, as_json: bool) -> None:
    if as_csv:
        _print_csv(rows, names)
    elif as_json:
        for row in rows:
            sys.stdout.write(
                json.dumps(_values(*row, names) | {"sinks": [sink_states.facts(s) for s in row[1]]}) + "\n"
            )
    else:
        _print_table(rows, names)


def _values(row: ListedFile, sinks: tuple[SinkState, ...], names: dict[str, str]) -> dict[str, Any]:
    return {
        "task": names.get(row.task, row.task),
        "path": row.path,
        "state": row.state.value,
        "size": row.size,
        "modified": _iso(row.modified),
        "sha512": row.sha512.hex() if row.sha512 else None,
        "version": row.version,
        "reason": row.reason,
        "sinks": sink_states.told(sinks),
    }


def _iso(seconds: float | None) -> str | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return None


def _print_csv(rows: Iterable[Row], names: dict[str, str]) -> None:
    # the exact bytes of names, whatever encoding the terminal has
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogateescape", newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(_values(*row, names))
    out.detach()  # flushes, and leaves standard output open


def _print_table(rows: Iterable[Row], names: dict[str, str]) -> None:
    now, count = time.time(), 0
    width = max(len(text.printable(n)) for n in ["task", *names.values()])
    for count, (row, sinks) in enumerate(rows, start=1):
        if count == 1:
            typer.echo(f"{'task':<{width}}  {'state':<10}  {'size':>8}  {'changed':<19}  path")
        name = text.printable(names.get(row.task, row.task))
        has_story = len(sinks) > 1 and not sink_states.are_done(sinks)
        reasons = [row.reason, sink_states.told(sinks) if has_story else ""]
        reason = f"  ({text.printable('; '.join(filter(None, reasons)))})" if any(reasons) else ""
        size, changed = amounts.size(row.size), text.moment(row.modified, now=now) if row.modified else "?"
        typer.echo(
            f"{name:<{width}}  {row.state.value:<10}  {size:>8}  {changed:<19}  {text.printable(row.path)}{reason}"
        )
    typer.echo(text.count(count, "file"))
