"""The bar on top: pause everything, add a task, drop files, find a file, settings and help."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QToolButton, QWidget

from openmsi_desktop.gui import actions
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import drop, first_run, settings
from openmsi_desktop.gui.kinds import kinds
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.snapshot import Snapshot
from openmsi_desktop.gui.window.search import FileSearch


class Toolbar(QWidget):
    """Tells what a person looks for; the rest it does itself."""

    looked_for = Signal(str)
    """A part of a path, or a hash; Enter was pressed."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        look = desktop.look
        self.pause_button = QPushButton(self)
        self.add_button = QPushButton(self)
        self.drop_button = QPushButton(self)
        self.search = QLineEdit(self)
        self.file_search = FileSearch(desktop, self.search)
        self.settings_button = QToolButton(self)
        self.help_button = QToolButton(self)
        self._texts: dict[QPushButton, str] = {}
        self._is_paused = False
        self._is_narrow = False

        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        for button in (self.pause_button, self.add_button, self.drop_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.search)
        for tool, text in ((self.settings_button, self.tr("Settings")), (self.help_button, self.tr("Help"))):
            tool.setAutoRaise(True)
            tool.setAccessibleName(text)
            tool.setToolTip(text)
            row.addWidget(tool)

        self.pause_button.setMenu(QMenu(self))
        self.pause_button.menu().aboutToShow.connect(self._fill_pause_menu)
        self.add_button.setMenu(QMenu(self))
        self._fill_add_menu()
        self.drop_button.clicked.connect(self.drop_files)
        self.settings_button.clicked.connect(self.open_settings)
        help_menu = QMenu(self)
        help_menu.addAction(self.tr("First steps…")).triggered.connect(self._open_wizard)
        help_menu.addAction(self.tr("Help and support…")).triggered.connect(self._open_help)
        self._help_menu = help_menu
        self.help_button.clicked.connect(self._open_help_menu)

        self.search.setPlaceholderText(self.tr("Find a file by name, path or hash"))
        self.search.setAccessibleName(self.tr("Find a file by name, path or hash"))
        self.search.setClearButtonEnabled(True)
        self._search_icon = QAction(self)
        clear = self.search.findChildren(QToolButton)
        self.search.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        for inside in self.search.findChildren(QToolButton):
            inside.setAccessibleName(self.tr("Clear") if inside in clear else self.tr("Search"))
        self.search.returnPressed.connect(self._look_for)
        look.changed.connect(self._dress)
        self._dress()

    def set_narrow(self, is_narrow: bool) -> None:
        """Only icons on the buttons; their names stay for those who hear them."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._show_texts()

    @Slot(object)
    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whether there is something to pause, and whether all of it is."""
        running = [t for t in snapshot.tasks if t.kind != "one-off"]
        is_paused = bool(running) and all(t.is_paused for t in running)
        self.pause_button.setEnabled(bool(running))
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            self._dress()

    @Slot()
    def toggle_all(self) -> None:
        """Pause everything until somebody resumes, or go on with everything."""
        if self._is_paused:
            actions.resume(self._desktop, "")
        else:
            actions.pause(self._desktop, "", None)

    @Slot()
    def drop_files(self) -> None:
        """Open what files are dropped into."""
        drop.open_window(self._desktop, self.window())

    @Slot()
    def open_settings(self) -> None:
        """Open the settings of the program."""
        settings.open_window(self._desktop, self.window())

    @Slot()
    def open_add_menu(self) -> None:
        """As if the button had been pressed."""
        self.add_button.setFocus()
        self.add_button.showMenu()

    @Slot()
    def _open_help_menu(self) -> None:
        self._help_menu.popup(self.help_button.mapToGlobal(self.help_button.rect().bottomLeft()))

    @Slot()
    def _open_wizard(self) -> None:
        first_run.open_wizard(self._desktop, self.window())

    @Slot()
    def _open_help(self) -> None:
        settings.open_window(self._desktop, self.window(), "help")

    @Slot()
    def _look_for(self) -> None:
        text = self.search.text().strip()
        if text:
            self.looked_for.emit(text)

    @Slot()
    def _fill_pause_menu(self) -> None:
        menu = self.pause_button.menu()
        menu.clear()
        tasks = [t for t in self._desktop.observer.now.tasks if t.kind != "one-off"]
        paused = [t for t in tasks if t.is_paused]
        if paused:
            menu.addAction(self.tr("Resume all")).triggered.connect(self._resume_all)
        if len(paused) < len(tasks):
            for action in actions.PauseMenu(self._desktop, menu).actions():
                menu.addAction(action)

    @Slot()
    def _resume_all(self) -> None:
        actions.resume(self._desktop, "")

    def _fill_add_menu(self) -> None:
        menu = self.add_button.menu()
        for kind in kinds():
            verb, explanation = kind.offer()
            action = menu.addAction(self._desktop.look.icon(kind.icon), fill(self.tr("%1…"), verb))
            action.setToolTip(explanation)
            action.triggered.connect(partial(self._add, kind.id))

    def _add(self, identity: str) -> None:
        next(k for k in kinds() if k.id == identity).add(self._desktop, self.window())

    @Slot()
    def _dress(self) -> None:
        look = self._desktop.look
        self._texts = {
            self.pause_button: self.tr("All paused") if self._is_paused else self.tr("Pause all"),
            self.add_button: self.tr("Add"),
            self.drop_button: self.tr("Drop files"),
        }
        for button, icon in zip(
            self._texts,
            ("action/resume" if self._is_paused else "action/pause", "action/add", "action/drop"),
            strict=True,
        ):
            button.setIcon(look.icon(icon))
        self._search_icon.setIcon(look.icon("action/search", "neutral"))
        self.settings_button.setIcon(look.icon("action/settings"))
        self.help_button.setIcon(look.icon("action/help"))
        for action, kind in zip(self.add_button.menu().actions(), kinds(), strict=True):
            action.setIcon(look.icon(kind.icon))
        height = look.row_height(32)
        size = QSize(20, 20) if look.is_touch else QSize(16, 16)
        for widget in (self.pause_button, self.add_button, self.drop_button, self.search):
            widget.setMinimumHeight(height)
        for button in self._texts:
            button.setIconSize(size)
        for tool in (self.settings_button, self.help_button):
            tool.setFixedSize(max(36, height), height)
            tool.setIconSize(QSize(24, 24) if look.is_touch else QSize(20, 20))
        self.setFixedHeight(look.row_height(52, 60))
        self._show_texts()

    def _show_texts(self) -> None:
        for button, text in self._texts.items():
            button.setText("" if self._is_narrow else text)
            button.setAccessibleName(text)
            button.setToolTip(text if self._is_narrow else "")
        self.search.setFixedWidth(240 if self._is_narrow else 260)
