"""Which folder and which topic, and a short look at what would be sent."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from openmsi_desktop.gui import words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dropping.intake import Load, look
from openmsi_desktop.gui.first.pages import Page, Wish
from openmsi_desktop.gui.forms import FIELD_WIDTH, Finding, Form, PathEdit
from openmsi_desktop.gui.language import fill

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_SHOWN = 4
_CALM_MS = 300


class FolderPage(Page):
    """GUI thread; the folder is looked through on another one."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop.look, "", "", parent)
        self._desktop = desktop
        self._wish = Wish.SEND
        self.load: Load | None = None
        self._form = Form(desktop.look, self)
        self.folder = PathEdit(desktop.look, self.tr("Choose the folder"))
        self.folder_field = self._form.add(
            self.tr("Folder"), self.folder, check=self._check_folder, outlined=self.folder.line, finding_below=True
        )
        self.topic = QLineEdit()
        self.topic_field = self._form.add(self.tr("Topic"), self.topic, check=self._check_topic, width=FIELD_WIDTH)
        self.preview = QLabel(self)
        self.preview.setWordWrap(True)
        self.preview.setForegroundRole(self.preview.palette().ColorRole.PlaceholderText)
        self._form.add_widget(self.preview)
        self.column.addWidget(self._form)
        self.column.addStretch(1)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._look)
        self.folder.changed.connect(self._note_change)
        self.topic.textChanged.connect(self.changed)
        self.ask_for(Wish.SEND)

    def ask_for(self, wish: Wish) -> None:
        """The questions for this."""
        self._wish = wish
        self.title.setText(
            {
                Wish.SEND: self.tr("Which folder?"),
                Wish.DOWNLOAD: self.tr("From where, and where to?"),
                Wish.PASS_ON: self.tr("From which topic?"),
                Wish.DROP: self.tr("Which topic?"),
            }[wish]
        )
        self.line.setText(
            {
                Wish.SEND: self.tr("A file is sent when it has not changed for 30 s. Rules can be refined later."),
                Wish.DOWNLOAD: self.tr("All files of the topic are rebuilt in the folder, and new ones as they come."),
                Wish.PASS_ON: self.tr("The bucket and its keys are asked for at the end, when the topic was tested."),
                Wish.DROP: self.tr("Files that you drop go there. You can choose another one each time."),
            }[wish]
        )
        self.folder_field.set_shown(wish.has_folder)
        self.preview.setVisible(wish is Wish.SEND)
        self._note_change()

    @property
    def path(self) -> Path | None:
        """The folder, absolute."""
        return self.folder.path

    @property
    def is_complete(self) -> bool:
        return bool(self.topic.text().strip()) and (not self._wish.has_folder or self.folder.path is not None)

    def begin(self) -> None:
        (self.folder.line if self._wish.has_folder else self.topic).setFocus(Qt.FocusReason.OtherFocusReason)

    def check(self) -> bool:
        wrong = [field for field in self._form if field.isVisibleTo(self) and not field.check()]
        if wrong:
            wrong[0].focus()
        return not wrong

    def _check_folder(self) -> str:
        path = self.folder.path
        if path is None:
            return self.tr("Choose a folder.")
        if self._wish is Wish.SEND and not path.is_dir():
            return self.tr("There is no such folder. Choose one that exists.")
        if path.exists() and not path.is_dir():
            return self.tr("This is a file. Choose a folder.")
        return ""

    def _check_topic(self) -> str:
        topic = self.topic.text().strip()
        if not topic:
            return self.tr("Type the name of the topic.")
        if not _TOPIC.fullmatch(topic) or topic in (".", ".."):
            return self.tr("A topic has letters, digits, “.”, “_” and “-” only.")
        return ""

    @Slot()
    def _note_change(self) -> None:
        self.load = None
        self.preview.clear()
        self.folder_field.forget()
        if self._wish is Wish.SEND and self.folder.path is not None:
            self._calm.start()
        self.changed.emit()

    @Slot()
    def _look(self) -> None:
        path = self.folder.path
        if path is None:
            return
        self.folder_field.tell(Finding.BUSY, self.tr("looking…"))
        self._desktop.background.run(
            self, lambda: look([path], "") if path.is_dir() else None, lambda load: self._looked(path, load)
        )

    def _looked(self, path: Path, load: Load | None) -> None:
        if path != self.folder.path or self._wish is not Wish.SEND:
            return
        self.load = load
        if load is None:
            self.folder_field.forget()
            return
        found = fill(self.tr("%n file(s), %1", "", load.count), words.size(load.size))
        self.folder_field.tell(Finding.OK, found)
        newest = sorted(load.found.jobs, key=lambda job: job.fingerprint.mtime_ns, reverse=True)
        lines = [f"✓ {job.path.partition('/')[2]}" for job in newest[:_SHOWN]]
        if load.count > _SHOWN:
            lines.append(self.tr("and %n more", "", load.count - _SHOWN))
        if load.found.left_out:
            lines.append(self.tr("%n temporary or hidden file(s) are left out", "", len(load.found.left_out)))
        self.preview.setText("\n".join(lines))
        self.changed.emit()
