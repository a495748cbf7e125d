"""Connections into the settings and out of them, their secrets into the keyring and out of it, and nowhere else.

The keyring comes first: where it refuses, nothing has changed. Everything that waits runs on another thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from PySide6.QtCore import QObject

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.connecting import tested
from openmsi_desktop.gui.connecting.fields import Fields, SecretKind
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Connection, Settings
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.kafka.refusals import forget_all
from openmsi_desktop.streaming.keys import task_key, tasks_of

log = logging.getLogger(__name__)

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


def credential_for(entry: Entry, settings: Settings, stored: Collection[str]) -> str:
    """The name of the secret: the one it has, else one that belongs to nobody. stored: names in the keyring."""
    if entry.fields.secret_kind is SecretKind.NONE:
        return ""
    if entry.old is not None and entry.old.credential:
        return entry.old.credential
    if entry.secret is None and entry.fields.secret_kind is SecretKind.KEY_PASSWORD:
        return ""
    others = {c.credential for c in settings.connections} | {b.credential for b in settings.buckets} | {*stored}
    name, number = entry.fields.name, 2
    while name in others:
        name, number = f"{entry.fields.name}-{number}", number + 1
    return name


def store_secret(
    desktop: Desktop,
    owner: QObject,
    entry: Entry,
    then: Callable[[Connection], None],
    failed: Failed,
    before: list[str] | None = None,
) -> None:
    """Put a typed secret into the keyring; then() gets the connection that goes into the settings.

    before: gets the secret that it has taken the place of.

    failed: gets a NeedsYou of the keyring; nothing has changed then.
    """
    settings, credentials = desktop.store.settings, desktop.credentials

    def work() -> Connection:
        stored = set(credentials.names())
        name = credential_for(entry, settings, stored)
        is_new = entry.old is None or name != entry.old.credential
        while name and entry.secret is not None and is_new and credentials.is_there(name):
            stored.add(name)  # of another data folder
            name = credential_for(entry, settings, stored)
        connection = entry.fields.connection(name)
        if name and entry.secret is not None:
            if before is not None and not is_new and credentials.is_there(name):
                before.append(credentials.secret(name))
            credentials.store(name, entry.secret)
            forget_all(desktop.host.profile.refusals)  # whoever types a password wants it to be tried
        return connection

    desktop.background.run(owner, work, then, _only_ours(failed))


def save(desktop: Desktop, owner: QObject, entry: Entry, then: Callable[[str], None], failed: Failed) -> None:
    """Write a connection and its secret; tasks that use it follow a new name. then() gets the name."""

    before: list[str] = []

    def write(connection: Connection) -> None:
        desktop.store.change(
            lambda file: put(file, connection, entry.old), lambda: finish(connection), undo(connection)
        )

    def undo(connection: Connection) -> Failed:
        def tell(error: OpenMSIError) -> None:
            is_new = entry.old is None or entry.old.credential != connection.credential
            if connection.credential and entry.secret is not None and is_new:
                _forget_secret(desktop, owner, connection.credential)
            elif before:
                desktop.background.run(
                    desktop.root,
                    lambda: desktop.credentials.store(connection.credential, before[0]),
                    lambda nothing: None,
                    _only_ours(lambda problem: log.warning("the secret of before is not back: %s", problem.title)),
                )
            failed(error)

        return tell

    def finish(connection: Connection) -> None:
        def note() -> None:
            if entry.is_tested:
                tested.note(desktop.host.profile, connection)

        desktop.background.run(
            owner, note, lambda nothing: done(connection), _only_ours(lambda error: done(connection))
        )

    def done(connection: Connection) -> None:
        old = entry.old.credential if entry.old is not None else ""
        if old and old not in _in_use(desktop.store.settings):
            _forget_secret(desktop, desktop.root, old)
        for task in tasks_of(desktop.store.settings):
            if task.connection == connection.name and entry.secret is not None:
                desktop.host.ask("retry", task=task_key(task))
        then(connection.name)

    store_secret(desktop, owner, entry, write, failed, before)


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
        if not connection.credential or connection.credential in _in_use(desktop.store.settings):
            then("")
            return
        desktop.background.run(
            owner,
            lambda: desktop.credentials.delete(connection.credential),
            lambda was_there: then(""),
            _only_ours(lambda error: then(f"{error.title}. {error.advice}")),
        )

    desktop.store.change(lambda file: file.remove("connections", connection.name), take_out, failed)


def place_of_secrets(
    credentials: Credentials, desktop: Desktop, owner: QObject, then: Callable[[str], None], failed: Failed
) -> None:
    """What people call the keyring."""
    desktop.background.run(owner, credentials.place, then, _only_ours(failed))


def _in_use(settings: Settings) -> set[str]:
    return {c.credential for c in settings.connections} | {b.credential for b in settings.buckets}


def _forget_secret(desktop: Desktop, owner: QObject, name: str) -> None:
    desktop.background.run(
        owner,
        lambda: desktop.credentials.delete(name),
        lambda was_there: None,
        _only_ours(lambda error: log.warning("a secret that nobody uses stays in the keyring: %s", error.title)),
    )


def _only_ours(failed: Failed) -> Callable[[Exception], None]:
    def tell(error: Exception) -> None:
        if not isinstance(error, OpenMSIError):
            raise error
        failed(error)

    return tell
