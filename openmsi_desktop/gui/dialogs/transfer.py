"""Add or change a transfer: the files of which topics go into which bucket, and what they are called there."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import topics
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field, Fold, Form, heading
from openmsi_desktop.gui.sinks import saving
from openmsi_desktop.gui.sinks.bucket_pane import BucketPane
from openmsi_desktop.gui.sinks.bucket_tester import BucketTester
from openmsi_desktop.gui.sinks.reader import SinkReaderDialog
from openmsi_desktop.settings import Bucket, Download


def open_dialog(desktop: Desktop, parent: QWidget, item: Download | None = None, *, is_copy: bool = False) -> None:
    """Open it; it writes into the settings when a person is done. item: to be changed, or to start a copy from."""
    TransferDialog(desktop, parent, item, is_copy=is_copy).open()


def open_for(desktop: Desktop, parent: QWidget | None, connection: str, topic: str) -> None:
    """Open it for a new one that reads this topic."""
    dialog = TransferDialog(desktop, parent)
    dialog.place.connections.choose(connection)
    dialog.topic.set_topic(topic)
    dialog.open()


class TransferDialog(SinkReaderDialog):
    """See the module."""

    def __init__(
        self,
        desktop: Desktop,
        parent: QWidget | None,
        item: Download | None = None,
        *,
        is_copy: bool = False,
        source: topics.Topics | None = None,
        tester: BucketTester | None = None,
    ) -> None:
        """source: stands in for the brokers, tester for the stores."""
        super().__init__(desktop, parent, item, is_copy=is_copy, source=source)
        self.setWindowTitle(self.tr("Send on to S3") if self.is_new else self.tr("Change what goes into the bucket"))
        self.verb.setText(self.tr("Start sending on") if self.is_new else self.tr("Save"))
        self._build(tester)
        self._show_reader(item)
        self._show_sink()
        self.more.open(self._has_rare())
        self.technical.open(self.pane.form.has_rare or bool(self._base.group))
        self.resize(820, 690)
        self.place.show_topics()

    # -- building

    def _build(self, tester: BucketTester | None) -> None:
        top = self._make_top()
        top.add_wide(self._make_anew())
        self.pane = BucketPane(self._desktop, topic=self._usual_name, tester=tester, go_to=self.go_to, parent=self.body)
        self.many.changed.connect(self.pane.form.key.show_example)
        self._make_same_reader(top)
        picker = Form(self.look, self.body)
        self._make_picker(picker, self.tr("New bucket"), self._desktop.store.settings.buckets)
        which = Form(self.look, self.body)
        self._add_which(which)
        which.add_widget(self._make_receipts())
        who, sharing = self._make_who()
        inner = QWidget(self.body)
        technical = QVBoxLayout(inner)
        technical.setContentsMargins(0, 0, 0, 0)
        technical.setSpacing(16)
        technical.addWidget(self.pane.form.details)
        technical.addWidget(who)
        self.technical = Fold(self.tr("Technical details: comparing, addresses, several computers"), inner)
        self.more = Fold(self.tr("More: only some files, receipts"), which)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(top)
        layout.addWidget(heading(self.look, self.tr("Into which bucket"), self.body))
        for widget in (picker, self.pane, self._make_begin(), self.pane.exists, self.also, self.more, self.technical):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.own_reader = (self.begin, self.more, who)
        Form.align([top, picker, self.pane.form.form, self.pane.form.details, which])
        self.watch([*top, *picker, *self.pane.form.form, *which, *self.pane.form.details, *sharing])

    # -- the bucket

    def _show_sink(self) -> None:
        bucket = self.sink_before()
        assert bucket is None or isinstance(bucket, Bucket)
        self.pane.show_bucket(bucket)
        self._show_anew()

    def entry(self) -> saving.Entry:
        return self.pane.entry(self.sink_name(self.pane.form.bucket.currentText()))

    def _anew_text(self) -> str:
        return self.tr(
            "With another bucket, group or first topic this task begins anew: it no longer knows which files are stored. "
            "Objects that are identical already are not sent again."
        )

    def fields_by_key(self) -> Mapping[str, Field]:
        sink = {f"sink.{key}": field for key, field in self.pane.form.fields_by_key().items()}
        return {**self._reader_fields(), **sink, **self.pane.form.fields_by_key(), "sinks": self.picker_field}

    def _not_saved(self, error: OpenMSIError) -> None:
        if not self.pane.explain_keyring(error, self.refuse):
            super()._not_saved(error)

    @Slot()
    def accept(self) -> None:
        self.pane.form.secret.clear()
        super().accept()
