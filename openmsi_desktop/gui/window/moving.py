"""The block "Now": files that are on their way, those that wait with the reason, and how many more there are."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui import words
from openmsi_desktop.gui.file_words import reason_of
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.look import Look, dress
from openmsi_desktop.gui.snapshot import Moving, TaskNow
from openmsi_desktop.gui.task_words import is_reader
from openmsi_desktop.gui.window.parts import Bar, Icon, Link, PathLabel, Rule, Sparkline, heading, plain, small

SHOWN = 5
_ON_ITS_WAY = (FileState.SENDING, FileState.RECEIVING)


class MovingRow(QWidget):
    """One file: icon, path, and how far it is or why it waits."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = Icon(look, self)
        self._path = PathLabel(self, is_wide=True)
        self._bar = Bar(look, self)
        self._percent = plain(self)
        self._amount = small(look, self)
        self._reason = plain(self)
        self._look = look
        self._is_narrow = False
        metrics = self._percent.fontMetrics()
        self._bar.setFixedWidth(168)
        self._percent.setFixedWidth(metrics.horizontalAdvance(words.percent(1.0)) + 4)
        self._amount.setFixedWidth(self._amount.fontMetrics().horizontalAdvance(_of("888.8 MB", "888.8 MB")) + 2)
        for label in (self._percent, self._amount):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._path, 1)
        row.addWidget(self._bar)
        row.addWidget(self._percent)
        row.addWidget(self._amount)
        row.addWidget(self._reason)
        look.changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        self.setFixedHeight(max(self._look.row_height(36), self.fontMetrics().height() + 12))

    def show_file(self, file: Moving) -> None:
        """Show it as it is now."""
        icon, token = words.icon(file.state)
        self._icon.show_icon(icon, token)
        self._path.show_path(file.path)
        moves = file.state in _ON_ITS_WAY
        for widget in (self._bar, self._percent):
            widget.setVisible(moves)
        self._amount.setVisible(moves and not self._is_narrow)
        self._reason.setVisible(not moves)
        if moves:
            share = file.done or 0.0
            self._bar.show_share(share)
            self._percent.setText(words.percent(share))
            self._amount.setText(_amount(file, share))
        else:
            self._reason.setText(reason_words(file))
            palette = self._reason.palette()
            for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
                palette.setColor(role, self._look.colour(token))
            self._reason.setPalette(palette)
        state = words.percent(file.done or 0.0) if moves else self._reason.text()
        self.setAccessibleName(fill(self.tr("%1: %2, %3"), file.path, words.word(file.state), state))

    def set_narrow(self, is_narrow: bool) -> None:
        """Less room: only the share, not the amount."""
        self._bar.setFixedWidth(120 if is_narrow else 168)
        self._is_narrow = is_narrow
        self._amount.setVisible(not is_narrow and self._bar.isVisibleTo(self))


class NowBlock(QWidget):
    """The block with its head and the sparkline."""

    wants_queue = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._span = small(look, self, self.tr("last 10 min"))
        self._spark = Sparkline(look, self)
        self._rate = QLabel(self)
        dress(self._rate, look.font(is_bold=True))
        self._rate.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._rate.setMinimumWidth(self._rate.fontMetrics().horizontalAdvance("888.8 MB/s"))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(heading(look, self, self.tr("Now")))
        head.addStretch(1)
        head.addWidget(self._span)
        head.addWidget(self._spark)
        head.addWidget(self._rate)
        self._is_narrow = False
        self._task: TaskNow | None = None
        self._clock = QTimer(self)  # ages go on although nothing happens
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._age)
        self._rows: list[tuple[MovingRow, Rule]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(6)
        for _ in range(SHOWN):
            row, rule = MovingRow(look, self), Rule(self)
            column.addWidget(row)
            column.addWidget(rule)
            self._rows.append((row, rule))
        self._more = plain(self)
        dress(self._more, look.font(), QPalette.ColorRole.PlaceholderText)
        self.queue_button = Link(look, self, self.tr("Show queue"))
        self.queue_button.clicked.connect(self._press)
        last = QHBoxLayout()
        last.setContentsMargins(0, 4, 0, 0)
        last.setSpacing(8)
        last.addWidget(self._more)
        last.addWidget(self.queue_button)
        last.addStretch(1)
        column.addLayout(last)

    def set_narrow(self, is_narrow: bool) -> None:
        """Less room."""
        self._is_narrow = is_narrow
        self._span.setVisible(not is_narrow and self._spark.isVisibleTo(self))
        for row, _ in self._rows:
            row.set_narrow(is_narrow)

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        has_speed = any(task.rates) or task.rate >= 1
        self._spark.show_values(task.rates)
        self._rate.setText(words.rate(task.rate) if has_speed else "")
        self._spark.setVisible(has_speed)
        self._span.setVisible(has_speed and not self._is_narrow)
        self._spark.setAccessibleName(fill(self.tr("Speed now: %1"), words.rate(task.rate)))
        self._task = task
        files = task.moving[:SHOWN]
        if any(f.changed_at is not None for f in files) and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()
        for i, (row, rule) in enumerate(self._rows):
            row.setVisible(i < len(files))
            rule.setVisible(i < len(files))
            if i < len(files):
                row.show_file(files[i])
        more = max(0, task.pending - len(files))
        self.queue_button.setVisible(bool(more))
        self._more.setText(self._rest(task, len(files), more))

    def _rest(self, task: TaskNow, shown: int, more: int) -> str:
        if shown and more:
            return self.tr("%n more in the queue", "", more)
        if more:
            return self.tr("%n file(s) in the queue", "", more)
        if shown:
            return ""
        return self.tr("Nothing to receive just now.") if is_reader(task) else self.tr("Nothing to send just now.")

    @Slot()
    def _age(self) -> None:
        if self._task is not None and self.isVisible():
            self.show_task(self._task)
        else:
            self._clock.stop()

    @Slot()
    def _press(self) -> None:
        self.wants_queue.emit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())


def reason_words(file: Moving) -> str:
    """Why a file waits; how long ago it was written to is said as of now, not as of when the reason was found."""
    reason, found, _ = file.reason.partition(" (last change ")
    text = reason_of(reason) or words.word(file.state)
    text = text[:1].upper() + text[1:]
    if found and file.changed_at is not None:
        return fill(tr("%1 – last change %2"), text, words.ago(file.changed_at))
    return text


def _amount(file: Moving, share: float) -> str:
    if file.size is None:
        return ""
    return _of(words.size(round(file.size * share)), words.size(file.size))


def _of(done: str, whole: str) -> str:
    return fill(tr("%1 of %2"), done, whole)
