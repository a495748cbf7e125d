"""The operating system's events about a folder, through watchdog: which paths changed, and when some were lost.

Called by threads of their own; keeps no state of files.
"""

from __future__ import annotations

import errno
import itertools
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from openmsi_desktop.streaming.watching.scan import join, local_of
from openmsi_desktop.streaming.watching.trust import Change, Notifier

_IS_LINUX = sys.platform.startswith("linux")
if TYPE_CHECKING or _IS_LINUX:
    from watchdog.observers.inotify_c import (
        CallbackId,
        InotifyConstants,
        InotifyEvent,
        InotifyFD,
        Mask,
        WatchCallback,
        WatchDescriptor,
    )
else:
    InotifyFD = WatchCallback = object

_READ_PACE_S = 0.01
"""Seconds between two reads of the kernel's queue, which merges equal events that lie in it."""
_MANY = 1000

Note = Callable[[str, Change], None]
Lose = Callable[[], None]


def listen(root: str, note: Note, lose: Lose) -> Notifier:
    """Have ``note`` called with the relative path of whatever changes (empty: the root), ``lose`` when some were lost.

    Raises:
        OSError: the system refuses.
    """
    return Inotify(root, note, lose) if _IS_LINUX else Observed(root, note, lose)


class _PacedFD(InotifyFD):
    """Reads the kernel's queue at most a hundred times a second, unless it is long."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._is_long = False

    def read_events(self, *, event_buffer_size: int = 1 << 17) -> list[InotifyEvent]:
        if not self._is_long:
            self.stopped_event.wait(_READ_PACE_S)
        events = super().read_events(event_buffer_size=event_buffer_size)
        self._is_long = len(events) > _MANY
        return events


class Inotify(WatchCallback):
    """Linux: a watch for each folder, set just before a scan lists it, so that nothing falls in between.

    watchdog's own recursive observer walks the tree once more, hides that watches were refused, and does not tell its
    user when the kernel's queue overflowed; its file descriptor class, used here, does.
    """

    def __init__(self, root: str, note: Note, lose: Lose) -> None:
        """Raises OSError: no more of these are allowed, or the root is not there."""
        self._root = root
        self._note = note
        self._lose = lose
        self._trouble = ""
        self._ids = itertools.count()
        self._lock = threading.Lock()
        # guarded by _lock:
        self._folders: dict[int, str] = {}
        self._watches: dict[str, tuple[WatchDescriptor, CallbackId]] = {}
        self._fd = _PacedFD(f"events {root}")
        self._fd.start()
        try:
            self._add("")
        except OSError:
            self.stop()
            raise

    def watch(self, relative: str, *, anew: bool) -> None:
        if anew:
            self._drop(relative)
        with self._lock:
            if relative in self._watches:
                return
        try:
            self._add(relative)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self._trouble = (
                    "this computer's limit of watched folders is reached (fs.inotify.max_user_watches): "
                    "what changes is found by looking through the folder"
                )
            elif error.errno not in (errno.ENOENT, errno.ENOTDIR):
                self._trouble = f"a folder cannot be watched ({error.strerror})"

    def trouble(self) -> str:
        return self._trouble

    def is_alive(self) -> bool:
        return self._fd.is_alive()

    def stop(self) -> None:
        self._fd.stop()
        self._fd.join(1.0)

    def on_event(self, event: InotifyEvent) -> None:
        with self._lock:
            folder = self._folders.get(event.wd)
        if folder is None:
            return
        if not event.name:
            if folder == "" or event.mask & InotifyConstants.IN_UNMOUNT:
                self._note(folder, Change.FOLDER)
            return
        relative = join(folder, os.fsdecode(event.name))
        if event.mask & InotifyConstants.IN_ISDIR:
            if event.is_moved_from:
                self._drop(relative)
            self._note(relative, Change.FOLDER)
        else:
            self._note(relative, Change.CHANGED | Change.CLOSED if event.is_close_write else Change.CHANGED)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        with self._lock:
            folder = self._folders.pop(wd, None)
            if folder is not None and self._watches.get(folder, (None,))[0] == wd:
                del self._watches[folder]

    def on_queue_overflow(self) -> None:
        # folders may have been moved unseen: the scan that follows watches them again
        with self._lock:
            folders = [folder for folder in self._watches if folder and "/" not in folder]
        for folder in folders:
            self._drop(folder)
        self._lose()

    def _add(self, relative: str) -> None:
        # an id of its own each time: watchdog warns when a folder that was moved is watched again under the same one
        number = CallbackId(next(self._ids))
        wd = self._fd.add_callback(os.fsencode(local_of(self._root, relative)), self._mask(relative), self, number)
        if wd >= 0:  # negative: the right to look into it is missing, which a scan reports
            with self._lock:
                self._folders[wd] = relative
                self._watches[relative] = (wd, number)

    def _mask(self, relative: str) -> Mask:
        c = InotifyConstants
        mask = (
            c.IN_MODIFY | c.IN_ATTRIB | c.IN_CLOSE_WRITE | c.IN_CREATE | c.IN_DELETE | c.IN_MOVED_FROM | c.IN_MOVED_TO
        )
        mask |= c.IN_ONLYDIR | c.IN_EXCL_UNLINK
        # the root itself may be a link
        return Mask(mask | c.IN_DONT_FOLLOW if relative else mask | c.IN_DELETE_SELF | c.IN_MOVE_SELF)

    def _drop(self, relative: str) -> None:
        """A folder was moved away: its watches would go on under the old names."""
        with self._lock:
            moved = [f for f in self._watches if f == relative or f.startswith(f"{relative}/")]
            watches = [self._watches.pop(folder) for folder in moved]
            for folder, (wd, _) in zip(moved, watches, strict=True):
                # a scan may have met the folder under its new name already
                if self._folders.get(wd) == folder:
                    del self._folders[wd]
        self._fd.remove_callbacks(watches)


class Observed(FileSystemEventHandler):
    """Windows and macOS: the system watches a whole tree."""

    _IGNORED = ("opened", "closed_no_write")

    def __init__(self, root: str, note: Note, lose: Lose) -> None:
        """Raises OSError: the system refuses."""
        self._root = root
        self._note = note
        self._observer = _observer(lose)
        self._observer.name = f"events {root}"
        self._observer.schedule(self, root, recursive=True)
        self._observer.start()

    def watch(self, relative: str, *, anew: bool) -> None:
        pass

    def trouble(self) -> str:
        return ""

    def is_alive(self) -> bool:
        return self._observer.is_alive() and all(emitter.is_alive() for emitter in self._observer.emitters)

    def stop(self) -> None:
        self._observer.stop()
        self._observer.join(1.0)

    def dispatch(self, event: FileSystemEvent) -> None:
        if event.event_type in self._IGNORED or (event.is_directory and event.event_type == "modified"):
            return
        # whether it is a folder was looked up by watchdog, perhaps too late: it is looked up again
        change = Change.CHANGED if event.event_type == "modified" else Change.CHANGED | Change.FOLDER
        for path in (event.src_path, event.dest_path):
            relative = self._relative(os.fsdecode(path))
            if relative is not None:
                self._note(relative, change)

    def _relative(self, path: str) -> str | None:
        if path == self._root:
            return ""
        beginning = self._root.rstrip(os.sep) + os.sep
        return path[len(beginning) :].replace(os.sep, "/") if path.startswith(beginning) else None


def _observer(lose: Lose) -> BaseObserver:
    if sys.platform == "win32":
        from openmsi_desktop.streaming.watching import windows_events as watcher_windows

        return watcher_windows.observer(lose)
    return Observer()  # macOS: what is lost there is found by scans
