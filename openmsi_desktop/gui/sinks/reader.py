"""What the dialogs for readers without a folder have in common: a bucket or processor that is there or new, and one reader for
several sinks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.forms import FIELD_WIDTH, Finding, Form, Note
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.sinks import saving
from openmsi_desktop.gui.sinks.existing import SinkPicker
from openmsi_desktop.gui.sinks.same_reader import SameReader, reader_of
from openmsi_desktop.gui.sinks.words import Sink, users_of
from openmsi_desktop.gui.tasks.reader import ReaderDialog
from openmsi_desktop.settings import Download
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.settings_form import Unfit, make
from openmsi_desktop.streaming.keys import task_key


class SinkReaderDialog(ReaderDialog):
    """Its first sink is edited here; further ones stay as they are, and are listed."""

    own_reader: Sequence[QWidget] = ()
    """What is settled by the other reader, where one is used."""

    def entry(self) -> saving.Entry:
        """The sink as the form says. Raises Unfit."""
        raise NotImplementedError

    def _show_sink(self) -> None:
        """Fill in :meth:`sink_before`."""
        raise NotImplementedError

    # -- which sink

    def _make_picker(self, form: Form, new: str, sinks: Sequence[Sink]) -> None:
        """A line to choose one that is there, for new tasks; in others the sink is what the task is."""
        self._picker_form = form
        self.picker = SinkPicker(new, sinks)
        self.picker_field = form.add(self.tr("Choose"), self.picker, width=FIELD_WIDTH, check=self._check_sink)
        self.picker_field.set_shown(bool(sinks) and self.is_new)
        self.others = Note(self.look, parent=form)
        form.add_widget(self.others)
        if self._base.sinks:
            self.picker.choose(self._base.sinks[0])
        self.picker.chosen.connect(self._picked)

    def sink_before(self) -> Sink | None:
        """The one in the settings that is changed; None: a new one."""
        return self.picker.sink

    def sink_name(self, place: str) -> str:
        """What the settings call it. It never changes, for the journal knows it by this name."""
        before = self.sink_before()
        return before.name if before is not None else saving.free_name(self._desktop.store.settings, place)

    @Slot()
    def _picked(self) -> None:
        self._show_sink()
        self._show_others()

    def _show_others(self) -> None:
        """Who else uses it."""
        before = self.sink_before()
        users = users_of(self._desktop.store.settings, before.name) if before is not None else []
        names = [task.title for task in users if task != self._old]
        text = fill(self.tr("Used by %1, too: what you change here counts there as well."), ", ".join(names))
        self.others.say(Finding.INFORMATION, text if names else "")
        self._picker_form.setVisible(not self.picker_field.isHidden() or bool(names))

    def _check_sink(self) -> str:
        """Two readers of one topic that hand their files to one sink would be one task in the journal."""
        before = self.sink_before()
        if before is None or self.same.reader is not None:
            return ""
        wished = self._base.model_copy(
            update={
                "target": None,
                "sinks": (before.name,),
                "group": self._group(),
                "topics": self.many.topics or ("?",),
            }
        )
        for task in self._desktop.store.settings.downloads:
            if task != self._old and task.target is None and task_key(task) == task_key(wished):
                text = self.tr("“%1” hands the files of this topic on there already. Choose another one, or a new one.")
                return fill(text, task.title)
        return ""

    # -- one reader for several

    def _make_same_reader(self, form: Form) -> None:
        self.same = SameReader(self.look)
        form.add_widget(self.same)
        if self.is_new:
            self.many.changed.connect(self._offer_reader)
            self.place.connections.chosen.connect(self._offer_reader)
        self.same.changed.connect(self._show_own_reader)

    @Slot()
    def _offer_reader(self) -> None:
        settings = self._desktop.store.settings
        self.same.offer(reader_of(settings, self.place.connections.name, self.many.topics))

    @Slot()
    def _show_own_reader(self) -> None:
        is_own = self.same.reader is None
        for widget in self.own_reader:
            widget.setVisible(is_own)
        self.name_field.set_shown(is_own)

    def _has_rare(self) -> bool:
        return bool(self._base.include or self._base.exclude or self._base.receipts)

    def _show_reader(self, item: Download | None) -> None:
        super()._show_reader(item)
        self._show_others()
        self.also.show_sinks(() if self._is_copy else self._base.sinks[1:])
        if self.is_new:
            self._offer_reader()

    def _key_values(self) -> dict[str, Any]:
        return {}

    def _check_name(self) -> str:
        return "" if self.same.reader is not None else super()._check_name()

    # -- saving

    def task(self) -> Download:
        entry = self.entry()
        reader = self.same.reader
        if reader is not None:
            return reader.model_copy(update={"sinks": (*reader.sinks, entry.sink.name)})
        sinks = (entry.sink.name, *self.also.names)
        return make(Download, **{**self._reader_values(), "target": None, "sinks": sinks})

    def save(self) -> None:
        try:
            entry, task = self.entry(), self.task()
        except Unfit as error:
            self._refuse(error.key, str(error))
            return
        old = self.same.reader or self._old

        def write(file: SettingsFile) -> None:
            saving.put_reader(file, task, old)

        saving.save(self._desktop, self, entry, write, self.accept, self._not_saved)

    def _not_saved(self, error: OpenMSIError) -> None:
        self._refuse(*saving.explain(error))
