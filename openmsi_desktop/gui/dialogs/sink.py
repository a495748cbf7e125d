"""Change a bucket or a processor by itself, whichever tasks hand their files to it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import FIELD_WIDTH, Field, Finding, Fold, Form, FormDialog, Note
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.sinks import saving
from openmsi_desktop.gui.sinks.bucket_pane import BucketPane
from openmsi_desktop.gui.sinks.bucket_tester import BucketTester
from openmsi_desktop.gui.sinks.processor_form import ProcessorForm
from openmsi_desktop.gui.sinks.trial_view import TrialView, Trier, really_try
from openmsi_desktop.gui.sinks.words import Sink, place_of, users_of
from openmsi_desktop.settings import Bucket, Processor
from openmsi_desktop.settings_form import Unfit, make


def open_dialog(desktop: Desktop, parent: QWidget | None, sink: Sink) -> None:
    """Open it; it writes into the settings and the keyring."""
    if isinstance(sink, Bucket):
        BucketDialog(desktop, parent, sink).open()
    else:
        ProcessorDialog(desktop, parent, sink).open()


class SinkDialog(FormDialog):
    """What both have in common."""

    def __init__(self, desktop: Desktop, parent: QWidget | None, sink: Sink) -> None:
        super().__init__(desktop.look, "", "", parent=parent)
        self._desktop = desktop
        self._sink = sink
        self.verb.setText(self.tr("Save"))
        users = [task.title for task in users_of(desktop.store.settings, sink.name)]
        self.users = Note(desktop.look, parent=self.body)
        self.users.say(Finding.INFORMATION, fill(self.tr("Used by %1."), ", ".join(users)) if users else "")
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(20, 16, 20, 16)
        self.column.setSpacing(16)
        self.column.addWidget(self.users)
        self.resize(820, 690)

    def entry(self) -> saving.Entry:
        """As the form says. Raises Unfit."""
        raise NotImplementedError

    def fields_by_key(self) -> dict[str, Field]:
        """By the names of the keys in the settings."""
        raise NotImplementedError

    def save(self) -> None:
        try:
            entry = self.entry()
        except Unfit as error:
            self.refuse(str(error), self.fields_by_key().get(error.key))
            return
        saving.save(self._desktop, self, entry, lambda file: None, self.accept, self._not_saved)

    def _not_saved(self, error: OpenMSIError) -> None:
        key, text = saving.explain(error)
        self.refuse(text, self.fields_by_key().get(key.removeprefix("sink.")))


class BucketDialog(SinkDialog):
    """See the module."""

    def __init__(
        self, desktop: Desktop, parent: QWidget | None, bucket: Bucket, *, tester: BucketTester | None = None
    ) -> None:
        super().__init__(desktop, parent, bucket)
        self.setWindowTitle(fill(self.tr("Bucket “%1”"), place_of(bucket)))
        self.pane = BucketPane(desktop, topic=lambda: "", tester=tester, go_to=self.go_to, parent=self.body)
        self.pane.show_bucket(bucket)
        technical = Fold(self.tr("Technical details: comparing, addresses"), self.pane.form.details)
        technical.open(self.pane.form.has_rare)
        for widget in (self.pane, self.pane.exists, technical):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        Form.align([self.pane.form.form, self.pane.form.details])
        self.watch([*self.pane.form.form, *self.pane.form.details])

    def entry(self) -> saving.Entry:
        return self.pane.entry(self._sink.name)

    def fields_by_key(self) -> dict[str, Field]:
        return self.pane.form.fields_by_key()

    def _not_saved(self, error: OpenMSIError) -> None:
        if not self.pane.explain_keyring(error, self.refuse):
            super()._not_saved(error)

    @Slot()
    def accept(self) -> None:
        self.pane.form.secret.clear()
        super().accept()


class ProcessorDialog(SinkDialog):
    """See the module."""

    def __init__(
        self, desktop: Desktop, parent: QWidget | None, processor: Processor, *, trier: Trier = really_try
    ) -> None:
        super().__init__(desktop, parent, processor)
        self.setWindowTitle(fill(self.tr("Program “%1”"), place_of(processor)))
        self.form = ProcessorForm(desktop.look, desktop.background, self.body)
        self.form.show_processor(processor)
        results = Form(desktop.look, self.body)
        self.results = QLineEdit(processor.result_topic)
        self.results_field = results.add(
            self.tr("Results go to"),
            self.results,
            width=FIELD_WIDTH,
            check=self._check_results,
            finding_below=True,
            help=self.tr("A topic for what it prints as JSON, returns, or leaves in its output folder."),
        )
        self.trial = TrialView(desktop.look, desktop.background, self._to_try, trier=trier, parent=self.body)
        technical = Fold(self.tr("Technical details: folder, time, tries"), self.form.details)
        technical.open(self.form.has_rare)
        for widget in (self.form.form, results, self.trial, technical):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        Form.align([self.form.form, results, self.form.details])
        self.watch([*self.form.form, *results, *self.form.details])
        self.form.changed.connect(self.trial.forget)

    def entry(self) -> saving.Entry:
        return saving.Entry(self._processor(), old=self._sink)

    def fields_by_key(self) -> dict[str, Field]:
        return {**self.form.fields_by_key(), "result_topic": self.results_field}

    def _processor(self) -> Processor:
        values = {**self.form.values(), "name": self._sink.name, "result_topic": self.results.text().strip()}
        return make(Processor, **values)

    def _to_try(self) -> tuple[Processor, str] | None:
        wrong = self.form.check()
        if wrong:
            self.go_to(wrong[0])
            return None
        try:
            return self._processor(), ""
        except Unfit as error:
            self.refuse(str(error), self.fields_by_key().get(error.key))
            return None

    def _check_results(self) -> str:
        topic = self.results.text().strip()
        users = users_of(self._desktop.store.settings, self._sink.name)
        if topic and any(topic in task.topics for task in users):
            return self.tr("The results would be processed again and go round in circles. Choose another topic.")
        return ""
