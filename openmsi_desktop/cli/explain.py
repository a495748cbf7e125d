"""``explain``: why a file is where it is."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from openmsi_desktop.cli import exits, explain_rules, text
from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.explain_versions import facts_of
from openmsi_desktop.cli.tasks import streamer
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.listing import ListedFile, counts_below, looked_up

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
    facts = _facts(common, path)
    if common.as_json:
        typer.echo(json.dumps(facts))
    else:
        typer.echo("\n".join(_lines(facts)))
    return exits.DONE if facts["files"] or facts["below"] or facts["rules"] else exits.NOT_ALL


def _facts(common: Common, path: str) -> Facts:
    """Everything that is known, as the JSON object."""
    local = Path(os.path.abspath(path))
    names = {path, path.replace(os.sep, "/"), str(local), os.path.realpath(local)}
    journal = common.open_journal()
    found: list[Facts] = []
    below: dict[FileState, int] = {}
    try:
        if journal is not None:
            tasks = {t.key: t for t in journal.tasks()}
            files = looked_up(journal, names)
            found = [_file(journal, f, tasks[f.task].name if f.task in tasks else f.task) for f in files]
            if not found:
                below = counts_below(journal, path) or counts_below(journal, str(local))
        rules = explain_rules.for_path(common, journal, local, {f["task"] for f in found})
    finally:
        if journal is not None:
            journal.close()
    return {
        "path": path,
        "local": str(local),
        "exists": local.exists(),
        "streaming": streamer(common),
        "files": found,
        "below": {state.value: number for state, number in below.items()},
        "rules": rules,
    }


def _file(journal: Journal, file: ListedFile, task: str) -> Facts:
    problems = [p for p in journal.problems(file.task) if p.path == file.path]
    return {
        "task": task,
        "topic": file.topic,
        "path": file.path,
        "local": file.local,
        "direction": "sent" if file.is_outgoing else "received",
        "state": file.state.value,
        "since": file.updated_at,
        "reason": file.reason,
        "size": file.size,
        "modified": file.modified,
        "sha512": file.sha512.hex() if file.sha512 else None,
        "version": file.version,
        **facts_of(journal, file),
        "problems": [
            {"title": p.title, "advice": p.advice, "count": p.count, "first": p.first_at, "retry_at": p.retry_at}
            for p in problems
        ],
    }


def _lines(facts: Facts) -> Iterator[str]:
    now = time.time()
    yield text.printable(facts["path"])
    for file in facts["files"]:
        yield from _file_lines(file, now)
    if facts["below"]:
        counts = ", ".join(f"{number} {state}" for state, number in facts["below"].items())
        yield f"  A folder; of the files in it: {counts}."
    for rule in facts["rules"]:
        yield f"  Task {text.printable(rule['task'])}: {text.printable(rule['text'])}"
    if not facts["files"] and not facts["below"]:
        if not facts["rules"]:
            where = (
                "It is in no watched folder, and no topic path is called like that."
                if facts["exists"]
                else ("There is no such file here, and no topic path is called like that.")
            )
            yield f"  Not known. {where}"
        if facts["streaming"] is None:
            yield "  Nothing is streaming at the moment, so nothing new is noticed."


def _file_lines(file: Facts, now: float) -> Iterator[str]:
    verb, preposition = ("Sent", "to") if file["direction"] == "sent" else ("Received", "from")
    printable, moment = text.printable, text.moment
    yield f"  {verb} by task {printable(file['task'])} {preposition} topic {file['topic']} as {printable(file['path'])}"
    yield f"    state     {file['state']} since {moment(file['since'], now=now)}"
    if file["reason"]:
        yield f"    reason    {printable(file['reason'])}"
    if file["local"]:
        yield f"    here      {printable(file['local'])}"
    changed = f", last changed {moment(file['modified'], now=now)}" if file["modified"] else ""
    yield f"    size      {text.size(file['size'])}{changed}"
    if file["version"] or file["sha512"]:
        digest = f", SHA-512 {file['sha512'][:16]}…" if file["sha512"] else ""
        yield f"    version   {file['version'] or 'without number'}{digest}"
    if file["parts"]:
        yield f"    parts     {file['parts']['done']} of {file['parts']['total']}"
        if file["parts"]["missing"]:
            yield f"    missing   {', '.join(map(str, file['parts']['missing']))}"
    for place in file["offsets"]:
        yield f"    offsets   partition {place['partition']}, {place['first']} to {place['last']}"
    if file["sent_at"]:
        checked = f", checked {moment(file['checked_at'], now=now)}" if file["checked_at"] else ""
        yield f"    sent      {moment(file['sent_at'], now=now)}{checked}"
    if file["changed_since_sent"]:
        yield "    changed   it is not what was sent last; the new version follows when it has settled"
    if file["replaced"]:
        yield f"    earlier   {text.count(file['replaced'], 'version')} sent before this one"
    if file["retry_at"]:
        yield f"    next try  {moment(file['retry_at'], now=now)} ({text.count(file['tries'], 'try', 'tries')} so far)"
    for problem in file["problems"]:
        again = f" (next try {moment(problem['retry_at'], now=now)})" if problem["retry_at"] else ""
        yield f"    problem   {printable(problem['title'])}. {printable(problem['advice'])}{again}"
