"""``pause resume rescan retry reprocess ignore decide reload``: what people ask of the process that streams."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, say
from openmsi_desktop.cli.tasks import chosen, streamer
from openmsi_desktop.core.errors import NeedsYou

if TYPE_CHECKING:
    from openmsi_desktop.core.journal import Journal

Task = Annotated[str | None, typer.Argument(metavar="TASK", help="A task; without it: all.", show_default=False)]
PathOrTask = Annotated[
    str | None,
    typer.Argument(metavar="PATH", help="A file (here or on the topic); without it: all.", show_default=False),
]
FilePath = Annotated[
    str, typer.Argument(metavar="PATH", help="A file or folder (here or on the topic).", show_default=False)
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="T", help="Until a time (17:00) or a date and time; without it: until resumed."),
]
OnePath = Annotated[
    str | None, typer.Argument(metavar="PATH", help="A file, by its path on the topic.", show_default=False)
]
Failed = Annotated[bool, typer.Option("--failed", help="Those that were given up.", show_default=False)]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Everything that came since: 2026-11-21, or with a time.")
]
OfTask = Annotated[str, typer.Option("--task", metavar="N", help="Only of this task.", show_default=False)]
OfSink = Annotated[
    str, typer.Option("--sink", metavar="S", help="Only to this bucket or processor.", show_default=False)
]
Send = Annotated[bool, typer.Option("--send", help="Yes: send it (again).", show_default=False)]
Skip = Annotated[bool, typer.Option("--skip", help="No: leave it.", show_default=False)]


def pause(common: Common, task: Task = None, until: Until = None) -> int:
    """Pause a task, or all.

    What is on its way arrives; nothing new is begun. Files that appear meanwhile are found afterwards.

    \b
    openmsi-desktop pause XRD --until 17:00
    openmsi-desktop pause
    """
    moment = None if until is None else parse_until(until, now=datetime.now().astimezone())
    argument = "" if moment is None else repr(moment)
    return _ask(common, "pause", task=task, argument=argument, without=lambda j: _pause(j, task, moment))


def resume(common: Common, task: Task = None) -> int:
    """Go on with a paused task, or all.

    \b
    openmsi-desktop resume XRD
    """
    return _ask(common, "resume", task=task, without=lambda j: _resume(j, task))


def rescan(common: Common, task: Task = None) -> int:
    """Look through the watched folders now, instead of at the next regular time.

    \b
    openmsi-desktop rescan XRD
    """
    return _ask(common, "rescan", task=task)


def retry(common: Common, path: PathOrTask = None) -> int:
    """Try a file with a problem again now, or all of them.

    \b
    openmsi-desktop retry run_01/a.dat
    """
    return _ask(common, "retry", path=path)


def reprocess(
    common: Common,
    path: OnePath = None,
    failed: Failed = False,
    since: Since = None,
    task: OfTask = "",
    sink: OfSink = "",
) -> int:
    """Hand files to buckets and processors once more: one of them, those that failed, or all since a moment.

    For a program that was corrected, or an object that somebody has deleted. Files whose messages are still on the topic
    are read from there again. Results are sent again, too.

    \b
    openmsi-desktop reprocess run_01/a.xy
    openmsi-desktop reprocess --failed --task peaks
    openmsi-desktop reprocess --since 2026-11-20 --sink lab-bucket
    """
    if sum((bool(path), failed, since is not None)) != 1:
        raise typer.BadParameter("choose one of PATH, --failed and --since")
    moment = None if since is None else _past(since)

    def ask(journal: Journal) -> str | None:
        from openmsi_desktop.streaming import control

        return control.reprocess(journal, task=task, path=path or "", failed=failed, since=moment, sink=sink)

    return _ask(common, "reprocess", task=task or None, path=path, ask=ask)


def ignore(common: Common, path: FilePath) -> int:
    """Do not tell of the problems of a file any more. The file itself is left alone.

    \b
    openmsi-desktop ignore run_01/broken.dat
    """
    return _ask(common, "ignore", path=path, without=lambda j: _ignore(j, _full(path)))


def decide(common: Common, path: FilePath, send: Send = False, skip: Skip = False) -> int:
    """Answer the question of a file or folder that is held.

    \b
    openmsi-desktop decide /data/xrd --send
    openmsi-desktop decide run_01/a.dat --skip
    """
    if send == skip:
        raise typer.BadParameter("choose one of --send and --skip")
    return _ask(common, "decide", path=path, argument="send" if send else "skip")


def reload(common: Common) -> int:
    """Read the settings file again; only tasks that changed are started anew.

    \b
    openmsi-desktop reload
    """
    return _ask(common, "reload")


def parse_until(text: str, *, now: datetime) -> float:
    """Seconds since 1970 of a clock time (today, or tomorrow if it has passed) or of a date and time."""
    from openmsi_desktop.settings_values import parse_moment

    hours, colon, minutes = text.strip().partition(":")
    try:
        if colon and len(text.strip()) <= 5:
            then = now.replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0)
            # as a person means it: the next time the clock shows this, whatever summer time does
            return (then if then > now else then + timedelta(days=1)).timestamp()
        moment = parse_moment(text)
    except ValueError as error:
        raise typer.BadParameter(
            f'"{text}" is neither a time such as 17:00 nor a date', param_hint="--until"
        ) from error
    if moment <= now.timestamp():
        raise typer.BadParameter(f"{text} has passed already", param_hint="--until")
    return moment


def _past(text: str) -> float:
    from openmsi_desktop.settings_values import parse_moment

    try:
        return parse_moment(text)
    except ValueError as error:
        raise typer.BadParameter(f'"{text}" is neither a date nor a date and time', param_hint="--since") from error


def _ask(
    common: Common,
    kind: str,
    *,
    task: str | None = None,
    path: str | None = None,
    argument: str = "",
    without: Callable[[Journal], str] | None = None,
    ask: Callable[[Journal], str | None] | None = None,
) -> int:
    """Leave the request and wait for the answer. without: what is done when nobody streams. ask: leaves one with more to it."""
    journal = common.open_journal()
    if journal is None:
        raise NeedsYou(
            "Nothing has run with this data folder yet", f"There is nothing to {kind} in {common.places.data}."
        )
    try:
        chosen(journal, task)
        who = streamer(common)
        if who is None and without is not None:
            say(without(journal))
            return exits.DONE
        if who is None:
            say(
                f"Nothing is running with this data folder, so there is nobody to {kind}. Start it with: run, or watch."
            )
            return exits.NOT_ALL
        if kind in ("retry", "reprocess") and path and not _is_known(journal, path):
            say(f"Nothing is known about {path}.")
            return exits.NOT_ALL
        from openmsi_desktop.streaming import control

        answer = (
            ask(journal)
            if ask
            else control.ask(journal, kind, task=task or "", path=_full(path) if path else "", argument=argument)
        )
    finally:
        journal.close()
    if answer is None:
        say(f"{who} has not answered yet. The request stays in the journal, and is served as soon as possible.")
        return exits.DONE
    say(answer)
    return exits.DONE


def _is_known(journal: Journal, path: str) -> bool:
    from openmsi_desktop.core.listing import looked_up

    full = _full(path)
    return (
        os.path.exists(full)
        or any(looked_up(journal, [full]))
        or any(p.path in (path, full) for p in journal.problems())
    )


def _full(path: str) -> str:
    """A path of this computer in full; one of the topic as it is."""
    return os.path.abspath(path) if os.path.isabs(path) or Path(path).exists() else path


def _pause(journal: Journal, task: str | None, until: float | None) -> str:
    from openmsi_desktop.streaming import control

    tasks = [t for t in chosen(journal, task) if t.kind != "one-off"]  # those end with their command
    for row in tasks:
        control.pause(journal, row.key, until)
    return control.told("Paused", [t.name for t in tasks], until)


def _resume(journal: Journal, task: str | None) -> str:
    from openmsi_desktop.streaming import control

    tasks = [t for t in chosen(journal, task) if t.kind != "one-off"]
    for row in tasks:
        journal.resume(row.key)
    return control.told("Resumed", [t.name for t in tasks], None) + " Nothing is running at the moment."


def _ignore(journal: Journal, path: str) -> str:
    from openmsi_desktop.core.listing import looked_up

    paths = {path, *(file.path for file in looked_up(journal, [path]))}
    number = sum(journal.ignore_problems(p) for p in paths)
    return f"{_problems(number)} of {path} ignored from now on." if number else f"There is no problem with {path}."


def _problems(number: int) -> str:
    return "1 problem" if number == 1 else f"{number} problems"
