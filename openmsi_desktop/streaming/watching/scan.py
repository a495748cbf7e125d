"""What lies in a folder: one ``stat`` for each file, links to files followed, links to folders not entered. Keeps nothing."""

from __future__ import annotations

import os
import stat as stat_bits
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from openmsi_desktop.core.chunker import in_64_bits
from openmsi_desktop.core.open_file import file_id
from openmsi_desktop.core.rules import Rules, in_spool
from openmsi_desktop.core.windows_files import plain, reachable
from openmsi_desktop.streaming.watching.sightings import Ignored, Seen, Unreadable

_REGISTRY_BEGINNINGS = ("upload_to_", "uploaded_to_", "consuming_from_", "processed_from_")
_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT
_WINDOWS = sys.platform == "win32"
NAMED_AT_MOST = 1000
"""Files below a folder that is not entered are reported one by one up to this number."""


class Kind(Enum):
    """What a name stands for."""

    FILE = 1
    FOLDER = 2
    OTHER = 3
    GONE = 4
    UNREADABLE = 5


class Found(NamedTuple):
    """One name. stat: of files and folders; why: for OTHER and UNREADABLE, a fragment of a sentence."""

    kind: Kind
    stat: os.stat_result | None = None
    why: str = ""
    is_link: bool = False


_FILE = Found(Kind.FILE)
_GONE = Found(Kind.GONE)
_FOLDER_LINK = Found(Kind.OTHER, why="a link to a folder, which is not entered", is_link=True)
_SPECIAL = Found(Kind.OTHER, why="not a regular file")


