"""The right side of the window: one task in full, its title and its pages."""

from __future__ import annotations

import logging
from collections.abc import Collection

from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui import actions, words
from openmsi_desktop.gui.connecting import tested
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Size, dress
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.task_words import face_of, needs_you, place_icons
from openmsi_desktop.gui.window.files import FilesPage
from openmsi_desktop.gui.window.overview import OverviewPage
from openmsi_desktop.gui.window.parts import Chip, Elided, Icon, PathLabel, Rule, small
from openmsi_desktop.gui.window.problems import ProblemsPage
from openmsi_desktop.gui.window.rules import RulesPage
from openmsi_desktop.gui.window.technical import TechnicalDetails
from openmsi_desktop.settings import Settings

log = logging.getLogger(__name__)

PAGES = ("overview", "files", "problems", "rules")


class Header(QWidget):
    """Title, state, where from and where to, and what can be done."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._task: TaskNow | None = None
        self._is_narrow = False
        look = desktop.look
        self.title = Elided(self, least=120)
        dress(self.title, look.font(Size.TITLE, is_bold=True))
        self.chip = Chip(look, self)
        self.pause_button = QPushButton(self)
        self.more_button = QPushButton(self)
        self.more_button.setAccessibleName(self.tr("More"))
        self.more_button.setToolTip(self.tr("More"))
        self.pause_button.clicked.connect(self.toggle)
        self.more_button.clicked.connect(self._open_menu)
        self._from_icon, self._to_icon = Icon(look, self), Icon(look, self)
        self._flow = Icon(look, self, "sign/flow", "neutral")
        self._from, self._to = PathLabel(self, least=100), PathLabel(self, least=140)
        self._tested_at: dict[str, float] = {}
        self._tested_sign = Icon(look, self, "sign/ok", "ok", 12)
        self._tested = small(look, self)
        self._also = Elided(self)
        self._connection = Elided(self)
        dress(self._connection, look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)

        first = QHBoxLayout()
        first.setSpacing(12)
        first.addWidget(self.title)
        first.addWidget(self.chip)
        first.addStretch(1)
        first.addWidget(self.pause_button)
        first.addWidget(self.more_button)
        second = QHBoxLayout()
        second.setSpacing(8)
        for widget in (self._from_icon, self._from, self._flow, self._to_icon, self._to, self._also, self._connection):
            second.addWidget(widget)
        second.addWidget(self._tested_sign)
        second.addWidget(self._tested)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 10)
        column.setSpacing(6)
        column.addLayout(first)
        column.addLayout(second)
        look.changed.connect(self._dress)
        desktop.store.changed.connect(self._ask_tested)
        self._dress()
        self._ask_tested(desktop.store.settings)

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        before, self._task = self._task, task
        face = face_of(task)
        self.title.setText(task.name)
        self.chip.show_state(face.icon, face.token, face.chip)
        came, goes, *also = task.route
        for icon, label, text, name in zip(
            (self._from_icon, self._to_icon), (self._from, self._to), (came, goes), place_icons(task), strict=True
        ):
            icon.show_icon(name, "neutral")
            label.show_path(text)
            icon.setVisible(bool(text))
            label.setVisible(bool(text))
        self._flow.setVisible(bool(came and goes))
        self._also.setText(fill(self.tr("and %1"), ", ".join(also)) if also else "")
        self._also.setVisible(bool(also))
        self._connection.setText(fill(self.tr("on %1"), task.connection) if task.connection else "")
        self._show_tested()
        self.pause_button.setVisible(actions.find(self._desktop, task.key) is not None or task.is_paused)
        if before is None or before.is_paused != task.is_paused:
            self._dress()

    def set_narrow(self, is_narrow: bool) -> None:
        """Only icons on the buttons."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._dress()

    @Slot(object)
    def _ask_tested(self, settings: Settings) -> None:
        """When connections were tested is in the journal, which is not read on this thread."""
        profile, connections = self._desktop.host.profile, settings.connections
        self._desktop.background.run(
            self, lambda: tested.tested_at(profile, connections), self._take_tested, self._cannot_tell
        )

    def _take_tested(self, tested_at: dict[str, float]) -> None:
        self._tested_at = tested_at
        self._show_tested()

    def _cannot_tell(self, error: Exception) -> None:
        log.warning("when connections were tested cannot be read: %s", error)

    def _show_tested(self) -> None:
        at = self._tested_at.get(self._task.connection) if self._task is not None else None
        is_known = at is not None and not self._is_narrow
        self._tested_sign.setVisible(is_known)
        self._tested.setVisible(is_known)
        if at is not None:
            self._tested.setText(fill(self.tr("tested %1"), words.ago(at)))

    @Slot()
    def toggle(self) -> None:
        """Pause the task until somebody resumes it, or resume it."""
        if self._task is None:
            return
        if self._task.is_paused:
            actions.resume(self._desktop, self._task.key)
        else:
            actions.pause(self._desktop, self._task.key, None)

    def menu(self) -> actions.TaskMenu | None:
        """Everything that can be done with the task that is shown."""
        if self._task is None:
            return None
        menu = actions.TaskMenu(self._desktop, self._task, self)
        menu.addSeparator()
        menu.addAction(self.tr("Technical details…")).triggered.connect(self._open_technical)
        return menu

    @Slot()
    def _open_menu(self) -> None:
        menu = self.menu()
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.more_button.mapToGlobal(QPoint(0, self.more_button.height() + 2)))

    @Slot()
    def _open_technical(self) -> None:
        if self._task is not None:
            TechnicalDetails(self._desktop, self._task, self.window()).open()

    @Slot()
    def _dress(self) -> None:
        look = self._desktop.look
        is_paused = self._task is not None and self._task.is_paused
        text = self.tr("Resume") if is_paused else self.tr("Pause")
        self.pause_button.setIcon(look.icon("action/resume" if is_paused else "action/pause"))
        self.pause_button.setText("" if self._is_narrow else text)
        self.pause_button.setAccessibleName(text)
        self.pause_button.setToolTip(text if self._is_narrow else "")
        self.more_button.setIcon(look.icon("action/more"))
        height = look.row_height(32)
        for button in (self.pause_button, self.more_button):
            button.setIconSize(QSize(20, 20) if look.is_touch else QSize(16, 16))
            button.setMinimumHeight(height)
        self.more_button.setFixedWidth(height)
        if self._is_narrow:
            self.pause_button.setFixedWidth(height)
        else:
            self.pause_button.setMinimumWidth(0)
            self.pause_button.setMaximumWidth(16777215)


