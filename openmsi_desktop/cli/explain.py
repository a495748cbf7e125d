"""``explain``: why a file is where it is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openmsi_desktop.cli import exits, sink_states, text
from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.tasks import streamer
from openmsi_desktop.core import amounts
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import FileState

if TYPE_CHECKING:
    from openmsi_desktop.settings import WatchedFolder
    from openmsi_desktop.streaming.explaining.explanation import Explanation
    from openmsi_desktop.streaming.explaining.known import KnownFile

FilePath = Annotated[
    str, typer.Argument(metavar="PATH", help="A file or folder (here or on the topic).", show_default=False)
]
Facts = dict[str, Any]


def explain(common: Common, path: FilePath) -> int:
    """Explain why a file is where it is.

    PATH is a file on this computer or its path on a topic. Says which rule takes it or leaves it out, whether it
    still has to settle, which version was sent or received, its parts and offsets, and when the next try is.

    \b
    openmsi-desktop explain /data/xrd/run_01/a.xy
    openmsi-desktop explain run_01/a.xy
    """
    found = _explained(common, path)
    if common.as_json:
        typer.echo(json.dumps(_facts(found)))
    else:
        typer.echo("\n".join(_lines(found)))
    return exits.DONE if found.is_known else exits.NOT_ALL


def _explained(common: Common, path: str) -> Explanation:
    from openmsi_desktop.streaming.explaining.explanation import explained

    journal = common.open_journal()
    try:
        return explained(journal, _watched_folders(common), path, streaming=streamer(common))
    finally:
        if journal is not None:
            journal.close()


def _watched_folders(common: Common) -> tuple[WatchedFolder, ...]:
    try:
        return common.read_settings().watched_folders
    except OpenMSIError:
        return ()  # run tells what is wrong with the settings; what was run is in the journal


def _facts(found: Explanation) -> Facts:
    """The JSON object."""
    return {
        "path": found.path,
        "local": str(found.local),
        "exists": found.exists,
        "streaming": found.streaming,
        "files": [_file(file) for file in found.files],
        "below": {state.value: number for state, number in found.below.items()},
        "rules": [{"task": v.task, "taken": v.taken, "text": v.text} for v in found.verdicts],
    }


def _file(file: KnownFile) -> Facts:
    parts = file.parts
    return {
        "task": file.task,
        "topic": file.topic,
        "path": file.path,
        "local": file.local,
        "direction": "sent" if file.is_outgoing else "received",
        "state": file.state.value,
        "since": file.since,
        "reason": file.reason,
        "size": file.size,
        "modified": file.modified,
        "sha512": file.sha512.hex() if file.sha512 else None,
        "version": file.version,
        "parts": {"done": parts.done, "total": parts.total, "missing": list(parts.missing)} if parts else None,
        "offsets": [{"partition": o.partition, "first": o.first, "last": o.last} for o in file.offsets],
        "tries": file.tries,
        "retry_at": file.retry_at,
        "sent_at": file.sent_at,
        "checked_at": file.checked_at,
        "changed_since_sent": file.changed_since_sent,
        "replaced": file.replaced,
        "sinks": [sink_states.facts(sink) | {"output": sink.output} for sink in file.sinks],
        "arrivals": [
            {"place": a.place, "detail": a.detail, "at": a.at, "version": a.version, "current": a.is_current}
            for a in file.arrivals
        ],
        "problems": [
            {"title": p.title, "advice": p.advice, "count": p.count, "first": p.first_at, "retry_at": p.retry_at}
            for p in file.problems
        ],
    }


def _lines(found: Explanation) -> Iterator[str]:
    now = time.time()
    yield text.printable(found.path)
    for file in found.files:
        yield from _file_lines(file, now)
    if found.below:
        counts = ", ".join(f"{number} {state}" for state, number in found.below.items())
        yield f"  A folder; of the files in it: {counts}."
    for verdict in found.verdicts:
        yield f"  Task {text.printable(verdict.task)}: {text.printable(verdict.text)}"
    if not found.files and not found.below:
        if not found.verdicts:
            where = (
                "It is in no watched folder, and no topic path is called like that."
                if found.exists
                else "There is no such file here, and no topic path is called like that."
            )
            yield f"  Not known. {where}"
        if found.streaming is None:
            yield "  Nothing is streaming at the moment, so nothing new is noticed."


def _file_lines(file: KnownFile, now: float) -> Iterator[str]:
    verb, preposition = ("Sent", "to") if file.is_outgoing else ("Received", "from")
    printable, moment = text.printable, text.moment
    yield f"  {verb} by task {printable(file.task)} {preposition} topic {file.topic} as {printable(file.path)}"
    yield f"    state     {file.state} since {moment(file.since, now=now)}"
    if file.reason and file.state is not FileState.ARRIVED:
        yield f"    reason    {printable(file.reason)}"
    if file.local:
        yield f"    {'stored' if file.local.startswith('s3://') else 'here':<9} {printable(file.local)}"
    changed = f", last changed {moment(file.modified, now=now)}" if file.modified else ""
    yield f"    size      {amounts.size(file.size)}{changed}"
    if file.version or file.sha512:
        digest = f", SHA-512 {file.sha512.hex()[:16]}…" if file.sha512 else ""
        yield f"    version   {file.version or 'without number'}{digest}"
    if file.parts:
        yield f"    parts     {file.parts.done} of {file.parts.total}"
        if file.parts.missing:
            yield f"    missing   {', '.join(map(str, file.parts.missing))}"
    for place in file.offsets:
        yield f"    offsets   partition {place.partition}, {place.first} to {place.last}"
    if file.sent_at:
        checked = f", checked {moment(file.checked_at, now=now)}" if file.checked_at else ""
        yield f"    sent      {moment(file.sent_at, now=now)}{checked}"
    yield from _arrivals(file, now)
    if file.changed_since_sent:
        yield "    changed   it is not what was sent last; the new version follows when it has settled"
    if file.replaced:
        yield f"    earlier   {text.count(file.replaced, 'version')} sent before this one"
    if file.retry_at:
        yield f"    next try  {moment(file.retry_at, now=now)} ({text.count(file.tries, 'try', 'tries')} so far)"
    for sink in file.sinks:
        yield from sink_states.lines(sink, now)
    for problem in file.problems:
        again = f" (next try {moment(problem.retry_at, now=now)})" if problem.retry_at else ""
        yield f"    problem   {printable(problem.title)}. {printable(problem.advice)}{again}"


def _arrivals(file: KnownFile, now: float) -> Iterator[str]:
    """Who has the version that was sent last, and since when."""
    current = [a for a in file.arrivals if a.is_current]
    for arrival in current:
        detail = f" ({text.printable(arrival.detail)})" if arrival.detail else ""
        yield f"    arrived   {text.printable(arrival.place)}{detail}, {text.moment(arrival.at, now=now)}"
    if file.asks_receipts and file.sent_at and not current:
        why = f": {text.printable(file.receipts_note)}" if file.receipts_note else ""
        yield f"    arrived   no receipt yet{why}"
    for arrival in file.arrivals:
        if not arrival.is_current:
            at = text.moment(arrival.at, now=now)
            yield f"    earlier   version {arrival.version} arrived {text.printable(arrival.place)}, {at}"
