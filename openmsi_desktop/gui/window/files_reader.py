"""Reads the journal for the list of files, on a thread of its own with a connection of its own.

What is wanted now goes first: the page that a person looks at, then what is new, then the next batch of the long list.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QObject, QThread, Signal, Slot

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileList, FileRow
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.gui.window.row_list import Known
from openmsi_desktop.streaming.profile import Profile

log = logging.getLogger(__name__)

_STEPS = 100_000
"""Steps of SQLite's machine between two looks whether a search is still wanted: some milliseconds."""
_CACHE_KB = 32_768


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files: those of a task (key), in some states (none: all), with a text in their paths (empty: any)."""

    task: str
    is_outgoing: bool
    states: frozenset[FileState] = frozenset()
    text: str = ""
    by_news: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """More numbers for the bottom of the list, the newest last. known: tells which numbers the list has.

    is_first: the list begins anew with them; is_last: there are no more.
    """

    wanted: Wanted
    known: Known
    ids: array[int]
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in full. asked: the numbers they were asked for by; one without a row is not there any more."""

    wanted: Wanted
    asked: Sequence[int]
    rows: Sequence[FileRow]


@dataclass(frozen=True, slots=True)
class News:
    """Files of which something is new, oldest news first."""

    wanted: Wanted
    rows: Sequence[FileRow]


class FilesReader(QThread):
    """Asked from the GUI thread; answers by signals (connect them queued). A later question replaces an earlier one."""

    batch = Signal(object)
    page = Signal(object)
    news = Signal(object)
    failed = Signal(object)
    """OpenMSIError; it goes on with the next question."""

    _running: ClassVar[set[FilesReader]] = set()  # a QThread that runs must not be destroyed

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("files")
        self.finished.connect(self._forget)
        self._profile = profile
        self._guard = threading.Condition()  # protects all below
        self._wanted: Wanted | None = None
        self._is_new = False
        self._page: list[int] = []
        self._look: frozenset[int] | None = None
        self._is_over = False

    # -- asked by the GUI thread

    def show(self, wanted: Wanted) -> None:
        """List these files from now on."""
        with self._guard:
            self._wanted, self._is_new, self._page, self._look = wanted, True, [], None
            self._guard.notify()

    def fetch(self, ids: Sequence[int]) -> None:
        """These rows are looked at; earlier ones that have not been read yet are not any more."""
        with self._guard:
            self._page = list(ids)
            self._guard.notify()

    def look(self, unfinished: Collection[int]) -> None:
        """Something may be new. unfinished: numbers of rows in hand that may change still."""
        with self._guard:
            self._look = frozenset(unfinished)
            self._guard.notify()

    def begin(self) -> None:
        """Start, or start again."""
        if not self.isRunning():
            self._is_over = False
            FilesReader._running.add(self)
            self.start(QThread.Priority.LowPriority)

    @Slot()
    def end(self) -> None:
        """Stop, and wait for the thread: some milliseconds, whatever it does."""
        with self._guard:
            self._is_over = True
            self._guard.notify()
        self.wait()

    @Slot()
    def _forget(self) -> None:
        FilesReader._running.discard(self)

    # -- the thread

    def run(self) -> None:
        journal: Journal | None = None
        listing: Iterator[list[int]] | None = None
        files: FileList | None = None
        wanted: Wanted | None = None
        is_first, mark, known = True, 0.0, Known()
        while not self._is_over:
            with self._guard:
                while not (self._is_over or self._is_new or self._page or self._look is not None or listing):
                    self._guard.wait()
                is_new, self._is_new = self._is_new, False
                page, self._page = self._page, []
                look, self._look = self._look, None
                if is_new:
                    wanted = self._wanted
            if wanted is None or self._is_over:
                continue
            try:
                if journal is None:
                    journal = self._open()
                if is_new or files is None:
                    files = FileList(journal, wanted.task, is_outgoing=wanted.is_outgoing)
                    mark, is_first, known = files.newest(), True, Known()
                    listing = files.search(wanted.text, wanted.states) if wanted.text else _ids(files, wanted)
                if page:
                    self.page.emit(Page(wanted, page, files.rows(page)))
                if look is not None:
                    rows, mark = files.news(mark, of=look)
                    if rows:
                        self.news.emit(News(wanted, rows))
                if listing is not None:
                    ids = next(listing, None)
                    fresh = known.add(ids or [])
                    fresh.reverse()
                    self.batch.emit(Batch(wanted, known, array("q", fresh), is_first, is_last=ids is None))
                    listing, is_first = (None if ids is None else listing), False
            except OpenMSIError as error:
                log.warning("the list of files cannot be read: %s", error)
                listing = None
                self.failed.emit(error)
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_INTERRUPT:
                    raise
                listing = None  # another question has come meanwhile
        if journal is not None:
            journal.close()

    def _open(self) -> Journal:
        journal = self._profile.open_journal()
        journal.query(f"PRAGMA cache_size = -{_CACHE_KB}")
        journal.connection.set_progress_handler(self._is_unwanted, _STEPS)
        return journal

    def _is_unwanted(self) -> bool:
        """Called by SQLite now and then; True ends what it does."""
        return self._is_new or self._is_over


def _ids(files: FileList, wanted: Wanted) -> Iterator[list[int]]:
    return files.ids(wanted.states, by_news=wanted.by_news)
