"""Who streams: an engine in this process, or another process of the same user whose journal is shown.

::

    the data folder is free   ->  engine here, its services in QThreads
    somebody else has it      ->  attached: shows its journal, asks by requests; takes over when it ends
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.core.events import Event
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.store import Store, read_now
from openmsi_desktop.gui.threads import Background, TaskThread
from openmsi_desktop.settings import Settings
from openmsi_desktop.streaming import control
from openmsi_desktop.streaming.engine import Engine
from openmsi_desktop.streaming.profile import InUse, Profile

log = logging.getLogger(__name__)

_LOOK_S = 2.0
"""Seconds between two looks whether the other process still streams, or whether starting works now."""
_STOP_S = 2.3
_AFTER_MISTAKE_S = 60.0
"""Seconds until it is tried again where this program has made a mistake, if nothing is changed before."""


class Role(StrEnum):
    """What this process does."""

    STARTING = "starting"
    STREAMING = "streaming"
    ATTACHED = "attached"
    STOPPED = "stopped"


class Host(QObject):
    """Starts the engine or attaches to another process. GUI thread only; nothing here waits."""

    happened = Signal(object)
    """core.events.Event of the engine here; none while attached."""
    role_changed = Signal(object)
    _was_read = Signal(object)
    """Settings that somebody asked to be read again; on the thread of the requests."""

    def __init__(
        self,
        data: Path,
        store: Store,
        background: Background,
        parent: QObject | None = None,
        *,
        credentials: Credentials | None = None,
    ) -> None:
        super().__init__(parent)
        self.data = data
        self.profile = Profile(data)
        self.role = Role.STARTING
        self.error: OpenMSIError | None = None
        """Why nothing runs, while :attr:`role` is STOPPED."""
        self.other = ""
        """Who streams, while attached."""
        self._store = store
        self._credentials = credentials or Credentials(data)
        self._background = background
        self._engine: Engine | None = None
        self._is_busy = False
        self._is_ending = False
        self._is_calm = threading.Event()  # not set while an engine is being started
        self._is_calm.set()
        self._is_reloading = self._is_behind = False
        self._failed_with: Settings | None = None
        self._failed_at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(round(_LOOK_S * 1000))
        self._timer.timeout.connect(self._look)
        store.changed.connect(self._take_over)
        self._was_read.connect(store.adopt)

    # -- life

    def start(self) -> None:
        """Begin; :attr:`role_changed` tells how it went."""
        self._timer.start()
        self._look()

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """Stop streaming here, in order, within timeout_s seconds. The only call that waits; made at the end."""
        self._is_ending = True
        self._timer.stop()
        end = time.monotonic() + timeout_s
        self._is_calm.wait(timeout_s)  # one that has just been started stops itself
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.stop(max(0.0, end - time.monotonic()))

    @property
    def engine(self) -> Engine | None:
        """The engine in this process; None while attached or stopped."""
        return self._engine

    @Slot()
    def _look(self) -> None:
        if self._engine is not None and self._is_behind:
            self._go_over()
        if self._engine is not None or self._is_busy or self._is_ending:
            return
        if self._failed_with is self._store.settings and time.monotonic() < self._failed_at + _AFTER_MISTAKE_S:
            return
        self._is_busy = True
        known, has_read, path = self._store.settings, self._store.has_read, self._store.path
        found: list[Settings] = []

        def begin() -> Engine | None:
            self._is_calm.clear()
            try:
                return start()
            finally:
                self._is_calm.set()

        def start() -> Engine | None:
            if self.role is Role.ATTACHED and (other := self.profile.streamer()):
                raise InUse(f"The data folder {self.data} is in use by {other}", path=self.data)
            try:
                found.append(read_now(path))  # while another process streamed, somebody may have written it
            except SettingsError:
                if not has_read:
                    raise
            engine = Engine(
                found[0] if found else known,
                data=self.data,
                emit=self._tell,
                secret_of=self._credentials.secret,
                read_settings=lambda: self._read_anew(path),
                runner=TaskThread,
            )
            if self._is_ending:
                return None
            engine.start()
            if self._is_ending:
                engine.stop(_STOP_S)
                return None
            return engine

        def has_begun(engine: Engine | None) -> None:
            if engine is not None:
                self._has_begun(engine, found[0] if found and self._store.settings is known else None)

        self._background.run(self, begin, has_begun, self._has_not_begun, is_own=True)

    def _has_begun(self, engine: Engine, found: Settings | None) -> None:
        """found: what the file says, unless it was changed here since."""
        self._is_busy = False
        if self._is_ending:
            engine.stop(_STOP_S)
            return
        self._engine, self.error, self.other = engine, None, ""
        self._set_role(Role.STREAMING)
        if found is not None:
            self._store.adopt(found)
        if engine.settings != self._store.settings:
            self._take_over(self._store.settings)

    def _has_not_begun(self, error: Exception) -> None:
        self._is_busy = False
        if not isinstance(error, OpenMSIError):
            is_known = self._failed_with is self._store.settings  # it would only be told again
            self._failed_with, self._failed_at = self._store.settings, time.monotonic()
            self.error = OpenMSIError(
                "This program has made a mistake and cannot start", "Nothing is sent. The details are in its log."
            )
            self._set_role(Role.STOPPED)
            if is_known:
                log.error("it cannot start still", exc_info=error)
                return
            raise error
        self.error = error
        if isinstance(error, InUse):
            self.other = self.profile.streamer() or ""
            self._set_role(Role.ATTACHED)
        else:
            self._set_role(Role.STOPPED)

    def _set_role(self, role: Role) -> None:
        if role is not self.role:
            log.info("%s", role)
            self.role = role
            self.role_changed.emit(role)

    def _tell(self, event: Event) -> None:
        """Any thread; Qt queues it."""
        self.happened.emit(event)

    # -- what people ask

    def ask(
        self,
        kind: str,
        *,
        task: str = "",
        path: str = "",
        argument: str = "",
        then: Callable[[str], None] = lambda answer: None,
    ) -> None:
        """Ask whoever streams: ``pause resume rescan retry ignore decide reload send`` (docs/cli.md). Its answer goes to then()."""

        def request() -> str:
            with closing(self.profile.open_journal()) as journal:
                answer = control.ask(journal, kind, task=task, path=path, argument=argument)
            return answer or ""

        self._background.run(self, request, then, self._failed, is_own=True)

    def ask_each(
        self,
        kind: str,
        paths: Sequence[str],
        *,
        task: str = "",
        argument: str = "",
        then: Callable[[str], None] = lambda answer: None,
    ) -> None:
        """The same about many files at once; then() gets the answer about the last of them."""

        def request() -> str:
            with closing(self.profile.open_journal()) as journal:
                return control.ask_each(journal, kind, paths, task=task, argument=argument) or ""

        self._background.run(self, request, then, self._failed, is_own=True)

    @Slot(object)
    def _take_over(self, settings: Settings) -> None:
        """The settings have changed: whoever streams goes over to them."""
        self._is_behind = True
        self._go_over()

    def _go_over(self) -> None:
        """One after the other, so that the last ones are what remains; what fails is tried again."""
        engine = self._engine
        if engine is not None and not self._is_reloading:
            self._is_reloading, self._is_behind = True, False
            settings = self._store.settings
            self._background.run(
                self, lambda: engine.reload(settings), self._has_gone_over, self._has_not_gone_over, is_own=True
            )
        elif engine is None and self.role is Role.ATTACHED:
            self._is_behind = False
            self.ask("reload", then=lambda answer: log.info("%s", answer))

    def _has_gone_over(self, answer: str) -> None:
        log.info("%s", answer)
        self._is_reloading = False
        if self._is_behind:
            self._go_over()

    def _has_not_gone_over(self, error: Exception) -> None:
        self._is_reloading = False
        self._is_behind = self._is_behind or not isinstance(error, SettingsError)
        self._failed(error)

    def _read_anew(self, path: Path) -> Settings:
        """For the request ``reload``; on its thread."""
        settings = _settings_at(path)
        self._was_read.emit(settings)
        return settings

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, OpenMSIError):
            raise error
        log.warning("%s", error)
        self.error = error
        self.role_changed.emit(self.role)


def _settings_at(path: Path) -> Settings:
    """For the request ``reload``.

    Raises:
        SettingsError: the file has mistakes.
    """
    if not path.exists():
        raise SettingsError(f"There are no settings at {path}", "Everything goes on as before.", path=path)
    return read_now(path)
