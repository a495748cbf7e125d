"""``run``: all tasks of the settings file, without a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from openmsi_desktop.cli.common import Common, reporting
from openmsi_desktop.cli.options import UntilIdle
from openmsi_desktop.cli.text import DELIVERED, PROCESSED, STORED
from openmsi_desktop.cli.watch import IfJournalLost, check_journal_lost
from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER

if TYPE_CHECKING:
    from openmsi_desktop.settings import Settings

Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="S", min=0, help="Give up after this many seconds without any contact."),
]


def run(
    common: Common, until_idle: UntilIdle = None, if_journal_lost: IfJournalLost = None, timeout: Timeout = None
) -> int:
    """Run all tasks of the settings file, without a window, until stopped.

    docs/settings.md describes the file. While it runs, status, files and explain show what happens, and pause,
    rescan, retry or reload tell it what to do. SIGTERM and Ctrl-C stop it in order.

    \b
    openmsi-desktop run
    openmsi-desktop run --settings /etc/openmsi-desktop/settings.toml --json
    """
    check_journal_lost(if_journal_lost)
    with reporting(common.output(sends=True, receives=True, follows=True)) as output:
        from openmsi_desktop.cli.running import stream

        places = common.places
        if not places.settings_chosen and not places.settings.exists():
            raise SettingsError(
                f"There is no settings file at {places.settings}",
                "Describe folders to watch ([[watched_folders]]) or topics to download ([[downloads]]) in it, see "
                "docs/settings.md, or name another file with --settings.",
            )
        settings = common.read_settings()
        if not settings.watched_folders and not settings.downloads:
            raise SettingsError(
                f"There are no tasks in {places.settings}",
                "Describe folders to watch ([[watched_folders]]) or topics to download ([[downloads]]); "
                "see docs/settings.md, or use the window.",
            )
        output.name_tasks()
        output.speak_of(
            sends=bool(settings.watched_folders), receives=bool(settings.downloads), done=_done_by(settings)
        )
        return stream(
            common,
            settings,
            output,
            until_idle=until_idle,
            timeout=timeout,
            if_journal_lost=if_journal_lost,
            read_settings=common.read_settings,
        )


def _done_by(settings: Settings) -> str:
    """What the readers call a file that is where it belongs, if they agree."""
    from openmsi_desktop.streaming.keys import kind_of

    kinds = {kind_of(task, settings) for task in settings.downloads}
    return {TRANSFER: STORED, PROCESS: PROCESSED}.get(kinds.pop(), DELIVERED) if len(kinds) == 1 else DELIVERED
