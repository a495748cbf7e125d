"""What the watcher tells -> the journal: which files have to settle, which are done with, which cannot be sent.

Belongs to the thread of the FolderProducer.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import ChunkError, NeedsYou, OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.open_file import file_id
from openmsi_desktop.core.outgoing import DONE, Outgoing, OutgoingFiles
from openmsi_desktop.core.outgoing import Sighting as Row
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.settings import WatchedFolder
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.power_loss import Suspicion
from openmsi_desktop.streaming.sending.teller import Teller
from openmsi_desktop.streaming.watching.settling import Settled, Settling
from openmsi_desktop.streaming.watching.sightings import (
    Ignored,
    RootBack,
    RootChanged,
    RootFound,
    RootMissing,
    ScanDone,
    Seen,
    Unreadable,
    Vanished,
)

log = logging.getLogger(__name__)

BY_YOU = "you decided not to send it"
WAS_THERE = "it was there before the watching began"
TRUSTED = "it was there when the journal was lost, and counts as sent before"
UNSEEN = "it cannot be seen at the moment"
"""Why a file waits whose sending was begun, and of which nobody knows yet whether it or its disk is gone."""
VANISHED = "it vanished before it was finished"
_FOR_GOOD = frozenset({BY_YOU, WAS_THERE, TRUSTED})
_WAITING = frozenset({FileState.WAITING, FileState.CHANGED})
_REASONS_KEPT = 500
_NUMBERS = re.compile(r"[0-9]+( s| min| h| d)?")
_CLOCK_STEP_S = 0.02
"""The clock of file systems goes in steps of up to this."""
_NOTHING = Fingerprint(0, 0, 0, "")


class Findings:
    """The files of one watched folder."""

    def __init__(
        self,
        watched: WatchedFolder,
        files: OutgoingFiles,
        settling: Settling,
        teller: Teller,
        *,
        suspicion: Suspicion,
        skip_at_start: str,
        there_before: float,
        is_in_hand: Callable[[str], bool],
        comes_first: Callable[[Outgoing], bool],
        resume: Callable[[Job], None],
        withdraw: Callable[[str], None],
        changed: Callable[[str, Fingerprint], None],
        vanished: Callable[[Outgoing], None],
    ) -> None:
        """skip_at_start: why new files of the first scan are not sent; empty: they are. there_before: seconds since 1970;
        what has come or changed since is sent in any case.

        is_in_hand: the sender works on this path. comes_first: what was begun of it is finished before anything else, as
        soon as there is a sender. resume: go on with an interrupted attempt.
        withdraw: the sender is to give this path back. changed: so as well, if it is sending something else. vanished: a file of which something was sent already is gone.
        """
        self.root_error: OpenMSIError | None = None
        self.root_identity: str | None = None
        self.is_scanned = False
        self._watched = watched
        self._files = files
        self._settling = settling
        self._teller = teller
        self._suspicion = suspicion
        self._skip_at_start = skip_at_start
        self._there_before_ns = int((there_before - _CLOCK_STEP_S) * 1e9)
        self._is_in_hand = is_in_hand
        self._comes_first = comes_first
        self._resume = resume
        self._withdraw = withdraw
        self._changed = changed
        self._vanished = vanished
        self._later: dict[str, Seen] = {}
        self._unwritten: dict[str, Seen] = {}
        self._ignored_later: dict[str, Ignored] = {}  # a rule excludes them since, but the sender has them
        self._gone: set[str] = set()  # vanished while the sender had them
        self._unreadable: set[str] = set()
        self._still_unreadable: set[str] = set()
        self._kinds: dict[str, str] = {}  # path -> its reason without the numbers in it

    @property
    def has_later(self) -> bool:
        """Files changed while the sender worked on them."""
        return bool(self._later)

    def path(self, relative: str) -> str:
        """Path on the topic of a file below the watched folder."""
        return topic_path.join(self._watched.subfolder, relative)

    def relative(self, path: str) -> str:
        """The reverse of :meth:`path`."""
        return path[len(self._watched.subfolder) + 1 :] if self._watched.subfolder else path

    def local(self, relative: str) -> str:
        """Absolute path on this computer."""
        return os.path.join(self._watched.path, *relative.split("/"))

    def stat(self, relative: str) -> os.stat_result | None:
        """The file as it is now, or None if nothing can be seen of it."""
        try:
            return os.stat(reachable(self.local(relative)))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            log.info("cannot look at %r: %s", relative, error)
            return None

    def handle(self, items: Iterable[object]) -> None:
        """Everything the watcher has told, in its order."""
        seen: list[Seen] = []
        ignored: list[Ignored] = []
        for item in items:
            if isinstance(item, Seen):
                seen.append(item)
                continue
            self.see(seen)
            seen = []
            if isinstance(item, Ignored):
                ignored.append(item)
                self._settling.noticed(item.relative)
            elif isinstance(item, Vanished):
                self.vanish(item.relative)
            elif isinstance(item, Unreadable):
                self._cannot_read(item)
            elif isinstance(item, ScanDone):
                self._scanned()
            else:
                self._root(item)
        self.see(seen)
        self._ignore(ignored)

    def see(self, seen: Iterable[Seen]) -> None:
        """These files are there; those that are not done with have to settle."""
        latest = {self.path(s.relative): s for s in seen}
        if not latest:
            return
        known = self._files.known(latest)
        refused: list[Row] = []
        for path, item in latest.items():
            row = known.get(path)
            self._gone.discard(path)
            self._ignored_later.pop(path, None)
            if self._is_in_hand(path):
                self._later[path] = item
                self._changed(path, item.fingerprint)
            elif row is not None and _is_done_with(row, item.fingerprint):
                continue
            elif (doubt := self._suspicion.at_sight(item.local, item.fingerprint, row)) is not None:
                refused.append(_row(path, item, FileState.HELD, doubt.title))
                self._teller.problem(path, item.local, doubt, state=FileState.HELD)
            elif (error := _why_not_sendable(path)) is not None:
                refused.append(_row(path, item, FileState.PROBLEM, error.title))
                self._teller.problem(path, item.local, error)
            elif row is None and item.at_start and self._skip_at_start and self._was_there(item):
                refused.append(_row(path, item, FileState.IGNORED, self._skip_at_start))
                self._teller.file(path, item.local, FileState.IGNORED, size=item.size, reason=self._skip_at_start)
            elif row is not None and row.state is FileState.SENDING and row.fingerprint == item.fingerprint:
                self._resume(Job(path, item.local, item.fingerprint, row=row))
            elif row is not None and row.state is FileState.SENDING and self._comes_first(row):
                self._later[path] = item
            else:
                if row is not None and row.state is FileState.HELD:
                    self._teller.solved(path)
                self._settling.observe(item)
                self._tell_waiting(path, item, row)
        if refused:
            self._files.record(refused)

    def see_later(self) -> None:
        """Files that changed while the sender had them, as far as it is done with them."""
        free = [path for path in self._later if not self._is_in_hand(path)]
        self.see([self._later.pop(path) for path in free])

    def look_again(self, relative: str) -> bool:
        """Look at one file now and let it settle anew. False if it cannot be seen.

        That does not mean that it is gone: an unmounted share looks the same. Only the watcher knows.
        """
        stat = self.stat(relative)
        if stat is None:
            return False
        f = Fingerprint.of(stat)
        self.see([Seen(relative, self.local(relative), f.size, f.mtime_ns, f.ctime_ns, file_id(stat))])
        return True

    def ignore_now(self, path: str) -> bool:
        """The sender has given a file back that a rule excludes since: it is ignored. False if no rule does."""
        item = self._ignored_later.pop(path, None)
        if item is not None:
            self._ignore([item])
        return item is not None

    def is_gone(self, path: str) -> bool:
        """The watcher has said that this file vanished while the sender had it. Says so once."""
        if path not in self._gone:
            return False
        self._gone.discard(path)
        return True

    def vanish(self, relative: str) -> None:
        """This file is gone. One that was not finished yet is nobody's loss, one that was being sent is a problem."""
        self._settling.forget(relative)
        path = self.path(relative)
        self._later.pop(path, None)
        unwritten = self._unwritten.pop(path, None)
        if path in self._gone:
            return  # said twice; the sender is about to give it back
        if self._is_in_hand(path):
            self._gone.add(path)
            self._withdraw(path)
            return
        row = self._files.known([path]).get(path)
        if row is None and unwritten is not None:
            self._teller.file(path, unwritten.local, FileState.IGNORED, size=unwritten.size, reason=VANISHED)
        if row is None or row.state in DONE or row.state is FileState.IGNORED:
            return
        if row.state is FileState.SENDING or row.reason == UNSEEN:
            self._vanished(row)
            return
        self._teller.solved(path)
        state, reason = FileState.IGNORED, VANISHED
        if row.sent_version is not None:
            state, reason = self._files.back_to_sent(row, VANISHED)
        else:
            self._files.set_state([row.id], state, VANISHED)
        self._teller.file(path, row.local, state, size=row.fingerprint.size, reason=reason)

    def settled(self, settled: Iterable[Settled]) -> list[Job]:
        """Finished files, ready for the sender."""
        items = list(settled)
        known = self._files.known(self.path(s.seen.relative) for s in items)
        jobs = []
        for item in items:
            path = self.path(item.seen.relative)
            self._unwritten.pop(path, None)
            if self._is_in_hand(path):
                self._later[path] = item.seen
                continue
            jobs.append(Job(path, item.seen.local, item.seen.fingerprint, item.prefix, known.get(path)))
        return jobs

    def write_waiting(self) -> None:
        """Journal the files that wait, with the reason."""
        if not self._unwritten:
            return
        waiting, self._unwritten = self._unwritten, {}
        known = self._files.known(waiting)
        rows = []
        for path, seen in waiting.items():
            row = known.get(path)
            state = FileState.CHANGED if row is not None and row.sent_version is not None else FileState.WAITING
            rows.append(_row(path, seen, state, self._settling.reason(seen.relative) or "it is being looked at"))
        self._files.record(rows)

    def refresh_reasons(self) -> None:
        """Some files may wait for something else by now: tell it and journal it. Not for crowds, where nobody reads it."""
        if not 0 < len(self._settling) <= _REASONS_KEPT:
            self._kinds.clear()
            return
        kinds: dict[str, str] = {}
        for relative, reason in self._settling.waiting():
            path = self.path(relative)
            kinds[path] = _NUMBERS.sub("", reason)
            if self._kinds.get(path, kinds[path]) == kinds[path]:
                continue
            row = self._files.known([path]).get(path)
            if row is not None and row.state in _WAITING:
                self._files.record([Row(path, row.local, row.state, reason, row.fingerprint)])
                self._teller.file(path, row.local, row.state, size=row.fingerprint.size, reason=reason)
        self._kinds = kinds

    def find(self, path: str) -> Outgoing | None:
        """The file that a person means by a topic path or a local path."""
        known = self._files.known([path]).get(path)
        if known is not None:
            return known
        try:
            relative = Path(os.path.abspath(path)).relative_to(self._watched.path).as_posix()
        except ValueError:
            return None
        return self._files.known([self.path(relative)]).get(self.path(relative))

    # -- details

    def _tell_waiting(self, path: str, item: Seen, row: Outgoing | None) -> None:
        is_news = path not in self._unwritten and (row is None or row.state not in _WAITING or not self.is_scanned)
        self._unwritten[path] = item
        if not is_news:
            return
        if row is None:
            self._teller.file(path, item.local, FileState.FOUND, size=item.size)
        state = FileState.CHANGED if row is not None and row.sent_version is not None else FileState.WAITING
        reason = self._settling.reason(item.relative) or ""
        self._kinds[path] = _NUMBERS.sub("", reason)
        self._teller.file(path, item.local, state, size=item.size, reason=reason)

    def _ignore(self, ignored: list[Ignored]) -> None:
        if not ignored:
            return
        known = self._files.known(self.path(i.relative) for i in ignored)
        news = []
        for item in ignored:
            path = self.path(item.relative)
            row = known.get(path)
            if self._is_in_hand(path):
                self._ignored_later[path] = item
                self._withdraw(path)
                continue
            if row is not None and (row.state in DONE or (row.state is FileState.IGNORED and row.reason == item.rule)):
                continue
            fingerprint = Fingerprint(item.size or 0, 0, 0, "")
            news.append(Row(path, item.local, FileState.IGNORED, item.rule, fingerprint))
            self._teller.file(path, item.local, FileState.IGNORED, size=item.size, reason=item.rule)
        self._files.record(news)

    def _was_there(self, item: Seen) -> bool:
        # where ctime is of the last change, it needs no help of mtime, which programs set as they like
        return (item.ctime_ns if os.name == "posix" else max(item.mtime_ns, item.ctime_ns)) < self._there_before_ns

    def _cannot_read(self, item: Unreadable) -> None:
        error = NeedsYou(
            f"Cannot read {item.relative or self._watched.path}",
            f"{item.reason}. Nothing of it is sent; it is looked at again with each scan.",
        )
        path = self.path(item.relative)
        self._still_unreadable.add(path)
        if not item.is_folder:
            self._files.record([Row(path, item.local, FileState.PROBLEM, error.title, _NOTHING)])
        self._teller.problem(path, item.local, error)

    def _scanned(self) -> None:
        self.is_scanned = True
        for path in self._unreadable - self._still_unreadable:
            self._teller.solved(path)
        self._unreadable, self._still_unreadable = self._still_unreadable, set()

    def _root(self, item: object) -> None:
        folder = self._watched.path
        if isinstance(item, (RootFound, RootBack)):
            self.root_identity = item.identity
            self.root_error = None
        elif isinstance(item, RootMissing):
            self.root_error = NeedsYou(
                f"The folder {folder} is not there",
                f"{item.reason}. No file counts as deleted; sending goes on as soon as the folder is back.",
                path=folder,
            )
        elif isinstance(item, RootChanged):
            self.root_error = NeedsYou(
                f"Another folder lies at {folder}",
                f"{item.reason}. Nothing of it was sent. If it is the right one, say so: "
                f"openmsi-desktop decide {folder} --send",
                path=folder,
            )


def _row(path: str, seen: Seen, state: FileState, reason: str) -> Row:
    return Row(path, seen.local, state, reason, seen.fingerprint)


def _is_done_with(row: Outgoing, fingerprint: Fingerprint) -> bool:
    """Nothing to do for this file as long as it does not change."""
    if row.state in DONE or row.state is FileState.CHANGED:
        return row.sent_fingerprint == fingerprint
    is_held = row.state is FileState.HELD or (row.state is FileState.IGNORED and row.reason in _FOR_GOOD)
    return is_held and row.fingerprint == fingerprint


def _why_not_sendable(path: str) -> OpenMSIError | None:
    """Readers would quarantine it, so sending it would only pretend."""
    try:
        topic_path.check(path)
    except ChunkError as error:
        return error
    return None
