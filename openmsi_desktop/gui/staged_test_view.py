"""A test in stages, live: the verdict first, then each step with what it found, and fixes by one click."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.core.advice import without_commands
from openmsi_desktop.core.events import Stage, StageEvent
from openmsi_desktop.gui.connecting.band import Band
from openmsi_desktop.gui.connecting.report import fix_label
from openmsi_desktop.gui.connecting.steps import Line, StepRows, stage_name
from openmsi_desktop.gui.connecting.tester import Outcome
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.threads import Background

_Request = TypeVar("_Request")
Test = Callable[[_Request, Callable[[StageEvent], None], threading.Event], Outcome]
"""Runs on the thread that calls it, and tells of each step on that thread."""


class _Relay(QObject):
    """From the thread of the test to the GUI's."""

    told = Signal(object)

    def tell(self, event: StageEvent) -> None:
        try:
            self.told.emit(event)
        except RuntimeError:  # the window was closed meanwhile
            return


class StagedTestView(QFrame, Generic[_Request]):
    """GUI thread; the test runs on a thread of its own, and at most one at a time."""

    begun = Signal()
    ended = Signal(object)
    """Outcome"""
    fix_wanted = Signal(object)
    """dict of properties: to be put into the form, and tested again"""

    def __init__(
        self,
        look: Look,
        background: Background,
        tester: Test[_Request],
        make_request: Callable[[], _Request | None],
        parent: QWidget | None = None,
    ) -> None:
        """make_request: what to test; None if the form is not filled in well enough, which it then says itself."""
        super().__init__(parent)
        self._background = background
        self._tester = tester
        self._make_request = make_request
        self._request: _Request | None = None
        self._stages: list[StageEvent] = []
        self._stop: threading.Event | None = None
        self._fix: dict[str, str] = {}
        self.outcome: Outcome | None = None
        """Of what is in the form now; None if it was changed, or not tested."""
        self._build(look)
        self._relay = _Relay(self)
        self._relay.told.connect(self._tell)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.cancel)
        self.forget()

    def _build(self, look: Look) -> None:
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._band = Band(look, self)
        self._fix_button = QPushButton(self)
        self._fix_button.clicked.connect(self._ask_for_fix)
        self._button = QPushButton(self)
        self._button.clicked.connect(self._toggle)
        self._band.add_button(self._button)
        self._fix_row = QWidget(self)
        fix = QHBoxLayout(self._fix_row)
        fix.setContentsMargins(52, 10, 16, 0)
        fix.addWidget(self._fix_button)
        fix.addStretch(1)
        self._steps = StepRows(look, self)
        self._steps.copy_wanted.connect(self.copy_details)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        for part in (self._band, self._fix_row, self._steps):
            column.addWidget(part)

    # -- what is tested, said by the test of each kind

    def stages_in_order(self) -> Sequence[Stage]:
        """The steps, which are numbered from 1."""
        raise NotImplementedError

    def lines(self, request: _Request | None) -> Sequence[Line]:
        """The rows for a test; None: before there is one."""
        raise NotImplementedError

    def details(self, request: _Request) -> str:
        """Everything about the test, for a message to whoever runs the server. Without the secret."""
        raise NotImplementedError

    def words_before(self) -> str:
        """What a test is and does."""
        raise NotImplementedError

    def words_for_good(self, outcome: Outcome, warnings: int) -> tuple[str, str]:
        """(title, text) when it went well."""
        raise NotImplementedError

    # -- what others ask

    @property
    def is_running(self) -> bool:
        """A test is under way."""
        return self._stop is not None

    @property
    def stages(self) -> Sequence[StageEvent]:
        """What the last test, or the one under way, has told so far."""
        return tuple(self._stages)

    @Slot()
    def start(self) -> None:
        """Test what the form says now."""
        if self.is_running:
            return
        request = self._make_request()
        if request is None:
            return
        self._request, self._stages, self.outcome = request, [], None
        stop = self._stop = threading.Event()
        self._steps.begin(self.lines(request))
        self._steps.run_to(self.stages_in_order()[0])
        self._show_running()
        tester, tell = self._tester, self._relay.tell
        self._background.run(self, lambda: tester(request, tell, stop), self._end, self._fail)
        self.begun.emit()

    @Slot()
    def cancel(self) -> None:
        """End a test that is under way, soon."""
        if self._stop is not None:
            self._stop.set()

    def forget(self) -> None:
        """The form was changed: what was found may no longer be true."""
        self.cancel()
        if self.outcome is None and self._stages:
            return  # it is being stopped, and says so
        self.outcome = None
        has_tested = bool(self._stages)
        self._stages = []
        self._steps.begin(self.lines(None))
        self._fix_row.hide()
        self._button.setText(self.tr("Test again") if has_tested else self.tr("Test"))
        if has_tested:
            self._band.say(
                "neutral", "sign/information", self.tr("Changed since the test"), self.tr("Test again to be sure.")
            )
        else:
            self._band.say(
                "neutral",
                "sign/connection",
                self.tr("Not tested yet"),
                self.words_before(),
            )

    @Slot()
    def copy_details(self) -> None:
        """Put :meth:`details` on the clipboard."""
        if self._request is not None:
            QGuiApplication.clipboard().setText(self.details(self._request))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for the result any more."""
        if not event.spontaneous():
            self.cancel()
        super().hideEvent(event)

    # -- a test

    @Slot()
    def _toggle(self) -> None:
        if self.is_running:
            self.cancel()
            self._button.setEnabled(False)
        else:
            self.start()

    @Slot()
    def _ask_for_fix(self) -> None:
        self.fix_wanted.emit(dict(self._fix))

    @Slot(object)
    def _tell(self, event: StageEvent) -> None:
        self._stages.append(event)
        self._steps.tell(event)
        if self.is_running and event.ok is not False:
            self._show_running()

    def _show_running(self) -> None:
        self._fix_row.hide()
        done = {s.stage for s in self._stages}
        order = self.stages_in_order()
        stage = next((s for s in order if s not in done), order[-1])
        text = self.tr("Step %1 of %2: %3").replace("%1", str(order.index(stage) + 1))
        text = text.replace("%2", str(len(order))).replace("%3", stage_name(stage))
        self._band.say("working", "action/rescan", self.tr("Testing…"), text)
        self._button.setText(self.tr("Stop"))
        self._button.setEnabled(True)

    def _end(self, outcome: Outcome) -> None:
        was_changed = self._stop is not None and self._stop.is_set() and not outcome.was_stopped
        self._stop = None
        self._stages = list(outcome.stages)
        self.outcome = None if outcome.was_stopped or was_changed else outcome
        self._button.setText(self.tr("Test again"))
        self._button.setEnabled(True)
        failed = next((s for s in outcome.stages if s.ok is False), None)
        if outcome.was_stopped:
            self._band.say(
                "neutral", "sign/information", self.tr("The test was stopped"), self.tr("Nothing was changed.")
            )
        elif failed is not None:
            order = self.stages_in_order()
            title = self.tr("Step %1 of %2 failed: %3").replace("%1", str(order.index(failed.stage) + 1))
            title = title.replace("%2", str(len(order))).replace("%3", stage_name(failed.stage))
            self._band.say("error", "state/problem", title, without_commands(failed.advice))
            self._offer(failed.fix)
        else:
            self._say_good(outcome)
        self.ended.emit(outcome)

    def _say_good(self, outcome: Outcome) -> None:
        warnings = sum(len(s.warnings) for s in outcome.stages)
        title, text = self.words_for_good(outcome, warnings)
        if warnings:
            self._band.say("attention", "sign/warning", title, text)
            self._offer({name: value for s in outcome.stages for name, value in s.fix.items()})
        else:
            self._band.say("ok", "state/arrived", title, text)

    def _offer(self, fix: dict[str, str]) -> None:
        self._fix = {name: value for name, value in fix.items() if name != "chunk_size"}
        label = fix_label(self._fix)
        self._fix_row.setVisible(bool(label))
        self._fix_button.setText(label)

    def _fail(self, error: Exception) -> None:
        """The test itself made a mistake."""
        self._stop = None
        self._button.setText(self.tr("Test again"))
        self._button.setEnabled(True)
        self._band.say(
            "error", "state/problem", self.tr("The test could not be run"), f"{type(error).__name__}: {error}"
        )
        self.ended.emit(Outcome(tuple(self._stages), is_good=False))
