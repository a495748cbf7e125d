"""Numbers with a unit that people use: sizes, speeds and times. What is not changed comes out as it went in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QWidget

from openmsi_desktop.gui.language import tr

_DECIMALS = 3


class Unit(NamedTuple):
    """name: as shown. size: in the unit of the value."""

    name: str
    size: float


class _Number(QDoubleSpinBox):
    """Shows 30, not 30.000, and 2.5, not 2.500."""

    def textFromValue(self, value: float) -> str:
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text


class UnitEdit(QWidget):
    """A number and its unit."""

    changed = Signal()

    def __init__(
        self,
        units: Sequence[Unit],
        *,
        at_least: float = 0,
        at_most: float = 1e15,
        usual: int = 0,
        none: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """at_least, at_most: of the value. usual: the unit shown for 0. none: shown instead of 0, such as "no limit"."""
        super().__init__(parent)
        self._units = tuple(units)
        self._usual = usual
        self._at_least, self._at_most = at_least, at_most
        self._given: tuple[float, float, int] = (0.0, 0.0, 0)  # value, number and unit as they were set
        self.number = _Number(self)
        self.number.setDecimals(_DECIMALS)
        self.number.setRange(0 if at_least == 0 else 0.001, 1e12)
        self.number.setSpecialValueText(none if at_least == 0 else "")
        self.number.setGroupSeparatorShown(True)
        self.number.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setMinimumWidth(104)
        self.number.setMaximumWidth(132)
        self.unit = QComboBox(self)
        self.unit.addItems([unit.name for unit in units])
        self.unit.setAccessibleName(self.tr("Unit"))
        self.unit.setVisible(len(units) > 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.number)
        layout.addWidget(self.unit)
        layout.addStretch(1)
        self.setFocusProxy(self.number)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.number.valueChanged.connect(self._changed)
        self.unit.currentIndexChanged.connect(self._changed)
        self.set_value(at_least)

    @property
    def value(self) -> float:
        """In the unit that all others are measured in, never outside its bounds."""
        number, unit = self.number.value(), self.unit.currentIndex()
        if (number, unit) == self._given[1:]:
            return self._given[0]
        return min(max(number * self._units[unit].size, self._at_least), self._at_most)

    def set_value(self, value: float) -> None:
        """Show it in the largest unit in which it has at most three decimals."""
        chosen = self._usual
        if value:
            exact = [n for n, u in enumerate(self._units) if round(value / u.size, _DECIMALS) * u.size == value]
            whole = [n for n in exact if (value / self._units[n].size).is_integer()]
            chosen = max(whole or exact or [0], key=lambda n: self._units[n].size)
        with QSignalBlocker(self.number), QSignalBlocker(self.unit):
            self.unit.setCurrentIndex(chosen)
            self.number.setValue(value / self._units[chosen].size)
        self._given = (value, self.number.value(), chosen)
        self.changed.emit()

    @Slot()
    def _changed(self) -> None:
        self.changed.emit()


class SizeEdit(UnitEdit):
    """Bytes. is_binary: in KiB and MiB, for sizes that are powers of two."""

    def __init__(
        self,
        *,
        is_binary: bool = False,
        at_least: int = 0,
        at_most: int = 10**15,
        none: str = "",
        parent: QWidget | None = None,
    ) -> None:
        if is_binary:
            units = [Unit(tr("bytes"), 1), Unit("KiB", 1024), Unit("MiB", 1024**2)]
        else:
            units = [Unit(tr("bytes"), 1), Unit("kB", 10**3), Unit("MB", 10**6), Unit("GB", 10**9), Unit("TB", 10**12)]
        super().__init__(units, at_least=at_least, at_most=at_most, usual=2, none=none, parent=parent)

    @property
    def bytes(self) -> int:
        """The size."""
        return round(self.value)


class SpeedEdit(UnitEdit):
    """Bytes per second."""

    def __init__(self, *, none: str = "", parent: QWidget | None = None) -> None:
        units = [
            Unit(tr("bytes/s"), 1),
            Unit(tr("kB/s"), 10**3),
            Unit(tr("MB/s"), 10**6),
            Unit(tr("GB/s"), 10**9),
        ]
        super().__init__(units, at_most=10**12, usual=2, none=none, parent=parent)

    @property
    def bytes_per_s(self) -> int:
        """The speed; 0: no limit."""
        return round(self.value)


class DurationEdit(UnitEdit):
    """Seconds."""

    def __init__(
        self, *, at_least: float = 0, at_most: float = 1e9, none: str = "", parent: QWidget | None = None
    ) -> None:
        units = [Unit(tr("s"), 1), Unit(tr("min"), 60), Unit(tr("hours"), 3600), Unit(tr("days"), 86_400)]
        super().__init__(units, at_least=at_least, at_most=at_most, none=none, parent=parent)

    @property
    def seconds(self) -> float:
        """The time."""
        return self.value
