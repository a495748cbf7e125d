"""Connections into the settings and out of them, their secrets into the keyring and out of it, and nowhere else.

The keyring comes first: where it refuses, nothing has changed. Everything that waits runs on another thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.gui.connecting import secrets, tested
from openmsi_desktop.gui.connecting.fields import Fields, SecretKind
from openmsi_desktop.gui.connecting.secrets import Kept
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Connection, Settings
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.kafka.refusals import forget_all
from openmsi_desktop.streaming.keys import task_key, tasks_of

Failed = Callable[[OpenMSIError], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person wants to have saved. secret: as typed; None: the one that is there stays. old: what it takes the place of."""

    fields: Fields
    secret: str | None
    is_tested: bool
    old: Connection | None = None


def users_of(settings: Settings, connection: str) -> list[str]:
    """Titles of the tasks that use a connection."""
    return [task.title for task in tasks_of(settings) if task.connection == connection]


def _keep(desktop: Desktop, entry: Entry, settings: Settings) -> Kept:
    """Put a typed secret into the keyring. On another thread.

    Raises:
        NeedsYou: the keyring refuses; nothing has changed.
    """
    old = entry.old.credential if entry.old is not None else ""
    kind = entry.fields.secret_kind
    if kind is SecretKind.NONE or (kind is SecretKind.KEY_PASSWORD and entry.secret is None and not old):
        return Kept("")
    kept = secrets.keep(desktop.credentials, settings, entry.secret, old=old, wished=entry.fields.name)
    if entry.secret is not None:
        forget_all(desktop.host.profile.refusals)  # whoever types a password wants it to be tried
    return kept


def save(desktop: Desktop, owner: QObject, entry: Entry, then: Callable[[str], None], failed: Failed) -> None:
    """Write a connection and its secret; tasks that use it follow a new name. then() gets the name."""

    settings = desktop.store.settings

    def write(kept: Kept) -> None:
        connection = entry.fields.connection(kept.name)

        def undo(error: OpenMSIError) -> None:
            secrets.put_back(desktop, kept)
            failed(error)

        desktop.store.change(lambda file: put(file, connection, entry.old), lambda: finish(connection), undo)

    def finish(connection: Connection) -> None:
        def note() -> None:
            if entry.is_tested:
                tested.note(desktop.host.profile, connection)

        desktop.background.run(
            owner, note, lambda nothing: done(connection), secrets.only_ours(lambda error: done(connection))
        )

    def done(connection: Connection) -> None:
        old = entry.old.credential if entry.old is not None else ""
        if old and old not in secrets.in_use(desktop.store.settings):
            secrets.forget(desktop, old)
        for task in tasks_of(desktop.store.settings):
            if task.connection == connection.name and entry.secret is not None:
                desktop.host.ask("retry", task=task_key(task))
        then(connection.name)

    desktop.background.run(owner, lambda: _keep(desktop, entry, settings), write, secrets.only_ours(failed))


def put(file: SettingsFile, connection: Connection, old: Connection | None) -> None:
    """Into the settings; tasks of ``old`` go over to the new name.

    Raises:
        SettingsError: it would take the place of another one, or somebody has changed the old one in the file meanwhile.
    """
    there = {c.name: c for c in file.settings.connections}
    if old is not None and there.get(old.name, old) != old:
        title = tr("“%1” was changed in the settings file meanwhile").replace("%1", old.name)
        advice = tr("Close this window and open it again: it then shows what the file says now.")
        raise SettingsError(title, advice)
    if connection.name in there and (old is None or connection.name != old.name):
        title = tr("There is another connection “%1” already").replace("%1", connection.name)
        advice = tr("Choose another name.")
        raise SettingsError(title, advice)
    file.put("connections", connection, instead_of=old.name if old is not None else None)
    if old is None or old.name == connection.name:
        return
    for folder in file.settings.watched_folders:
        if folder.connection == old.name:
            file.put("watched_folders", folder.model_copy(update={"connection": connection.name}))
    for download in file.settings.downloads:
        if download.connection == old.name:
            file.put("downloads", download.model_copy(update={"connection": connection.name}))


def remove(
    desktop: Desktop, owner: QObject, connection: Connection, then: Callable[[str], None], failed: Failed
) -> None:
    """Take a connection that no task uses out of the settings, then its secret out of the keyring.

    then: gets what kept the secret from being removed; empty: nothing did.
    """

    def take_out() -> None:
        if not connection.credential or connection.credential in secrets.in_use(desktop.store.settings):
            then("")
            return
        desktop.background.run(
            owner,
            lambda: desktop.credentials.delete(connection.credential),
            lambda was_there: then(""),
            secrets.only_ours(lambda error: then(f"{error.title}. {error.advice}")),
        )

    desktop.store.change(lambda file: file.remove("connections", connection.name), take_out, failed)
