"""Add or change a download: which topics, into which folder, from when on, and who gets what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QLocale, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.gui import folders, topics
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field, Finding, Fold, Form, PathEdit, SizeEdit
from openmsi_desktop.gui.tasks import estimate
from openmsi_desktop.gui.tasks.reader import ReaderDialog
from openmsi_desktop.settings import Download
from openmsi_desktop.settings_form import make


def open_dialog(desktop: Desktop, parent: QWidget, item: Download | None = None, *, is_copy: bool = False) -> None:
    """Open it; it writes into the settings when a person is done. item: to be changed, or to start a copy from."""
    DownloadDialog(desktop, parent, item, is_copy=is_copy).open()


class DownloadDialog(ReaderDialog):
    """See the module."""

    def __init__(
        self,
        desktop: Desktop,
        parent: QWidget | None,
        item: Download | None = None,
        *,
        is_copy: bool = False,
        source: topics.Topics | None = None,
    ) -> None:
        """source: stands in for the brokers."""
        super().__init__(desktop, parent, item, is_copy=is_copy, source=source)
        self.setWindowTitle(self.tr("Download a topic") if self.is_new else self.tr("Change what is downloaded"))
        self.verb.setText(self.tr("Start downloading") if self.is_new else self.tr("Save"))
        self._facts: folders.FolderFacts | None = None
        self._timer.timeout.connect(self._look_at_folder)
        self._build()
        self._show(item)
        self.path.changed.connect(self._folder_changed)
        self.resize(820, 690)
        self._folder_changed()
        self.place.show_topics()

    # -- building

    def _build(self) -> None:
        top = self._make_top()
        self.path = PathEdit(self.look, self.tr("Choose the folder for the files"))
        self.path_field = top.add(self.tr("Into folder"), self.path, check=self._check_path, outlined=self.path.line)
        top.add_wide(self._make_anew())
        self.if_exists = self._choices(
            ("keep-both", self.tr("Keep both: the new one gets a name with the time beside it")),
            ("newest", self.tr("The newest wins")),
            ("skip", self.tr("Leave the one that is there, and skip the new one")),
        )
        who, sharing = self._make_who()
        which = Form(self.look, self.body)
        self._add_which(which)
        self.keep_free = SizeEdit(none=self.tr("usual"))
        self.keep_field = which.add(
            self.tr("Keep free"),
            self.keep_free,
            finding_below=True,
            help=self.tr(
                "Downloading pauses while less is free on that disk. Usual: 1 GB, or 5 % of the disk if that is more."
            ),
        )
        which.add_widget(self._make_receipts())
        self.more = Fold(self.tr("More: only some files, room on the disk, receipts"), which)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(top)
        layout.addWidget(self._make_begin())
        exists = self._block(self.tr("If another file has that name already"), *self.if_exists.buttons())
        layout.addWidget(exists)
        layout.addWidget(who)
        layout.addWidget(self.also)
        layout.addWidget(self.more)
        layout.addStretch(1)
        Form.align([top, which])
        self.watch([*top, *sharing, *which])

    def _show(self, item: Download | None) -> None:
        base = self._base
        if item is not None and item.target is not None:
            self.path.set_path(item.target)
        for button in self.if_exists.buttons():
            button.setChecked(button.property("value") == base.if_exists)
        self.keep_free.set_value(base.keep_free or 0)
        self.more.open(bool(base.include or base.exclude or base.keep_free or base.receipts))
        self._show_reader(item)
        self.also.show_sinks(base.sinks)

    # -- what is found out

    @Slot()
    def _folder_changed(self) -> None:
        self._facts = None
        self.path_field.forget()
        self._timer.start()
        self._show_anew()

    @Slot()
    def _look_at_folder(self) -> None:
        path = self.path.path
        if path is None:
            return

        def done(facts: folders.FolderFacts) -> None:
            if path == self.path.path:
                self._show_facts(facts)

        self._desktop.background.run(self, lambda: folders.look_at(path, is_target=True), done)

    def _show_facts(self, facts: folders.FolderFacts) -> None:
        self._facts = facts
        if self.path_field.is_wrong:
            self.path_field.check()
        sender = folders.other_sender(self._desktop.store.settings, facts.path, topic="", apart_from="")
        if facts.error:
            self.path_field.tell(Finding.FAILED, facts.error)
        elif sender is not None:
            text = self.tr("“%1” sends what lies there").replace("%1", sender[0])
            self.path_field.tell(Finding.WARNING, text)
        else:
            where = self.tr("network share") if facts.is_network else self.tr("local disk")
            parts = [where] if facts.exists else [self.tr("will be made"), where]
            if facts.free is not None:
                free = QLocale().formattedDataSize(facts.free, 1, estimate.SI)
                parts.insert(0, self.tr("%1 free").replace("%1", free))
            self.path_field.tell(Finding.OK, " · ".join(parts))

    def _key_values(self) -> dict[str, Any]:
        return {"target": self.path.path, "sinks": self.also.names}

    def _anew_text(self) -> str:
        return self.tr("With another folder or group this download begins anew: it no longer knows which files it had.")

    # -- checks

    def _check_path(self) -> str:
        path = self.path.path
        if path is None:
            return "" if self.also.names else self.tr("Choose the folder that the files go into.")
        if self._facts is not None and self._facts.error:
            return self._facts.error
        settings, chosen = self._desktop.store.settings, self.many.topics
        own = self._old.title if self._old is not None else ""
        for watched in settings.watched_folders:
            if watched.topic in chosen and folders.overlap(path, watched.path):
                text = self.tr(
                    "“%1” sends what lies there to the same topic: files would go round in circles. Choose another folder."
                )
                return text.replace("%1", watched.title)
        for task in settings.downloads:
            if task.title != own and task.target is not None and folders.is_same(path, task.target):
                text = self.tr(
                    "“%1” downloads into this folder already. Add the topic there, or choose another folder."
                )
                return text.replace("%1", task.title)
        return ""

    # -- saving

    def task(self) -> Download:
        free = self.keep_free.bytes
        chosen = self.if_exists.checkedButton() or self.if_exists.buttons()[0]
        values = {
            **self._reader_values(),
            "target": self.path.path,
            "sinks": self.also.names,
            "if_exists": str(chosen.property("value")),
            "keep_free": free or (self._base.keep_free if self._base.keep_free == 0 else None),
        }
        return make(Download, **values)

    def fields_by_key(self) -> Mapping[str, Field]:
        return {
            **self._reader_fields(),
            "target": self.path_field,
            "path": self.path_field,
            "keep_free": self.keep_field,
        }
