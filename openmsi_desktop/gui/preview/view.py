"""The preview in a dialog: how many files go, stay, or have to be looked at; the list; and what a click on a row can do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.rules import Rules, Why
from openmsi_desktop.gui.forms import heading
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.preview import wishes
from openmsi_desktop.gui.preview.delegate import PreviewDelegate
from openmsi_desktop.gui.preview.inventory import Inventory
from openmsi_desktop.gui.preview.judging import Counts, Row, Verdict
from openmsi_desktop.gui.preview.model import PreviewModel
from openmsi_desktop.gui.preview.preview import MakeRules, Preview, Progress
from openmsi_desktop.gui.preview.wishes import Patterns
from openmsi_desktop.gui.window.flow import FlowLayout

_BY_PATTERN = (Why.EXCLUDE, Why.DEFAULT, Why.NO_INCLUDE, Why.REGISTRIES)
_SETTLE_MS = 60
_PATIENCE_S = 0.5
_NARROW = 440
_GAP = 6


class PreviewView(QFrame):
    """Say which folder (:meth:`look`) and which rules (:meth:`ask`); it shows what they do, and tells what people wish."""

    wished = Signal(object)
    """Patterns: the rules as a click has changed them."""
    counted = Signal(object, bool)
    """(Counts, whether that is all)."""
    failed = Signal(object)
    """OSError or SettingsError: nothing can be shown."""
    _told = Signal(object)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._patterns = Patterns((), ())
        self._rules_with: Callable[[Patterns], Rules] | None = None
        self._subfolder = ""
        self._make_rules: MakeRules | None = None
        self._has_new = True
        self._taken = threading.Semaphore(0)
        self._preview = Preview(self._tell)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._preview.close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._ask_now)
        self.model = PreviewModel(self)
        self._build()

    # -- what is shown

    def look(self, folder: Path | None) -> None:
        """Look through another folder; None: there is none."""
        self.model.clear()
        self._show_counts(Counts(), is_last=False)
        if folder is None:
            self._preview.close()
            self._make_rules = None
            self.status.setText(self.tr("Choose a folder to see what will be sent."))
            return
        self._preview.look(folder)

    def ask(self, patterns: Patterns, rules_with: Callable[[Patterns], Rules], *, subfolder: str = "") -> None:
        """Show what the rules with these patterns do, soon: somebody may still be typing.

        rules_with: the rules with other patterns; called on other threads, may raise SettingsError.
        """
        self._patterns, self._rules_with, self._subfolder = patterns, rules_with, subfolder
        self._make_rules = lambda: rules_with(patterns)
        self._timer.start()

    def suffixes(self) -> list[tuple[str, int]]:
        """The most frequent suffixes of files in the folder, with how many there are."""
        found = self._inventory.suffixes if self._inventory is not None else None
        return [(suffix, count) for suffix, count in found.most_common(13) if suffix][:12] if found else []

    @property
    def inventory(self) -> Inventory | None:
        """What is known of the folder; None: nothing yet."""
        return self._inventory

    def close_preview(self) -> None:
        """Nothing more is needed."""
        self._timer.stop()
        self._preview.close()

    # -- building

    def _build(self) -> None:
        self._inventory: Inventory | None = None
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setMinimumSize(320, 240)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setContentsMargins(12, 10, 12, 10)
        self._head.setSpacing(6)
        self._head.addWidget(heading(self._look, self.tr("Preview"), self))
        self._buttons = QWidget(self)
        head = FlowLayout(self._buttons, gap=_GAP)
        self._head.addStretch(1)
        self._head.addWidget(self._buttons)
        self._group = QButtonGroup(self)
        self.filters: dict[Verdict | None, QPushButton] = {}
        for verdict in (None, Verdict.GO, Verdict.STAY, Verdict.CHECK):
            button = QPushButton(self)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setProperty("dense", True)
            self._group.addButton(button)
            self.filters[verdict] = button
            head.addWidget(button)
        self.filters[None].setChecked(True)
        self._group.buttonClicked.connect(self._filter)
        # a list view asks the model for each of 100,000 rows whenever some are added; a table does not
        self.list = QTableView(self)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setShowGrid(False)
        self.list.setTabKeyNavigation(False)
        self.list.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.list.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.list.horizontalHeader().hide()
        self.list.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.list.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self._look.row_height(32))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(PreviewDelegate(self._look, self.list))
        self.list.setModel(self.model)
        self.list.setAccessibleName(self.tr("Preview of the files"))
        self.list.setMouseTracking(True)
        self.list.clicked.connect(self._open_menu)
        self.list.activated.connect(self._open_menu)
        self.status = QLabel(self)
        self.status.setWordWrap(True)
        self.status.setContentsMargins(12, 8, 12, 8)
        dress(self.status, self._look.font(Size.SMALL), self.status.palette().ColorRole.PlaceholderText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(self._head)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.status)
        self._look.changed.connect(self._restyle)
        self._restyle()
        self._show_counts(Counts(), is_last=False)
        self.status.setText(self.tr("Choose a folder to see what will be sent."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Buttons beside the heading where there is room, else below it, in as many lines as they need."""
        needed = sum(button.sizeHint().width() + _GAP for button in self.filters.values() if not button.isHidden())
        is_narrow = self.width() < max(_NARROW, needed + 140)
        self._buttons.setMinimumWidth(0 if is_narrow else needed - _GAP)
        way = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        self._head.setDirection(way)

    @Slot()
    def _restyle(self) -> None:
        self.filters[Verdict.GO].setIcon(self._look.icon("sign/ok", "ok"))
        self.filters[Verdict.STAY].setIcon(self._look.icon("state/ignored", "neutral"))
        self.filters[Verdict.CHECK].setIcon(self._look.icon("sign/warning", "attention"))

    # -- answers

    @Slot()
    def _ask_now(self) -> None:
        if self._make_rules is not None:
            self._has_new = False
            self._preview.ask(self._make_rules, subfolder=self._subfolder)

    def _tell(self, progress: Progress) -> None:
        """Another thread: one answer at a time, so that what people press comes in between."""
        try:
            self._told.emit(progress)
        except RuntimeError:  # the window has gone, and this object with it
            return
        self._taken.acquire(timeout=_PATIENCE_S)

    @Slot(object)
    def _take(self, progress: Progress) -> None:
        self._taken.release()
        if progress.number != self._preview.number:
            return
        self._inventory = progress.inventory
        if progress.error is not None:
            if isinstance(progress.error, OSError):
                self.model.clear()
                self.status.setText(self.tr("The folder cannot be read."))
            self.failed.emit(progress.error)
            return
        assert progress.batch is not None
        if not self._has_new:  # what was shown before stays until there is something to show instead
            self._has_new = True
            self.model.clear()
        self.model.add(progress.batch)
        self._show_counts(progress.batch.counts, is_last=progress.batch.is_last, is_cut=progress.inventory.is_cut)
        self.counted.emit(progress.batch.counts, progress.batch.is_last)

    def _show_counts(self, counts: Counts, *, is_last: bool, is_cut: bool = False) -> None:
        number = self.locale().toString
        self.filters[None].setText(self.tr("All"))
        self.filters[Verdict.GO].setText(self.tr("Will go %1").replace("%1", number(counts.go)))
        self.filters[Verdict.STAY].setText(self.tr("Will not %1").replace("%1", number(counts.stay)))
        self.filters[Verdict.CHECK].setText(self.tr("Check %1").replace("%1", number(counts.check)))
        self.filters[Verdict.CHECK].setVisible(counts.check > 0 or self.filters[Verdict.CHECK].isChecked())
        files = number(counts.all)
        if not is_last:
            text = self.tr("%1 files looked at so far…").replace("%1", files)
        elif is_cut:
            text = self.tr("The first %1 files. There are more, to which the same rules apply.").replace("%1", files)
        elif counts.all:
            text = self.tr("All %1 files looked at. Click a file to change its rule.").replace("%1", files)
        else:
            text = self.tr("There are no files yet. What appears will be sent by these rules.")
        self.status.setText(text)
        self._arrange()

    @Slot()
    def _filter(self) -> None:
        self.model.show_only(next((v for v, button in self.filters.items() if button.isChecked()), None))
        self.list.scrollToTop()

    # -- wishes

    @Slot(QModelIndex)
    def _open_menu(self, index: QModelIndex) -> None:
        menu = self.menu_for(self.model.row(index))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rect = self.list.visualRect(index)
        menu.popup(self.list.viewport().mapToGlobal(QPoint(rect.left() + 36, rect.bottom())))

    def menu_for(self, row: Row) -> QMenu:
        """What can be done about a file."""
        menu = QMenu(self)
        menu.triggered.connect(self._chosen)
        path, suffix, folder = row.relative, wishes.like_this(row.relative), wishes.folder_of(row.relative)
        if row.verdict is Verdict.STAY and (row.decision is None or row.decision.why not in _BY_PATTERN):
            action = menu.addAction(self.tr("No pattern can change this. See the settings beside the list."))
            action.setEnabled(False)
        elif row.verdict is Verdict.STAY:
            self._offer(menu, self.tr("Always send this file"), wishes.always, wishes.only_this(path), row)
            if suffix:
                self._offer(menu, self.tr("Always send files like this (%1)"), wishes.always, suffix, row)
        else:
            self._offer(menu, self.tr("Never send this file"), wishes.never, wishes.only_this(path), row)
            if suffix:
                self._offer(menu, self.tr("Never send files like this (%1)"), wishes.never, suffix, row)
            if folder:
                self._offer(menu, self.tr("Never send anything in this folder (%1)"), wishes.never, folder, row)
        return menu

    def _offer(
        self,
        menu: QMenu,
        text: str,
        wish: Callable[[Patterns, str, wishes.Takes], Patterns | None],
        pattern: str,
        row: Row,
    ) -> None:
        rules_with = self._rules_with
        assert rules_with is not None

        def takes(patterns: Patterns) -> bool:
            # size and age are no matter of patterns
            return rules_with(patterns).decide(row.relative, size=row.size or 0, mtime=2**40).taken

        wanted = wish(self._patterns, pattern, takes)
        action = menu.addAction(text.replace("%1", pattern).replace("&", "&&"))
        action.setEnabled(wanted is not None)
        action.setData(wanted)

    @Slot(QAction)
    def _chosen(self, action: QAction) -> None:
        wanted = action.data()
        if wanted is not None:
            self.wished.emit(Patterns(*wanted))
