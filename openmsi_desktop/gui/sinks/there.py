"""What there is at a path, found out on another thread: a share that does not answer must not stop the window."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from enum import Enum, auto
from functools import partial

from PySide6.QtCore import QObject, Signal

from openmsi_desktop.gui.threads import Background


class There(Enum):
    """What a text names."""

    NOTHING = auto()
    FILE = auto()
    FOLDER = auto()
    PROGRAM = auto()
    """A file that can be run, or a command that is found."""


def look(text: str) -> There:
    """Waits for the disk."""
    path = os.path.expanduser(text)
    if os.path.isdir(path):
        return There.FOLDER
    if shutil.which(path):
        return There.PROGRAM
    return There.FILE if os.path.isfile(path) else There.NOTHING


class Lookup(QObject):
    """Remembers what was found for as long as its dialog. GUI thread."""

    found = Signal(str)
    """A text that something is known of now."""

    def __init__(self, background: Background, parent: QObject, looker: Callable[[str], There] = look) -> None:
        super().__init__(parent)
        self._background = background
        self._looker = looker
        self._known: dict[str, There | None] = {}

    def ask(self, text: str) -> There | None:
        """What is known of it; None: nothing yet, it is being looked at."""
        if text and text not in self._known:
            self._known[text] = None
            looker = self._looker
            self._background.run(self, lambda: looker(text), partial(self._take, text))
        return self._known.get(text)

    def _take(self, text: str, there: There) -> None:
        self._known[text] = there
        self.found.emit(text)
