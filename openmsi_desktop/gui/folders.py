"""What is to be known of a folder before a task is given it. Waits for the disk; no widgets."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Settings
from openmsi_desktop.streaming.watching.mounts import mount_of


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """error: why it cannot be used, a sentence; empty: it can. free: bytes on its disk, None where unknown."""

    path: Path
    error: str = ""
    is_network: bool = False
    is_writable: bool = True
    free: int | None = None
    exists: bool = True


def look_at(path: Path, *, is_target: bool = False) -> FolderFacts:
    """is_target: files will be written there, and it may be made."""
    try:
        with os.scandir(path) as entries:
            next(entries, None)
    except FileNotFoundError:
        if is_target:
            above = next((p for p in path.parents if p.is_dir()), None)
            if above is None or not os.access(above, os.W_OK):
                return FolderFacts(path, tr("This folder cannot be made here. Choose another place."), exists=False)
            return FolderFacts(path, is_network=_is_network(above), free=_free(above), exists=False)
        return FolderFacts(path, tr("There is no such folder. Check the path, or whether its disk is connected."))
    except NotADirectoryError:
        return FolderFacts(path, tr("This is a file. Choose the folder it lies in."))
    except PermissionError:
        return FolderFacts(path, tr("You may not read this folder. Ask for the right, or choose another one."))
    except OSError as error:
        text = tr("The folder cannot be read (%1). Check its disk or share.").replace(
            "%1", error.strerror or str(error)
        )
        return FolderFacts(path, text)
    if is_target and not os.access(path, os.W_OK):
        return FolderFacts(path, tr("You may not write into this folder. Choose another one."), is_writable=False)
    return FolderFacts(path, is_network=_is_network(path), free=_free(path))


def other_sender(settings: Settings, path: Path, *, topic: str, apart_from: str) -> tuple[str, bool] | None:
    """(another task that sends files of this folder too, whether to the same topic)."""
    for task in settings.watched_folders:
        if task.title != apart_from and overlap(path, task.path):
            return task.title, task.topic == topic
    return None


def download_into(settings: Settings, path: Path, *, topic: str = "") -> str:
    """A download whose target overlaps the folder, and that reads the topic (empty: any); empty if there is none."""
    for task in settings.downloads:
        if task.target is not None and overlap(path, task.target) and (not topic or topic in task.topics):
            return task.title
    return ""


def overlap(one: Path, other: Path) -> bool:
    """Whether one of them lies in the other, or they are the same. Links are followed."""
    first, second = (os.path.normcase(os.path.realpath(p)) for p in (one, other))
    try:
        return os.path.commonpath([first, second]) in (first, second)
    except ValueError:  # different drives
        return False


def is_same(one: Path, other: Path) -> bool:
    """Whether both are the same folder. Links are followed."""
    first, second = (os.path.normcase(os.path.realpath(p)) for p in (one, other))
    return first == second


def _is_network(path: Path) -> bool:
    mount = mount_of(path)
    return mount is not None and mount.is_network


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None
