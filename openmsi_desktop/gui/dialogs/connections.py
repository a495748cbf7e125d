"""All connections in a list: add, change, remove. A page of the settings window."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMessageBox,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.connecting import saving, tested
from openmsi_desktop.gui.connecting.fields import fields_of
from openmsi_desktop.gui.connecting.report import security_name
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import connection as dialog
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.sinks.bucket_list import BucketList
from openmsi_desktop.settings import Connection

_ROW, _ICON = 60, 20
_LINES = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class ConnectionsPage(QWidget):
    """GUI thread."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._model = _Model(self)
        self.list = QListView(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Rows(desktop.look, self.list))
        self.list.setAccessibleName(self.tr("Connections"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setFrameShape(QFrame.Shape.StyledPanel)
        self.list.doubleClicked.connect(self.edit)
        self._empty = QLabel(self.tr("There is no connection yet. Add the Kafka server of your laboratory."), self)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._empty.setWordWrap(True)
        self.add_button = QPushButton(self.tr("Add…"), self)
        self.edit_button = QPushButton(self.tr("Edit…"), self)
        self.remove_button = QPushButton(self.tr("Remove"), self)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button, slot in (
            (self.add_button, self.add),
            (self.edit_button, self.edit),
            (self.remove_button, self.remove),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(10)
        title = QLabel(self.tr("Connections"), self)
        dress(title, desktop.look.font(Size.TITLE, is_bold=True))
        column.addWidget(title)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        column.addWidget(BucketList(desktop, self))
        column.addStretch(0)  # without a list the rest stays at the top
        selection = self.list.selectionModel()
        selection.currentChanged.connect(self._show_buttons)
        desktop.store.changed.connect(self._refresh)
        self._refresh()

    @property
    def current(self) -> Connection | None:
        """The connection that is selected."""
        return self._model.at(self.list.currentIndex().row())

    @Slot()
    def add(self) -> None:
        """Open the dialog for a new one."""
        dialog.open_dialog(self._desktop, self, saved=self._select)

    @Slot()
    def edit(self) -> None:
        """Open the dialog for the one that is selected."""
        if self.current is not None:
            dialog.open_dialog(self._desktop, self, self.current, saved=self._select)

    @Slot()
    def remove(self) -> None:
        """Ask, and remove the one that is selected; refused while a task uses it."""
        connection = self.current
        if connection is None:
            return
        users = saving.users_of(self._desktop.store.settings, connection.name)
        if users:
            names = "\n".join(f"• {name}" for name in users)
            self._say(
                self.tr("“%1” is in use").replace("%1", connection.name),
                self.tr("%n task(s) send or receive over it:", "", len(users))
                + f"\n{names}\n"
                + self.tr("Give them another connection, or remove them first. Nothing was changed."),
            )
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("Remove the connection “%1”?").replace("%1", connection.name))
        box.setInformativeText(self.tr("Its password is taken out of the keyring too. No file is deleted anywhere."))
        yes = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(lambda: self._take_out(connection))
        box.open()

    def _take_out(self, connection: Connection) -> None:
        saving.remove(self._desktop, self, connection, self._removed, self._failed)

    def _removed(self, left: str) -> None:
        if left:
            self._say(self.tr("The connection is removed, its password is still in the keyring"), left)

    def _failed(self, error: OpenMSIError) -> None:
        self._say(error.title, error.advice)

    def _say(self, title: str, text: str) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Information)
        box.setText(title)
        box.setInformativeText(text)
        box.open()

    def _select(self, name: str) -> None:
        self._refresh()
        self.list.setCurrentIndex(self._model.place(name))

    @Slot()
    def _refresh(self) -> None:
        connections = self._desktop.store.settings.connections
        profile = self._desktop.host.profile
        self._show(connections, {})
        self._desktop.background.run(
            self,
            lambda: tested.tested_at(profile, connections),
            lambda when: self._show(connections, when),
            lambda error: None,  # the journal is being repaired or made: nothing is known then
        )

    def _show(self, connections: tuple[Connection, ...], when: Mapping[str, float]) -> None:
        settings = self._desktop.store.settings
        before = self.current
        rows = [(c, self._lines(c, when.get(c.name), len(saving.users_of(settings, c.name)))) for c in connections]
        self._model.fill(rows)
        self._empty.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self.list.setCurrentIndex(self._model.place(before.name if before is not None else ""))
        self._show_buttons()

    def _lines(self, connection: Connection, when: float | None, users: int) -> tuple[str, str, str]:
        fields = fields_of(connection)
        servers = ", ".join(f"{host}:{port}" for host, port in fields.servers)
        if when is None:
            state = self.tr("not tested")
        else:
            moment = QLocale().toString(
                QDateTime.fromMSecsSinceEpoch(round(when * 1000)), QLocale.FormatType.ShortFormat
            )
            state = self.tr("tested %1").replace("%1", moment)
        used = self.tr("%n task(s)", "", users) if users else self.tr("not used")
        return connection.name, f"{servers} · {security_name(fields.security)}", f"{state} · {used}"

    @Slot()
    def _show_buttons(self) -> None:
        for button in (self.edit_button, self.remove_button):
            button.setEnabled(self.current is not None)


class _Model(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[tuple[Connection, tuple[str, str, str]]] = []

    def fill(self, rows: list[tuple[Connection, tuple[str, str, str]]]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def at(self, row: int) -> Connection | None:
        return self._rows[row][0] if 0 <= row < len(self._rows) else None

    def place(self, name: str) -> QModelIndex:
        """Where the connection of that name is; else the first one."""
        row = next((n for n, (connection, _) in enumerate(self._rows) if connection.name == name), 0)
        return self.index(row, 0)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        lines = self._rows[index.row()][1]
        if role == Qt.ItemDataRole.DisplayRole:
            return lines[0]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(lines)
        return lines if role == _LINES else None


class _Rows(QStyledItemDelegate):
    """Icon, name, and two grey lines."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, max(_ROW, 3 * option.fontMetrics.height() + 16))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = self._look
        name, *below = index.data(_LINES)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, look.colour("surface", "highlight_soft"))
        box = option.rect.adjusted(12 + _ICON + 12, 8, -12, -8)
        look.draw(
            painter, "sign/connection", "neutral", QRectF(option.rect.x() + 12, option.rect.y() + 10, _ICON, _ICON)
        )
        line = box.height() // 3
        fonts = (
            (name, look.font(is_bold=True), "text"),
            *((text, look.font(Size.SMALL), "secondary") for text in below),
        )
        for number, (text, font, role) in enumerate(fonts):
            painter.setFont(font)
            painter.setPen(look.colour("surface", role))
            place = box.adjusted(0, number * line, 0, 0)
            place.setHeight(line)
            short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short)
