"""Add or change a processor: which program or class sees the files of which topics, and where its results go."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.gui import topics
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field, Fold, Form, heading
from openmsi_desktop.gui.sinks import saving
from openmsi_desktop.gui.sinks.processor_form import ProcessorForm
from openmsi_desktop.gui.sinks.reader import SinkReaderDialog
from openmsi_desktop.gui.sinks.trial_view import TrialView, Trier, really_try
from openmsi_desktop.gui.topic_picker import TopicPicker
from openmsi_desktop.settings import Download, Processor
from openmsi_desktop.settings_form import Unfit, make


def open_dialog(desktop: Desktop, parent: QWidget, item: Download | None = None, *, is_copy: bool = False) -> None:
    """Open it; it writes into the settings when a person is done. item: to be changed, or to start a copy from."""
    ProcessDialog(desktop, parent, item, is_copy=is_copy).open()


class ProcessDialog(SinkReaderDialog):
    """See the module."""

    def __init__(
        self,
        desktop: Desktop,
        parent: QWidget | None,
        item: Download | None = None,
        *,
        is_copy: bool = False,
        source: topics.Topics | None = None,
        trier: Trier = really_try,
    ) -> None:
        """source: stands in for the brokers, trier for processes."""
        super().__init__(desktop, parent, item, is_copy=is_copy, source=source)
        self.setWindowTitle(self.tr("Run a program") if self.is_new else self.tr("Change what is run"))
        self.verb.setText(self.tr("Start processing") if self.is_new else self.tr("Save"))
        self._build(trier)
        self._show_reader(item)
        self._show_sink()
        self.more.open(self._has_rare())
        self.technical.open(self.form.has_rare or bool(self._base.group))
        self.resize(820, 690)
        self.place.show_topics()
        self._show_result_topics()

    # -- building

    def _build(self, trier: Trier) -> None:
        top = self._make_top()
        top.add_wide(self._make_anew())
        self._make_same_reader(top)
        picker = Form(self.look, self.body)
        self._make_picker(picker, self.tr("New program or class"), self._desktop.store.settings.processors)
        self.form = ProcessorForm(self.look, self._desktop.background, self.body)
        results = Form(self.look, self.body)
        self.results = TopicPicker(self._desktop.background, self._source, sends=True)
        self.results.setAccessibleName(self.tr("Topic for results"))
        line = self.results.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.tr("none: results are not sent"))
        self.results_field = results.add(
            self.tr("Results go to"),
            self.results,
            check=self._check_results,
            finding_below=True,
            help=self.tr("A topic for what it prints as JSON, returns, or leaves in its output folder."),
        )
        self.trial = TrialView(self.look, self._desktop.background, self._to_try, trier=trier, parent=self.body)
        which = Form(self.look, self.body)
        self._add_which(which)
        which.add_widget(self._make_receipts())
        who, sharing = self._make_who()
        inner = QWidget(self.body)
        technical = QVBoxLayout(inner)
        technical.setContentsMargins(0, 0, 0, 0)
        technical.setSpacing(16)
        technical.addWidget(self.form.details)
        technical.addWidget(who)
        self.technical = Fold(self.tr("Technical details: folder, time, tries, several computers"), inner)
        self.more = Fold(self.tr("More: only some files, receipts"), which)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(top)
        layout.addWidget(heading(self.look, self.tr("What sees every file"), self.body))
        for widget in (
            picker,
            self.form.form,
            results,
            self.trial,
            self._make_begin(),
            self.also,
            self.more,
            self.technical,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.own_reader = (self.begin, self.more, who)
        Form.align([top, picker, self.form.form, self.form.details, results, which])
        self.watch([*top, *picker, *self.form.form, *results, *which, *self.form.details, *sharing])
        self.results.found.connect(self._show_results)
        self.form.changed.connect(self.trial.forget)
        self.place.connections.chosen.connect(self._show_result_topics)

    # -- the processor

    def _show_sink(self) -> None:
        processor = self.sink_before()
        assert processor is None or isinstance(processor, Processor)
        self.form.show_processor(processor)
        self.results.set_topic(processor.result_topic if processor is not None else "")
        self._show_anew()

    def processor(self) -> Processor:
        """As the form says. Raises Unfit."""
        values = self.form.values()
        return make(
            Processor,
            **{**values, "name": self.sink_name(self.form.usual_name()), "result_topic": self.results.topic},
        )

    def _to_try(self) -> tuple[Processor, str] | None:
        wrong = self.form.check()
        if wrong:
            self.go_to(wrong[0])
            return None
        try:
            return self.processor(), self._usual_name()
        except Unfit as error:
            self._refuse(error.key, str(error))
            return None

    def entry(self) -> saving.Entry:
        return saving.Entry(self.processor(), old=self.sink_before())

    def _show_result_topics(self) -> None:
        settings = self._desktop.store.settings
        connection = self.place.connections.connection
        used = [p.result_topic for p in settings.processors if p.result_topic]
        self.results.set_connection(connection, used)

    def _show_results(self, verdict: topics.Verdict) -> None:
        self.results_field.tell(verdict.kind, verdict.text if self.results.topic else "")
        if self.results_field.is_wrong:
            self.results_field.check()

    def _check_results(self) -> str:
        if self.results.topic and self.results.topic in self.many.topics:
            return self.tr("The results would be processed again and go round in circles. Choose another topic.")
        verdict = self.results.verdict
        return verdict.text if self.results.topic and verdict is not None and verdict.is_refused else ""

    def _anew_text(self) -> str:
        return self.tr(
            "With another group or first topic this task begins anew: it no longer knows which files were processed."
        )

    def fields_by_key(self) -> Mapping[str, Field]:
        own = {**self.form.fields_by_key(), "result_topic": self.results_field}
        return {**self._reader_fields(), **{f"sink.{key}": field for key, field in own.items()}, **own}
