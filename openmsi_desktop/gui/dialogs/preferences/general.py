"""General: start, look, language, the close button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import autostart, language
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.preferences.page import Page, beside
from openmsi_desktop.settings import Application


class GeneralPage(Page):
    """Every control writes at once."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, QCoreApplication.translate("GeneralPage", "General"), parent)
        self._choices: dict[str, QComboBox] = {}
        self._ticks: dict[str, QCheckBox] = {}
        start = self.block(self.tr("Start"))
        self.at_login = QCheckBox(self.tr("Start when I log in"))
        self.at_login.toggled.connect(self._set_autostart)
        start.addRow(self.at_login)
        self.hidden = QCheckBox(self.tr("Show only the icon then"))
        self.hidden.setEnabled(False)
        self.hidden.toggled.connect(self._set_hidden)
        start.addRow(self.hidden)

        looks = self.block(self.tr("Look"))
        self.theme = self._choice(
            "theme", [("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))]
        )
        self.row(looks, self.tr("Colours"), self.theme)
        self.ground = self._choice(
            "tray_ground",
            [
                ("", self.tr("As the windows")),
                ("light", self.tr("For a light task bar")),
                ("dark", self.tr("For a dark task bar")),
                ("mono", self.tr("One colour")),
            ],
        )
        self.row(looks, self.tr("Icon"), self.ground)
        self.language = self._choice("language", [("", self.tr("As the system")), *language.choices()])
        self.row(looks, self.tr("Language"), self.language)
        looks.addRow("", self.help(self.tr("What brokers and the engine report stays in English.")))
        self.touch = self._tick("touch", self.tr("Large targets, for gloves and touch screens"))
        looks.addRow("", self.touch)
        self.calm = self._tick("calm_icon", self.tr("Calm icon: it never moves"))
        looks.addRow("", self.calm)

        close = self.block(self.tr("When I close the window"))
        self.close_button = self._choice(
            "close",
            [
                ("ask", self.tr("Ask me the next time")),
                ("hide", self.tr("Hide the window and go on sending")),
                ("quit", self.tr("Stop sending and quit")),
            ],
        )
        self.close_button.setAccessibleName(self.tr("Closing the window"))
        close.addRow(beside(self.close_button))
        self.column.addStretch(1)
        self.refresh()

    def show_preferences(self, application: Application) -> None:
        for name, box in self._choices.items():
            with QSignalBlocker(box):
                box.setCurrentIndex(max(0, box.findData(getattr(application, name))))
        for name, tick in self._ticks.items():
            with QSignalBlocker(tick):
                tick.setChecked(getattr(application, name))
        with QSignalBlocker(self.hidden):
            self.hidden.setChecked(application.start_hidden)

    def showEvent(self, event: QShowEvent) -> None:
        """Look what the system says: it may have been switched off there."""
        super().showEvent(event)
        self._look_at_autostart()

    def _look_at_autostart(self) -> None:
        self.desktop.background.run(self, autostart.is_on, self._show_autostart, self._failed)

    def _show_autostart(self, is_on: bool) -> None:
        with QSignalBlocker(self.at_login):
            self.at_login.setChecked(is_on)
        self.hidden.setEnabled(is_on)

    def _choice(self, name: str, choices: Sequence[tuple[str, str]]) -> QComboBox:
        """A box that writes a preference of that name."""
        box = QComboBox()
        for value, text in choices:
            box.addItem(text, value)
        box.setObjectName(name)
        box.activated.connect(self._chosen)
        self._choices[name] = box
        return box

    def _tick(self, name: str, text: str) -> QCheckBox:
        tick = QCheckBox(text)
        tick.setObjectName(name)
        tick.toggled.connect(self._ticked)
        self._ticks[name] = tick
        return tick

    @Slot(int)
    def _chosen(self, index: int) -> None:
        box = self.sender()
        assert isinstance(box, QComboBox)
        self.prefer(**{box.objectName(): box.itemData(index)})

    @Slot(bool)
    def _ticked(self, is_on: bool) -> None:
        tick = self.sender()
        assert isinstance(tick, QCheckBox)
        self.prefer(**{tick.objectName(): is_on})

    @Slot(bool)
    def _set_hidden(self, is_on: bool) -> None:
        self.prefer(start_hidden=is_on)
        if self.at_login.isChecked():
            self._set_autostart(True)

    @Slot(bool)
    def _set_autostart(self, is_on: bool) -> None:
        """Beside the settings: the system's own list of what starts at login is the truth."""
        places, is_hidden = self.desktop.places, self.hidden.isChecked()
        self.desktop.background.run(
            self,
            lambda: autostart.set_on(is_on, places=places, is_hidden=is_hidden),
            lambda _: self._look_at_autostart(),
            self._failed,
        )

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, OpenMSIError):
            raise error
        self.tell(error)
        self._look_at_autostart()
