"""Topic path -> name on this computer, and the name beside it when that one is taken. No file is opened here.

Everywhere but on Windows the topic path is the local name. Windows refuses some names: there, what it
refuses is written ``%XX`` (the character's number in hexadecimal), and a ``%XX`` that was meant
literally becomes ``%25XX``, so that two topic paths never become one name and the way back is unique.
"""

from __future__ import annotations

import re
import sys
import unicodedata

from openmsi_desktop.core import moments

ON_WINDOWS = sys.platform == "win32"
MAX_NAME_BYTES = 255
"""Longest name that the usual file systems take, in UTF-8 (a name of so many UTF-16 units is no longer)."""

_REFUSED = re.compile(r'[\x00-\x1f<>:"|?*]|%(?=[0-9A-Fa-f]{2})|[. ]+\Z')
# devices of old, with any suffix; https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(
    r"^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])(?=\s*(?:\.|\Z))", re.IGNORECASE
)
_ESCAPE = re.compile(r"%([0-9A-F]{2})", re.IGNORECASE)
_SHORTEST_STEM = 20


def local_name(path: str, *, windows: bool = ON_WINDOWS) -> str:
    """The relative local path (with slashes) for a topic path that passed ``topic_path.check``."""
    return "/".join(_escaped(part) for part in path.split("/")) if windows else path


def topic_name(local: str, *, windows: bool = ON_WINDOWS) -> str:
    """The way back from :func:`local_name`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), local) if windows else local


def beside(local: str, *, topic: str, moment: float, number: int = 1) -> str:
    """The name for a version that finds its own taken: ``stem (TOPIC 2026-11-21 10-00-00).ext``.

    moment: modification time of that version, seconds since 1970, shown in UTC (the nearest possible one, if absurd).
    number: from 2 on it is put behind the time, for when that name is taken too.
    """
    folder, slash, name = local.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    when = moments.utc(max(moment, 0)).strftime("%Y-%m-%d %H-%M-%S") + (f" {number}" if number > 1 else "")
    room = MAX_NAME_BYTES - len(f" ( {when}){dot}{extension}".encode())
    topic = _cut(topic, max(room - _SHORTEST_STEM, 1))
    stem = _cut(stem, max(room - len(topic.encode()), 1))
    return f"{folder}{slash}{stem} ({topic} {when}){dot}{extension}"


def folded(local: str) -> str:
    """Equal for all names that some file system takes for the same: case and composition of accents ignored.

    Wider than any single file system: use it to find candidates, and let the disk decide.
    """
    if local.isascii():
        return local.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", local).casefold())


def _escaped(part: str) -> str:
    part = _REFUSED.sub(lambda found: "".join(f"%{ord(c):02X}" for c in found[0]), part)
    return f"%{ord(part[0]):02X}{part[1:]}" if _DEVICE.match(part) else part


def _cut(text: str, most: int) -> str:
    """The beginning of ``text``, at most so many UTF-8 bytes."""
    return text.encode("utf-8", "surrogateescape")[:most].decode("utf-8", "ignore") if len(text) * 4 > most else text
