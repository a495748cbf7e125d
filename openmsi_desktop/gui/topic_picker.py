"""Choose a topic, or type its name: what you have used first, what belongs to Kafka itself hidden until it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import topics
from openmsi_desktop.gui.forms import Finding
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE, Connection
from openmsi_desktop.streaming.kafka.types import TopicInfo

_TYPING_MS = 400
_SHOWN = 15


class TopicPicker(QComboBox):
    """The list comes from the broker, on another thread. Whatever somebody types counts."""

    changed = Signal()
    found = Signal(object)
    """topics.Verdict about the topic that is chosen now."""

    def __init__(
        self, background: Background, source: topics.Topics, *, sends: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._source = source
        self._sends = sends
        self._connection: Connection | None = None
        self._used: Sequence[str] = ()
        self._names: Sequence[str] = ()
        self._with_system = False
        self._info: TopicInfo | None = None
        self.chunk_size: Callable[[], int] = lambda: DEFAULT_CHUNK_SIZE
        self.verdict: topics.Verdict | None = None
        self.list_note = ""
        """Why there is no list."""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(_SHOWN)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(16)
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setMaxVisibleItems(_SHOWN)
        self.setCompleter(completer)
        line = self.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.tr("name of a topic"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._look_up)
        self.editTextChanged.connect(self._typed)
        self.activated.connect(self._chosen)

    @property
    def topic(self) -> str:
        """What stands in the field."""
        return self.currentText().strip()

    def set_topic(self, topic: str) -> None:
        """Put a name into the field."""
        self.setEditText(topic)

    def set_connection(self, connection: Connection | None, used: Sequence[str] = ()) -> None:
        """Topics of this connection; those that tasks use already come first."""
        self._connection, self._used, self._names = connection, used, ()
        self.list_note = ""
        self._fill()
        if connection is not None:
            wanted = connection

            def listed(names: Sequence[str]) -> None:
                if wanted == self._connection:
                    self._names = names
                    if not names:
                        self.list_note = self.tr("You may not list topics here: type the name, it will be checked.")
                    self._fill()

            def failed(error: Exception) -> None:
                if not isinstance(error, OpenMSIError):
                    raise error
                if wanted == self._connection:
                    self.list_note = error.title

            self._background.run(self, lambda: self._source.names(wanted), listed, failed)
        self._typed()

    def look_again(self) -> None:
        """What is said of the topic may be another thing now: the part size has changed."""
        if self._info is not None:
            self._say(topics.verdict(self._info, sends=self._sends, chunk_size=self.chunk_size()))

    # -- the list

    def _fill(self) -> None:
        text = self.currentText()
        first = [name for name in self._used if name]
        others = [name for name in self._names if name not in set(first)]
        system = [name for name in others if topics.is_system(name)]
        plain = [name for name in others if not topics.is_system(name)]
        with QSignalBlocker(self):
            self.clear()
            self.addItems([*first, *plain, *(system if self._with_system else ())])
            if first and plain:
                self._separate(len(first))
            if system and not self._with_system:
                self._separate(self.count())
                self.addItem(self.tr("Show %n system topic(s)", "", len(system)), True)
            self.setCurrentIndex(-1)
            self.setEditText(text)

    def _separate(self, at: int) -> None:
        self.insertSeparator(at)
        self.setItemData(at, "–", Qt.ItemDataRole.AccessibleTextRole)

    @Slot(int)
    def _chosen(self, number: int) -> None:
        if self.itemData(number) is True:
            self._with_system = True
            self.setEditText("")
            self._fill()
            self.showPopup()
        else:
            self._look_up()

    # -- what is known of it

    @Slot()
    def _typed(self) -> None:
        self._info = self.verdict = None
        self.changed.emit()
        self.found.emit(topics.Verdict(Finding.OK, ""))
        if self.topic and self._connection is not None:
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def _look_up(self) -> None:
        self._timer.stop()
        connection, topic = self._connection, self.topic
        if connection is None or not topic:
            return
        self.found.emit(topics.Verdict(Finding.BUSY, self.tr("looking at the topic…")))

        def is_current() -> bool:
            return (connection, topic) == (self._connection, self.topic)

        def done(info: TopicInfo) -> None:
            if is_current():
                self._info = info
                self._say(topics.verdict(info, sends=self._sends, chunk_size=self.chunk_size()))

        def failed(error: Exception) -> None:
            if not isinstance(error, OpenMSIError):
                raise error
            if is_current():
                self._say(topics.trouble(error))

        self._background.run(self, lambda: self._source.look_up(connection, topic), done, failed)

    def _say(self, verdict: topics.Verdict) -> None:
        self.verdict = verdict
        self.found.emit(verdict)
