"""Whether a command line means the window, and what it asks of it. Cheap: neither Qt nor the commands are loaded."""

from __future__ import annotations

import os
import urllib.parse
import urllib.request
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

_HIDDEN = ("--hidden", "--minimized")
_PRACTICE = "--practice"
_PLACES = ("--settings", "--data")


@dataclass(frozen=True, slots=True)
class WindowStart:
    """What the window is started with. files: in full, to be sent once. is_hidden: only the icon at first.

    is_practice: with a broker and an instrument of its own, see gui/practice.py.
    """

    files: tuple[Path, ...] = ()
    is_hidden: bool = False
    is_practice: bool = False
    settings: Path | None = None
    data: Path | None = None


def window_start(arguments: Sequence[str], commands: Callable[[], Collection[str]]) -> WindowStart | None:
    """The start of the window, or None: it is for the command line.

    Only files that exist, and the few options of the window, are for it. commands: the words that come first on a command
    line; asked only when a file has a name that could be one.
    """
    files: list[Path] = []
    is_hidden = is_practice = False
    places: dict[str, Path] = {}
    left = list(arguments)
    while left:
        argument = left.pop(0)
        option, has_value, value = argument.partition("=")
        if argument in _HIDDEN:
            is_hidden = True
        elif argument == _PRACTICE:
            is_practice = True
        elif option in _PLACES and (has_value or left):
            places[option.removeprefix("--")] = Path(value if has_value else left.pop(0))
        elif (file := _file(argument)) is None or (not files and _is_command(argument, commands)):
            return None
        else:
            files.append(file)
    return WindowStart(tuple(files), is_hidden, is_practice, **places)


def _file(argument: str) -> Path | None:
    """The file or folder that is meant, if there is one; desktops give addresses, too."""
    if argument.startswith("file:"):
        argument = urllib.request.url2pathname(urllib.parse.urlsplit(argument).path)
    if not argument or argument.startswith("-") or not os.path.lexists(argument):
        return None
    return Path(os.path.abspath(argument))


def _is_command(argument: str, commands: Callable[[], Collection[str]]) -> bool:
    return argument.replace("-", "").isalnum() and argument in commands()
