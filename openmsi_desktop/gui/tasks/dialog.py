"""What all dialogs for tasks have in common: a name, a place on a broker, the settings to start from, and saving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import topics
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import FIELD_WIDTH, Field, Form, FormDialog
from openmsi_desktop.gui.tasks import saving
from openmsi_desktop.gui.tasks.place import PlaceEdit
from openmsi_desktop.gui.topic_picker import TopicPicker
from openmsi_desktop.settings import Download, WatchedFolder
from openmsi_desktop.settings_file import Kind, SettingsFile
from openmsi_desktop.settings_form import Unfit

_LOOK_MS = 300
_Task = TypeVar("_Task", WatchedFolder, Download)


class TaskDialog(FormDialog, Generic[_Task]):
    """Its fields are built by the dialogs; :meth:`task` says what they mean, :meth:`write` where it goes."""

    def __init__(
        self,
        desktop: Desktop,
        parent: QWidget | None,
        item: _Task | None,
        empty: _Task,
        *,
        kind: Kind,
        is_copy: bool,
        source: topics.Topics | None,
    ) -> None:
        """item: to be changed, or to start a copy from. empty: a new one. kind: its table. source: stands in for the brokers."""
        super().__init__(desktop.look, "", "", parent=parent)
        self._desktop = desktop
        self._kind = kind
        self._is_copy = is_copy
        self._old: _Task | None = None if is_copy else item
        self._base: _Task = item or empty
        self._source = source or topics.BrokerTopics(desktop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LOOK_MS)

    @property
    def is_new(self) -> bool:
        """Nothing in the settings is changed by it; something is added."""
        return self._old is None

    # -- the fields that all have

    def _add_name(self, form: Form) -> None:
        self.name = QLineEdit()
        self.name_field = form.add(self.tr("Name"), self.name, check=self._check_name, width=FIELD_WIDTH)

    def _add_place(self, form: Form, label: str, *, sends: bool) -> None:
        self.topic = TopicPicker(self._desktop.background, self._source, sends=sends)
        self.topic.setAccessibleName(self.tr("Topic"))
        self.place = PlaceEdit(self._desktop, self.topic, self.topic.set_connection)
        self.place.setFocusProxy(self.place.connections)
        self.place_field = form.add(label, self.place, check=self._check_place)

    def _show_name(self, item: _Task) -> None:
        """Of what is changed or copied, and its connection."""
        self.name.setText(saving.copy_name(item.title, self._taken()) if self._is_copy else item.title)
        self.place.connections.choose(item.connection)

    def _taken(self) -> set[str]:
        """Names of the other tasks of this kind."""
        taken: set[str] = {task.title for task in getattr(self._desktop.store.settings, self._kind)}
        return taken - {self._old.title if self._old is not None else ""}

    def _usual_name(self) -> str:
        """What it is called if nobody gives it a name."""
        raise NotImplementedError

    def _check_name(self) -> str:
        title = self.name.text().strip() or self._usual_name()
        if title and title in self._taken():
            return self.tr("There is a task “%1” already. Choose another name.").replace("%1", title)
        return ""

    def _check_place(self) -> str:
        raise NotImplementedError

    @Slot()
    def _recheck_place(self) -> None:
        if self.place_field.is_wrong:
            self.place_field.check()

    # -- saving

    def task(self) -> _Task:
        """What the form says. Raises Unfit."""
        raise NotImplementedError

    def fields_by_key(self) -> Mapping[str, Field]:
        """Where mistakes in the settings belong, by the names of their keys."""
        raise NotImplementedError

    def write(self, file: SettingsFile, task: _Task) -> None:
        """Put it into the settings. On another thread: touches no widgets."""
        saving.put(file, self._kind, task, self._old)

    def save(self) -> None:
        try:
            task = self.task()
        except Unfit as error:
            self._refuse(error.key, str(error))
            return
        self._desktop.store.change(lambda file: self.write(file, task), self.accept, self._not_saved)

    def _not_saved(self, error: OpenMSIError) -> None:
        self._refuse(*saving.explain(error, self._kind))

    def _refuse(self, key: str, text: str) -> None:
        self.refuse(text, self.fields_by_key().get(key))
