"""The buckets of the settings, below the connections: where they are, what signs in, who uses them."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Sign, heading
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Size, dress
from openmsi_desktop.gui.sinks.words import users_of
from openmsi_desktop.settings import Bucket


class BucketList(QWidget):
    """Hidden while there is none: buckets are made with the tasks that fill them."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._shown: object = None
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(heading(desktop.look, self.tr("Buckets"), self))
        desktop.store.changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        settings = self._desktop.store.settings
        wanted = (settings.buckets, settings.downloads)
        if wanted == self._shown:
            return
        self._shown = wanted
        for old in self._rows:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = [self._row(bucket) for bucket in settings.buckets]
        for row in self._rows:
            self._column.addWidget(row)
        self.setVisible(bool(self._rows))

    def _row(self, bucket: Bucket) -> QWidget:
        row = QWidget(self)
        name = QLabel(bucket.bucket, row)
        dress(name, self._desktop.look.font(is_bold=True))
        users = len(users_of(self._desktop.store.settings, bucket.name))
        key = fill(self.tr("key %1, secret in the keyring"), bucket.access_key_id) if bucket.access_key_id else ""
        parts = (
            bucket.endpoint_url or "Amazon S3",
            key or self.tr("keys of this computer"),
            self.tr("%n task(s)", "", users) if users else self.tr("not used"),
        )
        about = QLabel(" · ".join(parts), row)
        about.setWordWrap(True)
        dress(about, self._desktop.look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
        edit = QPushButton(self.tr("Edit…"), row)
        edit.setAutoDefault(False)
        edit.setAccessibleName(fill(self.tr("Edit the bucket %1"), bucket.bucket))
        edit.setProperty("bucket", bucket.name)
        edit.clicked.connect(self._edit)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(name)
        words.addWidget(about)
        line = QHBoxLayout(row)
        line.setContentsMargins(12, 4, 0, 4)
        line.setSpacing(12)
        line.addWidget(Sign(self._desktop.look, "task/s3", "neutral", size=20, parent=row))
        line.addLayout(words, 1)
        line.addWidget(edit)
        return row

    @Slot()
    def _edit(self) -> None:
        from openmsi_desktop.gui.dialogs import sink as dialog

        wanted = str(self.sender().property("bucket"))
        for bucket in self._desktop.store.settings.buckets:
            if bucket.name == wanted:
                dialog.open_dialog(self._desktop, self.window(), bucket)
