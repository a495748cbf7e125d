"""Settings of the program: one window, categories on the left, every change at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.connections import ConnectionsPage
from openmsi_desktop.gui.dialogs.preferences.general import GeneralPage
from openmsi_desktop.gui.dialogs.preferences.help import HelpPage
from openmsi_desktop.gui.dialogs.preferences.network import NetworkPage
from openmsi_desktop.gui.dialogs.preferences.notifications import NotificationsPage
from openmsi_desktop.gui.dialogs.preferences.storage import StoragePage
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.opening import centre_on

_ROW = 40

Index = QModelIndex | QPersistentModelIndex


class _Row(QStyledItemDelegate):
    """A category: icon and word on soft selection with a bar, as in the list of tasks."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = desktop.look

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, rect = self._look, option.rect
        state = option.state
        painter.save()
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        if is_chosen:
            painter.fillRect(rect, look.colour("surface", "highlight_soft"))
            painter.fillRect(rect.x(), rect.y(), 3, rect.height(), look.colour("surface", "highlight"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        icon = QRectF(rect.x() + 16, rect.center().y() - 9, 20, 20)
        look.draw(painter, index.data(Qt.ItemDataRole.UserRole)[1], "working" if is_chosen else "neutral", icon)
        painter.setFont(look.font(is_bold=is_chosen))
        painter.setPen(look.colour("surface", "text"))
        words = rect.adjusted(48, 0, -12, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, index.data())
        if state & QStyle.StateFlag.State_HasFocus and is_chosen:
            painter.setPen(look.colour("surface", "highlight"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.restore()


class SettingsWindow(QWidget):
    """Pages are made when they are first shown: one asks the keyring, one measures folders."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._desktop = desktop
        self.setWindowTitle(self.tr("Settings"))
        self.setWindowIcon(desktop.look.mark())
        self.resize(820, 600)
        self.setMinimumSize(640, 440)
        self.list = QListWidget(self)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName(self.tr("Categories"))
        self.list.setFixedWidth(200)
        self.list.setItemDelegate(_Row(desktop, self.list))
        self._stack = QStackedWidget(self)
        self._pages: dict[str, Callable[[], QWidget]] = {
            "general": lambda: GeneralPage(desktop, self),
            "connections": lambda: ConnectionsPage(desktop, self),
            "network": lambda: NetworkPage(desktop, self),
            "notifications": lambda: NotificationsPage(desktop, self),
            "storage": lambda: StoragePage(desktop, self),
            "help": lambda: HelpPage(desktop, self),
        }
        self._made: dict[str, QWidget] = {}
        for category, (text, icon) in _categories().items():
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, (category, icon))
            item.setSizeHint(QSize(0, desktop.look.row_height(_ROW)))
            self.list.addItem(item)
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.VLine)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        line.setFrameShadow(QFrame.Shadow.Plain)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.list)
        layout.addWidget(line)
        layout.addWidget(self._stack, 1)
        self.list.currentRowChanged.connect(self._show_row)
        desktop.look.changed.connect(self._paint)
        self._paint()
        self.list.setCurrentRow(0)

    def show_category(self, category: str) -> None:
        """Turn to a page by its name; an unknown or empty one changes nothing."""
        names = list(self._pages)
        if category in names:
            self.list.setCurrentRow(names.index(category))

    @property
    def page(self) -> QWidget | None:
        """The page that is shown."""
        return self._stack.currentWidget()

    @Slot(int)
    def _show_row(self, row: int) -> None:
        name = list(self._pages)[row]
        if name not in self._made:
            self._made[name] = self._pages[name]()
            self._stack.addWidget(self._made[name])
        self._stack.setCurrentWidget(self._made[name])

    @Slot()
    def _paint(self) -> None:
        self.list.viewport().update()
        self.setWindowIcon(self._desktop.look.mark())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def _categories() -> dict[str, tuple[str, str]]:
    """Name -> (what it is called, icon)."""
    return {
        "general": (tr("General"), "action/settings"),
        "connections": (tr("Connections"), "sign/connection"),
        "network": (tr("Network"), "sign/flow"),
        "notifications": (tr("Notifications"), "sign/information"),
        "storage": (tr("Storage"), "action/open-folder"),
        "help": (tr("Help"), "action/help"),
    }


_open: dict[int, SettingsWindow] = {}


def open_window(desktop: Desktop, parent: QWidget | None, category: str = "") -> None:
    """Open or raise it, on a category: ``general connections network notifications storage help``."""
    window = _open.get(id(desktop))
    if window is None:
        window = _open[id(desktop)] = SettingsWindow(desktop)
        desktop.root.destroyed.connect(window.deleteLater)
        centre_on(window, parent)
    window.show_category(category)
    window.show()
    window.raise_()
    window.activateWindow()
