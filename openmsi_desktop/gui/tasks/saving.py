"""What a dialog for a task does with the settings: names, one place in the file, and mistakes at their field."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Download, WatchedFolder
from openmsi_desktop.settings_file import Kind, SettingsFile, SettingsMistakes

Task = WatchedFolder | Download


class NameTaken(SettingsError):
    """Another task has got that name meanwhile."""


class ChangedMeanwhile(SettingsError):
    """Somebody has changed the task in the file while it was being edited here."""


def copy_name(title: str, taken: Collection[str]) -> str:
    """A name for the copy of a task."""
    number = 2
    while f"{title} {number}" in taken:
        number += 1
    return f"{title} {number}"


def name_to_keep(name: str, base: Task, path: Path | None, *, is_new: bool) -> str:
    """The name for the settings: none where there was none and the title has stayed as it follows from the folder."""
    if not is_new and not base.name and name == base.title:
        return "" if path is None or path.name == name else name
    return name


def put(file: SettingsFile, kind: Kind, task: Task, old: Task | None) -> None:
    """Add a task, or put it in the place of the old one.

    Raises:
        NameTaken: it would take the place of another one.
        ChangedMeanwhile: the old one is not what stands in the file any more.
    """
    there: dict[str, Task] = {t.title: t for t in getattr(file.settings, kind)}
    titles = [*there]
    if old is not None and there.get(old.title, old) != old:
        title = tr("“%1” was changed in the settings file meanwhile").replace("%1", old.title)
        advice = tr("Nothing was written. Close this window and open it again: it then shows what the file says now.")
        raise ChangedMeanwhile(title, advice)
    if task.title in titles and (old is None or task.title != old.title):
        text = tr("There is a task “%1” already. Choose another name.").replace("%1", task.title)
        raise NameTaken(text, "")
    file.put(kind, task, instead_of=old.title if old is not None and old.title in titles else None)


def explain(error: OpenMSIError, kind: Kind) -> tuple[str, str]:
    """(key of the field, sentence) for what kept the settings from being written; no key: it belongs to none."""
    if isinstance(error, NameTaken):
        return "name", error.title
    if isinstance(error, SettingsMistakes) and error.mistakes:
        mistake = next((m for m in error.mistakes if m.where[:1] == (kind,)), error.mistakes[0])
        key = str(mistake.where[2]) if len(mistake.where) > 2 else ""
        return key, f"{mistake.text[:1].upper()}{mistake.text[1:]}."
    return "", f"{error.title}. {error.advice}"
