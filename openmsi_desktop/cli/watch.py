"""``watch``: keep sending what appears in a folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, given_path, reporting
from openmsi_desktop.cli.options import Finishing, Picking, Reach, Sending, UntilIdle
from openmsi_desktop.cli.output import Output
from openmsi_desktop.cli.text import printable
from openmsi_desktop.core.events import FileEvent, FileState

if TYPE_CHECKING:
    from openmsi_desktop.settings import WatchedFolder

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", parser=given_path("nothing was sent"), help="The folder to watch.", show_default=False
    ),
]
IfJournalLost = Annotated[
    str | None,
    typer.Option(
        "--if-journal-lost",
        metavar="resend|trust-existing",
        help="When nobody knows any more what was sent: send all again, or only what is new.",
    ),
]


def watch(
    common: Common,
    folder: Folder,
    sending: Sending,
    finishing: Finishing,
    picking: Picking,
    reach: Reach,
    until_idle: UntilIdle = None,
    if_journal_lost: IfJournalLost = None,
) -> int:
    """Keep sending what appears in a folder, until stopped.

    A file is sent once it has not changed for a while (--quiet), and again whenever it changes. What is there
    already is sent too, unless --new-only. Files are named relative to the folder.

    \b
    openmsi-desktop watch /data/xrd --topic xrd --bootstrap kafka.example.org:9092
    openmsi-desktop watch /data/xrd --topic xrd --connection lab --include "*.xy" --quiet 30
    openmsi-desktop watch /data/xrd --topic xrd --dry-run
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise typer.BadParameter(f"{folder} {what}; nothing is watched", param_hint="FOLDER")
    check_journal_lost(if_journal_lost)
    with reporting(common.output(sends=True, dry_run=sending.dry_run, follows=True)) as output:
        if sending.dry_run:
            return _list(output, sending.task(folder, None, picking, finishing))
        from openmsi_desktop.cli.running import stream
        from openmsi_desktop.settings import Settings

        connection = reach.choose(common)
        task = sending.task(folder, connection, picking, finishing)
        output.announce(f"Watching {printable(str(folder))} for topic {task.topic}; stop with Ctrl-C.")
        return stream(
            common,
            Settings(connections=(connection,), watched_folders=(task,)),
            output,
            until_idle=until_idle,
            timeout=reach.timeout,
            if_journal_lost=if_journal_lost,
        )


def check_journal_lost(value: str | None) -> None:
    """Refuse other words than the two."""
    if value not in (None, "resend", "trust-existing"):
        raise typer.BadParameter(f'"{value}" is neither resend nor trust-existing', param_hint="--if-journal-lost")


def _list(output: Output, task: WatchedFolder) -> int:
    """What would be sent, and what not and why."""
    from openmsi_desktop.core import topic_path
    from openmsi_desktop.core.errors import ChunkError
    from openmsi_desktop.streaming.rules import rules_of
    from openmsi_desktop.streaming.watching.scan import walk
    from openmsi_desktop.streaming.watching.sightings import Ignored, Seen

    for item in walk(task.path, rules_of(task, now=time.time())):
        path = topic_path.join(task.subfolder, item.relative)
        state, size, reason = FileState.FOUND, getattr(item, "size", None), None
        if isinstance(item, Ignored):
            state, reason = FileState.IGNORED, item.rule
        elif isinstance(item, Seen):
            try:
                topic_path.check(path)
            except ChunkError as error:
                state, reason = FileState.PROBLEM, error.title
        else:
            state, reason = FileState.PROBLEM, item.reason
        output(FileEvent(task=task.title, path=path, local=item.local, state=state, size=size, reason=reason))
    return exits.DONE
