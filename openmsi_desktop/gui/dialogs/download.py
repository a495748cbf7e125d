"""Add or change a download: which topics, into which folder, from when on, and who gets what."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QTimer, Slot
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import folders, topics
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import FIELD_WIDTH, Finding, Fold, Form, FormDialog, Note, PathEdit, SizeEdit, heading
from openmsi_desktop.gui.preview.wishes import Patterns
from openmsi_desktop.gui.tasks import estimate, saving
from openmsi_desktop.gui.tasks.begin import Begin
from openmsi_desktop.gui.tasks.many_topics import ManyTopics
from openmsi_desktop.gui.tasks.place import PlaceEdit
from openmsi_desktop.gui.tasks.which import PatternFields
from openmsi_desktop.gui.topic_picker import TopicPicker
from openmsi_desktop.settings import Download
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.settings_form import Unfit, make
from openmsi_desktop.streaming.keys import task_key

_LOOK_MS = 300


def open_dialog(desktop: Desktop, parent: QWidget, item: Download | None = None, *, is_copy: bool = False) -> None:
    """Open it; it writes into the settings when a person is done. item: to be changed, or to start a copy from."""
    DownloadDialog(desktop, parent, item, is_copy=is_copy).open()


class DownloadDialog(FormDialog):
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
        super().__init__(desktop.look, "", "", parent=parent)
        self._desktop = desktop
        self._old = None if is_copy else item
        self._base = item or Download(topics=("?",), connection="?")
        self.setWindowTitle(self.tr("Download a topic") if self._old is None else self.tr("Change what is downloaded"))
        self.verb.setText(self.tr("Start downloading") if self._old is None else self.tr("Save"))
        self._facts: folders.FolderFacts | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look_at_folder)
        self._build(source or topics.BrokerTopics(desktop))
        self._show(item, is_copy=is_copy)
        self.path.changed.connect(self._folder_changed)
        self.topic.found.connect(self._show_topic)
        self.many.changed.connect(self._show_anew)
        self.shared.toggled.connect(self._show_group)
        self.group.textChanged.connect(self._show_anew)
        self._show_group()
        self.resize(820, 690)
        self._folder_changed()
        self.place.show_topics()

    # -- building

    def _build(self, source: topics.Topics) -> None:
        look = self.look
        self.top = Form(look, self.body)
        self.name = QLineEdit()
        self.name_field = self.top.add(self.tr("Name"), self.name, check=self._check_name, width=FIELD_WIDTH)
        self.topic = TopicPicker(self._desktop.background, source, sends=False)
        self.topic.setAccessibleName(self.tr("Topic"))
        self.place = PlaceEdit(self._desktop, self.topic, self.topic.set_connection)
        self.place.setFocusProxy(self.place.connections)
        self.place_field = self.top.add(self.tr("From"), self.place, check=self._check_place)
        self.many = ManyTopics(look, self.topic)
        self.top.add_widget(self.many)
        self.path = PathEdit(look, self.tr("Choose the folder for the files"))
        self.path_field = self.top.add(
            self.tr("Into folder"), self.path, check=self._check_path, outlined=self.path.line
        )
        self.anew = Note(look, parent=self.body)
        self.top.add_wide(self.anew)
        self.begin = Begin(look, self.body)
        self.if_exists = self._choices(
            ("keep-both", self.tr("Keep both: the new one gets a name with the time beside it")),
            ("newest", self.tr("The newest wins")),
            ("skip", self.tr("Leave the one that is there, and skip the new one")),
        )
        self.alone = QRadioButton(self.tr("This computer gets every file"), self.body)
        self.shared = QRadioButton(
            self.tr("Several computers share the work: each file goes to one of them"), self.body
        )
        self._who = QButtonGroup(self)
        self._who.addButton(self.alone)
        self._who.addButton(self.shared)
        sharing = Form(look, self.body)
        self.group = QLineEdit()
        self.group_field = sharing.add(
            self.tr("Name of the group"),
            self.group,
            width=220,
            check=self._check_group,
            finding_below=True,
            help=self.tr("The same on each of these computers."),
        )
        which = Form(look, self.body)
        self.patterns = PatternFields(look, which, self.tr("Only"), self.tr("Skip"), self.tr("all files"))
        self.keep_free = SizeEdit(none=self.tr("usual"))
        self.keep_field = which.add(
            self.tr("Keep free"),
            self.keep_free,
            finding_below=True,
            help=self.tr(
                "Downloading pauses while less is free on that disk. Usual: 1 GB, or 5 % of the disk if that is more."
            ),
        )
        self.more = Fold(self.tr("More: only some files, room on the disk"), which)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(self.top)
        layout.addWidget(self.begin)
        exists = self._block(self.tr("If another file has that name already"), *self.if_exists.buttons())
        layout.addWidget(exists)
        layout.addWidget(self._block(self.tr("Who gets the files?"), self.alone, self.shared, sharing))
        layout.addWidget(self.more)
        layout.addStretch(1)
        Form.align([self.top, which])
        self.watch([*self.top, *sharing, *which])

    def _choices(self, *choices: tuple[str, str]) -> QButtonGroup:
        group = QButtonGroup(self)
        for value, text in choices:
            button = QRadioButton(text, self.body)
            button.setProperty("value", value)
            group.addButton(button)
        return group

    def _block(self, title: str, *widgets: QWidget) -> QWidget:
        box = QWidget(self.body)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(heading(self.look, title, box))
        for widget in widgets:
            layout.addWidget(widget)
        return box

    def _show(self, item: Download | None, *, is_copy: bool) -> None:
        base = self._base
        if item is not None:
            taken = {task.title for task in self._desktop.store.settings.downloads}
            self.name.setText(saving.copy_name(item.title, taken) if is_copy else item.title)
            self.place.connections.choose(item.connection)
            self.many.show_topics(item.topics)
            if item.target is not None:
                self.path.set_path(item.target)
        self.begin.show_value(base.from_)
        for button in self.if_exists.buttons():
            button.setChecked(button.property("value") == base.if_exists)
        (self.shared if base.group else self.alone).setChecked(True)
        self.group.setText(base.group)
        self.patterns.show(Patterns(base.include, base.exclude))
        self.keep_free.set_value(base.keep_free or 0)
        self.more.open(bool(base.include or base.exclude or base.keep_free))

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

    @Slot(object)
    def _show_topic(self, verdict: topics.Verdict) -> None:
        self.place_field.tell(verdict.kind, verdict.text)
        if self.place_field.is_wrong:
            self.place_field.check()

    @Slot()
    def _show_group(self) -> None:
        self.group_field.set_shown(self.shared.isChecked())
        self._show_anew()

    @Slot()
    def _show_anew(self) -> None:
        """In the journal a download is its folder and its group, not its name."""
        text = ""
        if self._old is not None:
            names = self.many.topics or ("?",)
            values = {"target": self.path.path, "group": self._group(), "topics": names}
            if task_key(self._base.model_copy(update=values)) != task_key(self._old):
                text = self.tr(
                    "With another folder or group this download begins anew: it no longer knows which files it had."
                )
        self.anew.say(Finding.WARNING, text)

    # -- checks

    def _check_name(self) -> str:
        title = self.name.text().strip() or next(iter(self.many.topics), "")
        taken = {task.title for task in self._desktop.store.settings.downloads}
        if self._old is not None:
            taken.discard(self._old.title)
        if title and title in taken:
            return self.tr("There is a download “%1” already. Choose another name.").replace("%1", title)
        return ""

    def _check_place(self) -> str:
        if not self.place.connections.name:
            return self.tr("Choose a connection, or make a new one.")
        if not self.many.topics:
            return self.tr("Choose the topic to download, or type its name.")
        return ""

    def _check_path(self) -> str:
        path = self.path.path
        if path is None:
            return "" if self._base.sinks else self.tr("Choose the folder that the files go into.")
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

    def _check_group(self) -> str:
        if self.shared.isChecked() and not self.group.text().strip():
            return self.tr("Give the group a name, and use the same one on the other computers.")
        return ""

    def _group(self) -> str:
        return self.group.text().strip() if self.shared.isChecked() else ""

    # -- saving

    def task(self) -> Download:
        """What the form says. Raises Unfit."""
        name = self.name.text().strip()
        if self._old is not None and not self._base.name and name == self._base.title == self.many.topics[0]:
            name = ""
        free = self.keep_free.bytes
        chosen = self.if_exists.checkedButton() or self.if_exists.buttons()[0]
        values = {
            **self._base.model_dump(),
            "name": name,
            "topics": self.many.topics,
            "connection": self.place.connections.name,
            "target": self.path.path,
            "from_": self.begin.value,
            "group": self._group(),
            "include": self.patterns.patterns.include,
            "exclude": self.patterns.patterns.exclude,
            "if_exists": str(chosen.property("value")),
            "keep_free": free or (self._base.keep_free if self._base.keep_free == 0 else None),
        }
        return make(Download, **values)

    def save(self) -> None:
        try:
            task = self.task()
        except Unfit as error:
            self._refuse(error.key, str(error))
            return
        old = self._old

        def change(file: SettingsFile) -> None:
            saving.put(file, "downloads", task, old)

        def failed(error: OpenMSIError) -> None:
            self._refuse(*saving.explain(error, "downloads"))

        self._desktop.store.change(change, self.accept, failed)

    def _refuse(self, key: str, text: str) -> None:
        fields = {
            "name": self.name_field,
            "target": self.path_field,
            "path": self.path_field,
            "topics": self.place_field,
            "connection": self.place_field,
            "group": self.group_field,
            "include": self.patterns.only,
            "exclude": self.patterns.skip,
            "keep_free": self.keep_field,
        }
        self.refuse(text, fields.get(key))
