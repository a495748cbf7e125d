"""``status``: the state of every task, from the journal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from openmsi_desktop.cli import text
from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.tasks import state_of, streamer
from openmsi_desktop.core import moments
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import UNTIL_RESUMED, Journal, ProblemRow, TaskRow
from openmsi_desktop.core.listing import ListedFile, counts_of, last_file
from openmsi_desktop.signals import SIGNALS

_EVERY_S = 1.0
Watch = Annotated[bool, typer.Option("--watch", help="Show it again every second, until stopped.", show_default=False)]


def status(common: Common, watch: Watch = False) -> None:
    """Show the state of every task.

    It is read from the journal, so it works while another process streams. The log file is named at the end.

    \b
    openmsi-desktop status
    openmsi-desktop status --watch
    openmsi-desktop status --json
    """
    stop = SIGNALS.wait_for_stop() if watch else None
    while True:
        seen = _look(common)
        if watch and sys.stdout.isatty() and not common.as_json:
            typer.echo("\x1b[H\x1b[2J", nl=False)
        elif watch and not common.as_json:
            typer.echo(f"{datetime.now():%Y-%m-%d %H:%M:%S}")
        typer.echo(json.dumps(seen) if common.as_json else "\n".join(_lines(seen, verbose=common.verbose > 0)))
        if stop is None or stop.wait(_EVERY_S):
            break
    if SIGNALS.status is not None:
        raise typer.Exit(SIGNALS.status)


def _look(common: Common) -> dict[str, Any]:
    """Everything there is to show, as the JSON object."""
    who, journal = streamer(common), common.open_journal()
    tasks: list[dict[str, Any]] = []
    if journal is not None:
        try:
            tasks = [_task(journal, t, is_streaming=who is not None) for t in journal.tasks()]
        finally:
            journal.close()
    return {
        "tasks": tasks,
        "streaming": who,
        "data": str(common.places.data),
        "log": str(common.places.log_file),
    }


def _task(journal: Journal, task: TaskRow, *, is_streaming: bool) -> dict[str, Any]:
    file = last_file(journal, task.key)
    paused = task.paused_until is not None and task.paused_until > time.time()
    return {
        "name": task.name,
        "kind": task.kind,
        "state": state_of(task, is_streaming=is_streaming).value,
        "title": task.title,
        "advice": task.advice,
        "paused": paused,
        "paused_until": _iso(task.paused_until) if paused and task.paused_until != UNTIL_RESUMED else None,
        "counts": {state.value: number for state, number in counts_of(journal, task.key).items()},
        "last_file": None if file is None else _file(file),
        "problems": [_problem(p) for p in journal.problems(task.key)],
    }


def _file(file: ListedFile) -> dict[str, Any]:
    return {"path": file.path, "local": file.local, "state": file.state.value, "time": _iso(file.updated_at)}


def _problem(problem: ProblemRow) -> dict[str, Any]:
    return {
        "title": problem.title,
        "advice": problem.advice,
        "path": problem.path or None,
        "first": _iso(problem.first_at),
        "last": _iso(problem.last_at),
        "count": problem.count,
        "retry_at": _iso(problem.retry_at),
    }


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else moments.utc(seconds).isoformat()


_SHOWN_PROBLEMS = 5


def _lines(seen: dict[str, Any], *, verbose: bool) -> Iterator[str]:
    yield f"Streaming: {seen['streaming']}" if seen["streaming"] else "Nothing is streaming."
    if not seen["tasks"]:
        yield "Nothing has run with this data folder yet."
    width = max((len(t["name"]) for t in seen["tasks"]), default=0)
    for task in seen["tasks"]:
        yield f"{text.printable(task['name']):<{width}}  {task['kind']:<8}  {_state(task):<9}  {_counts(task['counts'])}"
        if task["title"] and task["state"] in ("waiting", "failed"):
            yield f"    {text.printable(task['title'])}. {text.printable(task['advice'])}"
        if task["last_file"]:
            file = task["last_file"]
            when = text.moment(datetime.fromisoformat(file["time"]).timestamp(), now=time.time())
            yield f"    last: {text.printable(file['path'])}, {file['state']} {when}"
        yield from _problem_lines(task["problems"], verbose=verbose)
    yield f"Data: {seen['data']}"
    yield f"Log: {seen['log']}"


def _state(task: dict[str, Any]) -> str:
    return "paused" if task["paused"] else str(task["state"])


def _counts(counts: dict[str, int]) -> str:
    known = [s.value for s in FileState if counts.get(s.value)]
    problem = FileState.PROBLEM.value
    return ", ".join(text.count(counts[s], s) if s == problem else f"{counts[s]} {s}" for s in known) or "no files yet"


def _problem_lines(problems: list[dict[str, Any]], *, verbose: bool) -> Iterator[str]:
    shown = problems if verbose else problems[:_SHOWN_PROBLEMS]
    for problem in shown:
        about = f" ({text.printable(problem['path'])})" if problem["path"] else ""
        yield f"    problem: {text.printable(problem['title'])}{about}. {text.printable(problem['advice'])}".rstrip()
    if len(problems) > len(shown):
        yield f"    and {len(problems) - len(shown)} more; -v shows them all"
