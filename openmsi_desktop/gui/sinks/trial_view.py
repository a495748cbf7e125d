"""Try a program or a class on a file of one's own, and see what it prints and leaves, before anything is saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication, QHideEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import words
from openmsi_desktop.gui.connecting.band import Band
from openmsi_desktop.gui.file_words import shown
from openmsi_desktop.gui.forms import PathEdit
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.settings import Processor

_LINES = 7
_SHOWN = 12
_RESULT = 300
"""Letters of a result that are shown."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. error: why it failed. output: what it printed. results: messages for the result topic, as text.
    files: (path on the result topic, bytes) of what it left. kept: names of files that it keeps for itself."""

    output: str = ""
    error: OpenMSIError | None = None
    results: Sequence[str] = ()
    files: Sequence[tuple[str, int]] = ()
    kept: Sequence[str] = ()
    was_stopped: bool = False


class Trier(Protocol):
    """Runs a processor on a file, on the thread that calls it. Changes and sends nothing."""

    def __call__(self, processor: Processor, sample: Path, topic: str, stop: threading.Event) -> Tried: ...


def really_try(processor: Processor, sample: Path, topic: str, stop: threading.Event) -> Tried:
    """See :class:`Trier`."""
    from openmsi_desktop.streaming.sinks.processor.trial import try_on

    try:
        trial = try_on(processor, sample, relative_path=sample.name, topic=topic, stop=stop)
    except OpenMSIError as error:
        return Tried(error=error, was_stopped=stop.is_set())
    try:
        return Tried(
            output=trial.output,
            error=trial.error,
            results=[result.value.decode("utf-8", "replace") for result in trial.results],
            files=[(left.path, left.size) for left in trial.left],
            kept=[path.name for path in trial.kept],
            was_stopped=trial.is_stopped,
        )
    finally:
        trial.close()


class TrialView(QFrame):
    """GUI thread; the trial runs on a thread of its own, one at a time."""

    def __init__(
        self,
        look: Look,
        background: Background,
        make: Callable[[], tuple[Processor, str] | None],
        *,
        trier: Trier = really_try,
        parent: QWidget | None = None,
    ) -> None:
        """make: (what to try, topic); None if the form is not filled in well enough, which it then says itself."""
        super().__init__(parent)
        self._background = background
        self._make = make
        self._trier = trier
        self._stop: threading.Event | None = None
        self._has_topic = False
        self.tried: Tried | None = None
        """Of what is in the form now; None if it was changed, or not tried."""
        self._build(look)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.cancel)
        self._say_before()

    def _build(self, look: Look) -> None:
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._band = Band(look, self)
        self.button = QPushButton(self)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._toggle)
        self._band.add_button(self.button)
        self.sample = PathEdit(look, self.tr("Choose a file to try it on"), is_file=True, parent=self)
        self.sample.line.setPlaceholderText(self.tr("a file such as the instrument writes"))
        self.sample.line.setAccessibleName(self.tr("File to try it on"))
        self.sample.changed.connect(self.forget)
        label = QLabel(self.tr("Try it on"), self)
        label.setBuddy(self.sample)
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 12)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.sample, 1)
        self._parts = QWidget(self)
        self.output = QPlainTextEdit(self._parts)
        self.output.setReadOnly(True)
        self.output.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.output.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.output.setTabChangesFocus(True)
        self.output.setFixedHeight(_LINES * self.output.fontMetrics().lineSpacing() + 16)
        self.output.setAccessibleName(self.tr("What it printed"))
        self.left = QLabel(self._parts)
        self.left.setTextFormat(Qt.TextFormat.PlainText)
        self.left.setWordWrap(True)
        self.left.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inner = QVBoxLayout(self._parts)
        inner.setContentsMargins(16, 0, 16, 12)
        inner.setSpacing(8)
        inner.addWidget(self.output)
        inner.addWidget(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._band)
        column.addLayout(row)
        column.addWidget(self._parts)
        self._parts.hide()

    @property
    def is_running(self) -> bool:
        """It is being tried."""
        return self._stop is not None

    @Slot()
    def start(self) -> None:
        """Try what the form says now."""
        wanted, sample = self._make(), self.sample.path
        if self.is_running or wanted is None:
            return
        if sample is None:
            self._band.say(
                "neutral",
                "sign/information",
                self.tr("Which file?"),
                self.tr("Choose a file below. It is copied first, and nothing is sent anywhere."),
            )
            self.sample.setFocus()
            return
        stop = self._stop = threading.Event()
        self.tried = None
        self._parts.hide()
        self._band.say("working", "action/rescan", self.tr("It runs…"), shown(str(sample)))
        self.button.setText(self.tr("Stop"))
        processor, topic = wanted
        self._has_topic = bool(processor.result_topic)
        trier = self._trier
        self._background.run(self, lambda: trier(processor, sample, topic, stop), self._end, self._fail)

    @Slot()
    def cancel(self) -> None:
        """End it, soon."""
        if self._stop is not None:
            self._stop.set()

    @Slot()
    def forget(self) -> None:
        """The form was changed: what came of it may no longer be true."""
        self.cancel()
        if not self.is_running and self.tried is not None:
            self.tried = None
            self._say_before()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for the result any more."""
        if not event.spontaneous():
            self.cancel()
        super().hideEvent(event)

    # -- what came of it

    @Slot()
    def _toggle(self) -> None:
        if self.is_running:
            self.cancel()
            self.button.setEnabled(False)
        else:
            self.start()

    def _say_before(self) -> None:
        self._parts.hide()
        self.button.setText(self.tr("Try it"))
        self._band.say(
            "neutral",
            "task/processor",
            self.tr("Not tried yet"),
            self.tr("Try it on a file and see what it prints and leaves. Nothing is sent."),
        )

    def _end(self, tried: Tried) -> None:
        self._stop = None
        self.button.setEnabled(True)
        self.button.setText(self.tr("Try again"))
        self.tried = tried
        if tried.was_stopped:
            self._band.say("neutral", "sign/information", self.tr("It was stopped"), self.tr("Nothing was sent."))
        elif tried.error is not None:
            self._band.say("error", "state/problem", tried.error.title, tried.error.advice)
        else:
            self._band.say("ok", "state/arrived", self.tr("It works with this file"), self._sum(tried))
        self.output.setPlainText(tried.output)
        self.output.setVisible(bool(tried.output))
        self.left.setText("\n".join(self._lines(tried)))
        self.left.setVisible(bool(self.left.text()))
        self._parts.setVisible(bool(tried.output or self.left.text()))

    def _sum(self, tried: Tried) -> str:
        count = len(tried.results) + len(tried.files)
        if not count:
            return self.tr("It left no result.") if tried.output else self.tr("It printed nothing and left no result.")
        if not self._has_topic:
            return self.tr("%n result(s): choose a topic for results if they are to be sent.", "", count)
        return self.tr("%n result(s) would go to the topic for results.", "", count)

    def _lines(self, tried: Tried) -> list[str]:
        lines = [fill(self.tr("File %1 · %2"), shown(path), words.size(size)) for path, size in tried.files[:_SHOWN]]
        for result in tried.results[:_SHOWN]:
            text = shown(result[:_RESULT])
            lines.append(fill(self.tr("Message %1"), text + "…" if len(result) > _RESULT else text))
        lines += [fill(self.tr("File %1 · stays here"), shown(name)) for name in tried.kept[:_SHOWN]]
        more = max(0, len(tried.files) - _SHOWN) + max(0, len(tried.results) - _SHOWN)
        return [*lines, self.tr("and %n more", "", more)] if more else lines

    def _fail(self, error: Exception) -> None:
        """The trial itself made a mistake."""
        self._stop = None
        self.button.setEnabled(True)
        self.button.setText(self.tr("Try again"))
        self._band.say("error", "state/problem", self.tr("It could not be tried"), f"{type(error).__name__}: {error}")
