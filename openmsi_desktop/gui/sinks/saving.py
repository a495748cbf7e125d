"""Buckets and processors into the settings, together with the reader that hands files to them, and out of them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.gui.connecting import secrets
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.sinks.words import Sink, all_sinks, users_of
from openmsi_desktop.gui.tasks import saving
from openmsi_desktop.settings import Bucket, Download, Settings
from openmsi_desktop.settings_file import Kind, SettingsFile, SettingsMistakes
from openmsi_desktop.streaming.keys import task_key

Failed = Callable[[OpenMSIError], None]


class SinkChanged(SettingsError):
    """Somebody has changed the bucket or processor in the file while it was being edited here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person wants to have saved. secret: of a bucket, as typed; None: the one that is there stays. old: what it was."""

    sink: Sink
    secret: str | None = None
    old: Sink | None = None


def table_of(sink: Sink) -> Kind:
    """Where it stands in the settings."""
    return "buckets" if isinstance(sink, Bucket) else "processors"


def names_in(settings: Settings) -> set[str]:
    """Names that buckets and processors have."""
    return {sink.name for sink in all_sinks(settings)}


def free_name(settings: Settings, wished: str) -> str:
    """A name for a new one: they are told apart by it, people see what it is."""
    return secrets.free_name(wished or "sink", names_in(settings))


def put_sink(file: SettingsFile, sink: Sink, old: Sink | None) -> None:
    """Add it, or put it in the place of the old one, whose name it keeps.

    Raises:
        SinkChanged: the old one is not what stands in the file any more, or a new one has got its name meanwhile.
    """
    there = next((s for s in all_sinks(file.settings) if s.name == sink.name), None)
    if there != old:
        title = tr("“%1” was changed in the settings file meanwhile").replace("%1", sink.name)
        advice = tr("Nothing was written. Close this window and open it again: it then shows what the file says now.")
        raise SinkChanged(title, advice)
    file.put(table_of(sink), sink)


def save(
    desktop: Desktop,
    owner: QObject,
    entry: Entry,
    write: Callable[[SettingsFile], None],
    then: Callable[[], None],
    failed: Failed,
) -> None:
    """Secret first, then the settings: the bucket or processor, and what write() puts into the file besides."""
    settings = desktop.store.settings

    def keep() -> secrets.Kept:
        sink = entry.sink
        if not isinstance(sink, Bucket) or not sink.access_key_id:
            return secrets.Kept("")
        old = entry.old.credential if isinstance(entry.old, Bucket) else ""
        return secrets.keep(desktop.credentials, settings, entry.secret, old=old, wished=sink.name)

    def go_on(kept: secrets.Kept) -> None:
        sink = entry.sink
        if isinstance(sink, Bucket):
            sink = sink.model_copy(update={"credential": kept.name})

        def change(file: SettingsFile) -> None:
            put_sink(file, sink, entry.old)
            write(file)

        def undo(error: OpenMSIError) -> None:
            secrets.put_back(desktop, kept)
            failed(error)

        desktop.store.change(change, lambda: done(sink), undo)

    def done(sink: Sink) -> None:
        old = entry.old.credential if isinstance(entry.old, Bucket) else ""
        if old and old not in secrets.in_use(desktop.store.settings):
            secrets.forget(desktop, old)
        for task in users_of(desktop.store.settings, sink.name):
            desktop.host.ask("retry", task=task_key(task))
        then()

    desktop.background.run(owner, keep, go_on, secrets.only_ours(failed))


def put_reader(file: SettingsFile, task: Download, old: Download | None) -> None:
    """Add or change a reader; sinks that nobody uses any more go.

    Raises:
        NameTaken, ChangedMeanwhile: see :func:`saving.put`.
    """
    saving.put(file, "downloads", task, old)
    if old is not None:
        drop_unused(file, set(old.sinks) - set(task.sinks))


def drop_unused(file: SettingsFile, names: set[str]) -> None:
    """Take these buckets and processors out of the settings, unless a reader uses them."""
    for name in names:
        if name in names_in(file.settings) and not users_of(file.settings, name):
            file.remove(table_of(file.settings.sink(name)), name)


def remove_reader(desktop: Desktop, task: Download) -> None:
    """Take a reader out of the settings, its sinks too if nobody else uses them, and their secrets out of the keyring."""
    before = secrets.in_use(desktop.store.settings)

    def change(file: SettingsFile) -> None:
        file.remove("downloads", task.title)
        drop_unused(file, set(task.sinks))

    def done() -> None:
        for name in before - secrets.in_use(desktop.store.settings) - {""}:
            secrets.forget(desktop, name)

    desktop.store.change(change, done)


def explain(error: OpenMSIError) -> tuple[str, str]:
    """(key of the field, sentence); a key of a sink is ``sink.KEY``."""
    if isinstance(error, SettingsMistakes) and error.mistakes:
        mistake = error.mistakes[0]
        if mistake.where[:1] in (("buckets",), ("processors",)) and len(mistake.where) > 2:
            return f"sink.{mistake.where[2]}", f"{mistake.text[:1].upper()}{mistake.text[1:]}."
    return saving.explain(error, "downloads")