def stat_of_file(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Of an ordinary file met by ``os.scandir``, the quick way; None: :func:`look_at_entry` has to say what it is."""
    try:
        return entry.stat() if not _WINDOWS and entry.is_file(follow_symlinks=False) else None
    except OSError:
        return None


def look_at_entry(entry: os.DirEntry[str]) -> Found:
    """What a name met by ``os.scandir`` stands for."""
    try:
        if entry.is_file(follow_symlinks=False) and not _WINDOWS:
            return Found(Kind.FILE, entry.stat())
        if entry.is_symlink():
            return _follow(entry.path)
        if entry.is_dir(follow_symlinks=False):
            return _folder(entry.stat(follow_symlinks=False))
        if not entry.is_file(follow_symlinks=False):
            return _SPECIAL
        # on Windows a DirEntry tells old sizes of open files, and no file number
        return Found(Kind.FILE, os.stat(reachable(entry.path)))
    except FileNotFoundError:
        return _GONE
    except OSError as error:
        return Found(Kind.UNREADABLE, why=in_words(error))


def look_at(local: str) -> Found:
    """What one path stands for."""
    try:
        stat = os.lstat(reachable(local))
        if stat_bits.S_ISLNK(stat.st_mode):
            return _follow(local)
        if stat_bits.S_ISDIR(stat.st_mode):
            return _folder(stat)
        return Found(Kind.FILE, stat) if stat_bits.S_ISREG(stat.st_mode) else _SPECIAL
    except (FileNotFoundError, NotADirectoryError):
        return _GONE
    except OSError as error:
        return Found(Kind.UNREADABLE, why=in_words(error))


def _folder(stat: os.stat_result) -> Found:
    # Python 3.11 on Windows takes a junction for a folder
    if getattr(stat, "st_reparse_tag", 0) == _JUNCTION:
        return _FOLDER_LINK
    return Found(Kind.FOLDER, stat)


def _follow(local: str) -> Found:
    try:
        stat = os.stat(reachable(local))
    except FileNotFoundError:
        return Found(Kind.OTHER, why="a link to something that is not there", is_link=True)
    if stat_bits.S_ISDIR(stat.st_mode):
        return _FOLDER_LINK
    return Found(Kind.FILE, stat, is_link=True) if stat_bits.S_ISREG(stat.st_mode) else _SPECIAL


def in_words(error: OSError) -> str:
    """The cause of an error, for a sentence."""
    return error.strerror or type(error).__name__


def join(folder: str, name: str) -> str:
    """Relative path of a name in a folder; the folder is empty at the root."""
    return f"{folder}/{name}" if folder else name


def local_of(root: str, relative: str) -> str:
    """The native path of a relative one."""
    if not relative:
        return root
    return os.path.join(root, relative.replace("/", os.sep) if os.sep != "/" else relative)


def place_of(entry: os.DirEntry[str]) -> str:
    """The native path of a name met by ``os.scandir``, as people know it."""
    return plain(entry.path) if _WINDOWS else entry.path


def seen(
    relative: str,
    local: str,
    stat: os.stat_result,
    *,
    by_event: bool = False,
    closed: bool = False,
    at_start: bool = False,
) -> Seen:
    """The sighting of a file."""
    # like Fingerprint.of(), which takes longer, as does the constructor
    times = in_64_bits(stat.st_mtime_ns), in_64_bits(stat.st_ctime_ns)
    return tuple.__new__(Seen, (relative, local, stat.st_size, *times, file_id(stat), by_event, closed, at_start))


class Registries:
    """Tells whether a folder named LOGS holds registries of OpenMSIStream (``Rules.registries``). Remembers its answers."""

    def __init__(self, root: Path | str) -> None:
        self._root = os.fspath(root)
        self._known: dict[str, bool] = {}

    def __call__(self, relative: str) -> bool:
        known = self._known.get(relative)
        if known is None:
            known = self._known[relative] = self._look(relative)
        return known

    def clear(self) -> None:
        """Look again next time."""
        self._known.clear()

    def _look(self, relative: str) -> bool:
        try:
            with os.scandir(reachable(local_of(self._root, relative))) as entries:
                return any(e.name.startswith(_REGISTRY_BEGINNINGS) and e.name.endswith(".csv") for e in entries)
        except OSError:
            return False


def names_below(local: str) -> Iterator[tuple[str, str]]:
    """(path relative to it, native path) of files in a folder that is not entered, so that they are not left out silently.

    At most :data:`NAMED_AT_MOST`: a hidden folder may hold millions. Not looked at any further, no errors.
    """
    number = 0
    for here, folders, names in os.walk(reachable(local)):
        here = plain(here)
        folders[:] = [name for name in folders if not in_spool(name)]
        inside = "" if here == local else os.path.relpath(here, local).replace(os.sep, "/")
        for name in names:
            yield join(inside, name), os.path.join(here, name)
            number += 1
            if number == NAMED_AT_MOST:
                return


def walk(
    root: Path | str, rules: Rules, *, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Seen | Ignored | Unreadable]:
    """Everything below a folder, once; newest folders first. Ends early when ``stopped`` returns True.

    Raises:
        OSError: the folder itself cannot be listed.
    """
    root = os.fspath(root)
    if rules.registries is None:
        rules.registries = Registries(root)
    with os.scandir(reachable(root)):
        pass
    stack = [""]
    while stack and not stopped():
        folder = stack.pop()
        newest: list[tuple[int, str]] = []
        try:
            with os.scandir(reachable(local_of(root, folder))) as entries:
                beginning = join(folder, "")
                for entry in entries:
                    relative = beginning + entry.name
                    stat = stat_of_file(entry)
                    found = look_at_entry(entry) if stat is None else _FILE
                    if found.kind is Kind.FILE and (stat := stat or found.stat):
                        decision = rules.decide(relative, size=stat.st_size, mtime=stat.st_mtime)
                        if decision.taken:
                            yield seen(relative, place_of(entry), stat, at_start=True)
                        else:
                            yield Ignored(relative, place_of(entry), decision.rule, stat.st_size)
                    elif found.kind is Kind.FOLDER and found.stat:
                        entering = rules.enters(relative)
                        if entering.taken:
                            newest.append((found.stat.st_mtime_ns, relative))
                        elif not in_spool(relative):
                            for name, local in names_below(place_of(entry)):
                                yield Ignored(join(relative, name), local, entering.rule)
                    elif found.kind is Kind.OTHER:
                        yield Ignored(relative, place_of(entry), found.why)
                    elif found.kind is Kind.UNREADABLE:
                        yield Unreadable(relative, place_of(entry), found.why)
        except FileNotFoundError:
            continue
        except OSError as error:
            yield Unreadable(folder, local_of(root, folder), in_words(error), is_folder=True)
        stack.extend(relative for _, relative in sorted(newest))