class Detail(QWidget):
    """A task and its pages. A page is told of news only while it can be seen."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._task: TaskNow | None = None
        self.header = Header(desktop, self)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setAccessibleName(self.tr("Pages of this task"))
        self.pages = QStackedWidget(self)
        self.pages.setBackgroundRole(QPalette.ColorRole.Base)
        self.pages.setAutoFillBackground(True)
        self.overview = OverviewPage(desktop, self.pages)
        self.files = FilesPage(desktop, self.pages)
        self.problems = ProblemsPage(desktop, self.pages)
        self.rules = RulesPage(desktop, self.pages)
        for page, text in (
            (self.overview, self.tr("Overview")),
            (self.files, self.tr("Files")),
            (self.problems, self.tr("Problems")),
            (self.rules, self.tr("Rules")),
        ):
            self.pages.addWidget(page)
            self.tabs.addTab(text)
        self.tabs.currentChanged.connect(self._turn)
        self.overview.wants_files.connect(self.show_files)
        self.overview.wants_problems.connect(self._show_problems)
        self.problems.show_files.connect(self.show_files)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.tabs, 1)  # all the room there is: a name may grow
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(row)
        column.addWidget(Rule(self))
        column.addWidget(self.pages, 1)

    @property
    def task(self) -> TaskNow | None:
        """What is shown."""
        return self._task

    def show_task(self, task: TaskNow) -> None:
        """Show this task as it is now."""
        self._task = task
        self.header.show_task(task)
        number = needs_you(task)
        text = fill(self.tr("Problems (%1)"), words.number(number)) if number else self.tr("Problems")
        if text != self.tabs.tabText(2):
            self.tabs.setTabText(2, text)
            self.tabs.updateGeometry()
        self.tabs.setTabVisible(3, task.kind != "one-off")
        self._tell_page()

    def show_page(self, page: str) -> None:
        """``overview files problems rules``"""
        if page in PAGES:
            self.tabs.setCurrentIndex(PAGES.index(page))

    @Slot(object)
    def show_files(self, states: Collection[FileState]) -> None:
        """The page Files with only those in these states; none given: all."""
        self.show_page("files")
        self.files.filter_by(states)

    def look_for(self, text: str) -> None:
        """The page Files with what fits a text."""
        self.show_page("files")
        self.files.look_for(text)

    @Slot()
    def _show_problems(self) -> None:
        self.show_page("problems")

    @Slot(int)
    def _turn(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self._tell_page()

    def _tell_page(self) -> None:
        if self._task is not None:
            page: OverviewPage | FilesPage | ProblemsPage | RulesPage
            page = (self.overview, self.files, self.problems, self.rules)[self.pages.currentIndex()]
            page.show_task(self._task)
