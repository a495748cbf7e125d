"""What the first run leaves behind, all of it at its end: connection, secret, task, start at login."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import autostart
from openmsi_desktop.gui.connecting import saving
from openmsi_desktop.gui.connecting.saving import Entry
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.first.pages import Wish
from openmsi_desktop.settings import Download, Dropping, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile

QUIET_S = 30.0
"""For a typical instrument."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that was answered. entry: a new connection; connection: the name of one. wish None: nothing runs yet."""

    at_login: bool
    entry: Entry | None = None
    connection: str = ""
    wish: Wish | None = None
    folder: Path | None = None
    topic: str = ""
    only_new: bool = False
    check: bool = False
    paused: bool = False


def finish(
    desktop: Desktop,
    owner: QObject,
    choice: Choice,
    then: Callable[[str], None],
    failed: Callable[[OpenMSIError], None],
) -> None:
    """Store it. then: gets what could not be done about starting at login; empty: all is well.

    failed: nothing more was stored than what stood before the error: the connection comes first, then the task.
    """

    def with_connection(name: str) -> None:
        desktop.store.change(lambda file: _put(file, choice, name), start_at_login, failed)

    def start_at_login() -> None:
        desktop.background.run(
            owner,
            lambda: autostart.set_on(choice.at_login, places=desktop.places, is_hidden=True),
            lambda nothing: then(""),
            not_started,
        )

    def not_started(error: Exception) -> None:
        if not isinstance(error, OpenMSIError):
            raise error
        then(f"{error.title}. {error.advice}")

    if choice.entry is not None:
        saving.save(desktop, owner, choice.entry, with_connection, failed)
    else:
        with_connection(choice.connection)


def _put(file: SettingsFile, choice: Choice, connection: str) -> None:
    if choice.wish is Wish.SEND and choice.folder is not None:
        folder = WatchedFolder(
            name=_free(choice.folder.name, [task.title for task in file.settings.watched_folders]),
            path=choice.folder,
            connection=connection,
            topic=choice.topic,
            settle=Settle(quiet_s=QUIET_S),
            existing="skip" if choice.only_new else "send",
            check=choice.check,
            paused=choice.paused,
        )
        file.put("watched_folders", folder)
    elif choice.wish is Wish.DOWNLOAD and choice.folder is not None:
        titles = [task.title for task in file.settings.downloads]
        download = Download(
            name=_free(choice.topic, titles) if choice.topic in titles else "",
            topics=(choice.topic,),
            connection=connection,
            target=choice.folder,
            paused=choice.paused,
        )
        file.put("downloads", download)
    elif choice.wish is Wish.DROP:
        now = file.settings.application
        dropping = Dropping.model_validate(
            now.dropping.model_dump() | {"connection": connection, "topic": choice.topic}
        )
        file.set_application(now.model_copy(update={"dropping": dropping}))


def _free(name: str, taken: list[str]) -> str:
    """A name that no task has yet."""
    number, found = 2, name or "files"
    while found in taken:
        number, found = number + 1, f"{name} {number}"
    return found
