"""Windows: watchdog's observer, made to tell at once and to tell when something was lost.

watchdog 7.1 hands events on only after a second without any, and takes the empty answer with which
ReadDirectoryChangesW says that its buffer overflowed for no events. Imported on Windows only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

assert sys.platform == "win32"

from watchdog.events import FileSystemEvent
from watchdog.observers.api import BaseObserver, EventQueue, ObservedWatch
from watchdog.observers.read_directory_changes import WindowsApiEmitter
from watchdog.observers.winapi import DirectoryChangeReader, WinAPINativeEvent

_STOP_S = 0.2
"""How long an emitter may take to notice that it shall stop."""


def observer(lose: Callable[[], None]) -> BaseObserver:
    """``lose`` is called when changes were not announced."""
    return BaseObserver(_Emitter, timeout=_STOP_S, lose=lose)


class _Reader(DirectoryChangeReader):
    def __init__(self, path: str, *, recursive: bool, lose: Callable[[], None]) -> None:
        super().__init__(path, recursive=recursive)
        self._lose = lose

    def get_events(self, timeout: float) -> list[WinAPINativeEvent]:
        waiting = self._buf_queue
        with waiting.not_empty:
            waiting.not_empty.wait_for(lambda: waiting.queue, timeout)
            is_overflow = any(not buffer for buffer, _ in waiting.queue)
        if is_overflow:
            self._lose()
        return super().get_events(0)


class _Emitter(WindowsApiEmitter):
    def __init__(
        self,
        event_queue: EventQueue,
        watch: ObservedWatch,
        *,
        timeout: float,
        event_filter: list[type[FileSystemEvent]] | None = None,
        lose: Callable[[], None],
    ) -> None:
        super().__init__(event_queue, watch, timeout=timeout, event_filter=event_filter)
        self._lose = lose

    def on_thread_start(self) -> None:
        with self._lock:
            self._reader = _Reader(self.watch.path, recursive=self.watch.is_recursive, lose=self._lose)
        self._reader.start()
