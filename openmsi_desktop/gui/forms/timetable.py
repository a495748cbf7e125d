"""How fast a task may send: one limit, and times of the week with another one."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, QTime, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTimeEdit, QToolButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.forms.height import make_tall
from openmsi_desktop.gui.forms.units import SpeedEdit
from openmsi_desktop.gui.look import Look, Size
from openmsi_desktop.settings import Limit, Period

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT = QTime(0, 0)


class _Day(QToolButton):
    """A day that is chosen or not: filled and bold, or neither."""

    def __init__(self, look: Look, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setText(text)
        self.setCheckable(True)
        self.setMinimumWidth(36)
        self.toggled.connect(self._show_state)
        look.changed.connect(self._show_state)

    @Slot()
    def _show_state(self) -> None:
        palette = QPalette()
        if self.isChecked():
            palette.setColor(QPalette.ColorRole.Button, self._look.colour("surface", "highlight"))
            palette.setColor(QPalette.ColorRole.ButtonText, self._look.colour("surface", "highlight_text"))
        self.setPalette(palette)
        self.setFont(self._look.font(Size.SMALL, is_bold=self.isChecked()))


class _PeriodRow(QWidget):
    """From, to, on these days, this fast."""

    changed = Signal()
    removed = Signal(object)

    def __init__(self, look: Look, period: Period, parent: QWidget) -> None:
        super().__init__(parent)
        self._given = period
        self._from = self._time(period.from_, self.tr("From"))
        self._to = self._time(period.to, self.tr("To"))
        self._speed = SpeedEdit(none=self.tr("no limit"), parent=self)
        self._speed.number.setAccessibleName(self.tr("Speed"))
        self._speed.set_value(period.bytes_per_s)
        self._days = []
        times = QHBoxLayout()
        times.setSpacing(6)
        times.addWidget(self._from)
        times.addWidget(QLabel("–", self))
        times.addWidget(self._to)
        times.addStretch(1)
        remove = QToolButton(self)
        remove.setIcon(look.icon("action/close", "neutral"))
        remove.setAutoRaise(True)
        remove.setAccessibleName(self.tr("Remove this time"))
        remove.setToolTip(self.tr("Remove this time"))
        remove.clicked.connect(self._remove)
        times.addWidget(remove)
        days = QHBoxLayout()
        days.setSpacing(2)
        for number, name in enumerate(DAYS, start=1):
            day = _Day(look, QLocale().dayName(number, QLocale.FormatType.ShortFormat), self)
            day.setAccessibleName(QLocale().dayName(number))
            day.setChecked(not period.days or name in period.days)
            day.toggled.connect(self.changed)
            self._days.append(day)
            days.addWidget(day)
        days.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(4)
        layout.addLayout(times)
        layout.addLayout(days)
        layout.addWidget(self._speed)
        self._speed.changed.connect(self.changed)

    def _time(self, text: str, name: str) -> QTimeEdit:
        edit = QTimeEdit(self)
        edit.setDisplayFormat("HH:mm")
        edit.setTime(_MIDNIGHT if text == "24:00" else QTime.fromString(text, "HH:mm"))
        edit.setAccessibleName(name)
        edit.timeChanged.connect(self.changed)
        return edit

    @property
    def period(self) -> Period | None:
        """What the row says; None if no day is chosen."""
        days = tuple(name for name, day in zip(DAYS, self._days, strict=True) if day.isChecked())
        if not days:
            return None
        to = self._to.time().toString("HH:mm")
        if self._to.time() == _MIDNIGHT:
            to = self._given.to if self._given.to in ("24:00", "00:00") else "24:00"
        given = self._given.days
        same_days = set(days) == set(given or DAYS)
        words = {"from": self._from.time().toString("HH:mm"), "to": to, "bytes_per_s": self._speed.bytes_per_s}
        return Period.model_validate({**words, "days": given if same_days else () if len(days) == len(DAYS) else days})

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self)


class LimitEdit(QWidget):
    """A speed, and rows for times of the week."""

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._rows: list[_PeriodRow] = []
        self.speed = SpeedEdit(none=self.tr("no limit"), parent=self)
        self.speed.changed.connect(self.changed)
        self._add = QPushButton(self.tr("Another speed at some times…"), self)
        self._add.setAutoDefault(False)
        self._add.clicked.connect(self._add_usual)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._add)
        line.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.speed)
        self._layout.addLayout(line)
        self.setFocusProxy(self.speed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def limit(self) -> Limit:
        """What the rows say."""
        return Limit(
            bytes_per_s=self.speed.bytes_per_s,
            timetable=tuple(row.period for row in self._rows if row.period is not None),
        )

    def set_limit(self, limit: Limit) -> None:
        """Show this."""
        for row in list(self._rows):
            self._drop(row)
        self.speed.set_value(limit.bytes_per_s)
        for period in limit.timetable:
            self._add_row(period)
        self.changed.emit()

    @Slot()
    def _add_usual(self) -> None:
        usual = Period(from_="08:00", to="18:00", days=("mon", "tue", "wed", "thu", "fri"), bytes_per_s=1_000_000)
        row = self._add_row(usual)
        row.setFocus()
        self.changed.emit()

    def _add_row(self, period: Period) -> _PeriodRow:
        row = _PeriodRow(self._look, period, self)
        row.changed.connect(self.changed)
        row.removed.connect(self._remove)
        self._rows.append(row)
        self._layout.insertWidget(self._layout.count() - 1, row)
        make_tall(row, self._look)
        return row

    @Slot(object)
    def _remove(self, row: _PeriodRow) -> None:
        self._drop(row)
        self.changed.emit()

    def _drop(self, row: _PeriodRow) -> None:
        self._rows.remove(row)
        self._layout.removeWidget(row)
        row.hide()
        row.deleteLater()
