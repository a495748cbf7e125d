"""The main window: the list of tasks on the left, one of them in full on the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSettings, Qt, QTimer, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QKeySequence,
    QPalette,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from openmsi_desktop.gui import actions
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import drop, explain
from openmsi_desktop.gui.dropping.drag import local_paths
from openmsi_desktop.gui.snapshot import Snapshot
from openmsi_desktop.gui.window.banner import Banner, Strip
from openmsi_desktop.gui.window.detail import PAGES, Detail
from openmsi_desktop.gui.window.empty import EmptyPage
from openmsi_desktop.gui.window.parts import Rule, small
from openmsi_desktop.gui.window.status_line import StatusLine
from openmsi_desktop.gui.window.task_list import NARROW, NARROW_TOUCH, WIDTH, TaskList, take_copies
from openmsi_desktop.gui.window.toolbar import Toolbar

_NARROW_BELOW = 820


class MainWindow(QMainWindow):
    """One for the whole program; closed, it is only hidden while there is a tray."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__()
        self._desktop = desktop
        look = desktop.look
        self.setWindowTitle("OpenMSI Desktop")
        self.setWindowIcon(look.mark())
        self.setMinimumSize(720, 480)
        self.resize(980, 640)
        self._is_narrow: bool | None = None
        self._wide_list = WIDTH
        self._is_stale = True

        body = QWidget(self)
        self.toolbar = Toolbar(desktop, body)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, body)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        side = QWidget(self.splitter)
        side.setBackgroundRole(QPalette.ColorRole.Base)
        side.setAutoFillBackground(True)
        self.list = TaskList(look, side)
        self._no_tasks = small(look, side, self.tr("Your tasks will be listed here."))
        self._no_tasks.setWordWrap(True)
        self._no_tasks.setContentsMargins(16, 14, 12, 0)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(0)
        column.addWidget(self._no_tasks, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.list, 1)
        self._side = side
        self.stack = QStackedWidget(self.splitter)
        self.empty = EmptyPage(desktop, self.stack)
        self.detail = Detail(desktop, self.stack)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.detail)
        self.splitter.addWidget(side)
        self.splitter.addWidget(self.stack)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.banner = Banner(desktop, body)
        self.status_line = StatusLine(desktop, body)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if desktop.practice is not None:
            column.addWidget(Strip(look, body, desktop.practice.banner()))
        for widget in (self.toolbar, Rule(body), self.banner, self.splitter, Rule(body), self.status_line):
            column.addWidget(widget, 1 if widget is self.splitter else 0)
        self.setCentralWidget(body)

        self.list.chosen.connect(self._show_task)
        self.list.wants_menu.connect(self._open_menu)
        self.list.dropped.connect(self._drop_on_task)
        self.toolbar.looked_for.connect(self._look_for)
        self.status_line.wants_page.connect(self.open_page)
        desktop.observer.changed.connect(self._show)
        look.changed.connect(self._dress)
        self._add_shortcuts()
        self.setAcceptDrops(True)
        self._restore()
        self._render(desktop.observer.now)

    # -- what others ask

    @Slot(str, str)
    def open_page(self, task: str, page: str) -> None:
        """Show a task (key) on a page: ``overview files problems rules``. Empty: as it was."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()
        self._show(self._desktop.observer.now)
        if task:
            self.list.choose(task)
        if page == "stopped":
            self.banner.focus()
        elif page:
            self.detail.show_page(page)

    @Slot()
    def toggle(self) -> None:
        """Bring it to the front, or hide it if it is there."""
        if self.isVisible() and self.isActiveWindow():
            self.hide()
        else:
            self.open_page("", "")

    # -- showing

    @Slot(object)
    def _show(self, snapshot: Snapshot) -> None:
        if not self.isVisible():
            self._is_stale = True  # nobody looks; it is made up for when the window is shown
            return
        self._render(snapshot)

    def _render(self, snapshot: Snapshot) -> None:
        self._is_stale = False
        self.list.show_snapshot(snapshot)
        self.toolbar.show_snapshot(snapshot)
        self.status_line.show_snapshot(snapshot)
        self.banner.show_snapshot(snapshot)
        has_tasks = bool(snapshot.tasks)
        self.list.setVisible(has_tasks)
        self._no_tasks.setVisible(not has_tasks and not self._is_narrow)
        wanted = self.detail if has_tasks else self.empty
        if self.stack.currentWidget() is not wanted:
            self.stack.setCurrentWidget(wanted)
            if has_tasks:
                self.list.setFocus()
        self._show_task(self.list.key)

    @Slot(str)
    def _show_task(self, key: str) -> None:
        task = self._desktop.observer.now.task(key)
        if task is not None:
            self.detail.show_task(task)

    @Slot(str, object)
    def _open_menu(self, key: str, position: QPoint) -> None:
        task = self._desktop.observer.now.task(key)
        if task is not None:
            menu = actions.TaskMenu(self._desktop, task, self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(position)

    @Slot(str)
    def _look_for(self, text: str) -> None:
        if self.list.key:
            self.detail.look_for(text)
        else:
            explain.open_dialog(self._desktop, self, text)

    # -- files that are dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        take_copies(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if take_copies(event):
            drop.open_window(self._desktop, self, local_paths(event.mimeData()))

    @Slot(str, object)
    def _drop_on_task(self, key: str, paths: list[Path]) -> None:
        drop.open_window(self._desktop, self, paths, task=key)

    # -- size

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_narrow = self.width() < _NARROW_BELOW
        if is_narrow == self._is_narrow:
            return
        if is_narrow and self._is_narrow is not None:
            self._wide_list = self.splitter.sizes()[0] or WIDTH
        self._is_narrow = is_narrow
        self.list.set_narrow(is_narrow)
        self.toolbar.set_narrow(is_narrow)
        self.status_line.set_narrow(is_narrow)
        self.detail.header.set_narrow(is_narrow)
        self._no_tasks.setVisible(not is_narrow and not self._desktop.observer.now.tasks)
        if is_narrow:
            width = NARROW_TOUCH if self._desktop.look.is_touch else NARROW
            self._side.setFixedWidth(width)
            self.splitter.setSizes([width, max(1, self.width() - width)])
        else:
            self._side.setMinimumWidth(180)
            self._side.setMaximumWidth(420)
            self.splitter.setSizes([self._wide_list, max(1, self.width() - self._wide_list)])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and not self.isMinimized() and self._is_stale:
            self._show(self._desktop.observer.now)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._desktop.observer.set_watched(True)
        self._fit()
        if self._is_stale:
            QTimer.singleShot(0, self, self._catch_up)

    @Slot()
    def _catch_up(self) -> None:
        self._show(self._desktop.observer.now)

    def hideEvent(self, event: QHideEvent) -> None:
        self._desktop.observer.set_watched(False)
        self._save()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._save()
        event.accept()

    @Slot()
    def _dress(self) -> None:
        self.setWindowIcon(self._desktop.look.mark())

    # -- what is remembered between two starts

    def _memory(self) -> QSettings:
        return QSettings(str(self._desktop.places.data / "window.ini"), QSettings.Format.IniFormat)

    def _restore(self) -> None:
        memory = self._memory()
        geometry = memory.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        width = memory.value("list")
        if isinstance(width, str) and width.isdigit():
            self._wide_list = min(420, max(180, int(width)))

    def _save(self) -> None:
        if not self._is_narrow:
            self._wide_list = self.splitter.sizes()[0] or self._wide_list
        if not self._desktop.places.data.is_dir():
            return  # nothing has run here yet
        memory = self._memory()
        memory.setValue("geometry", self.saveGeometry())
        memory.setValue("list", str(self._wide_list))

    # -- keys

    def _add_shortcuts(self) -> None:
        keys = (
            ("Ctrl+N", self.toolbar.open_add_menu),
            ("Ctrl+O", self.toolbar.drop_files),
            ("Ctrl+F", self._focus_search),
            ("Ctrl+P", self._toggle_task),
            ("Ctrl+Shift+P", self.toolbar.toggle_all),
            ("F5", self._rescan),
            ("Ctrl+E", self._explain),
            ("Ctrl+,", self.toolbar.open_settings),
            ("Esc", self._escape),
        )
        for key, slot in keys:
            QShortcut(QKeySequence(key), self).activated.connect(slot)
        for i, page in enumerate(PAGES):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{i + 1}"), self)
            shortcut.setObjectName(page)
            shortcut.activated.connect(self._turn_page)

    @Slot()
    def _turn_page(self) -> None:
        self.detail.show_page(self.sender().objectName())

    @Slot()
    def _focus_search(self) -> None:
        self.toolbar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.search.selectAll()

    @Slot()
    def _toggle_task(self) -> None:
        self.detail.header.toggle()

    @Slot()
    def _rescan(self) -> None:
        if self.list.key:
            actions.rescan(self._desktop, self.list.key)

    @Slot()
    def _explain(self) -> None:
        page = self.detail.files
        explain.open_dialog(self._desktop, self, page.chosen_path() if page.isVisible() else "")

    @Slot()
    def _escape(self) -> None:
        if self.toolbar.search.hasFocus() and self.toolbar.search.text():
            self.toolbar.search.clear()
        else:
            self.hide()
