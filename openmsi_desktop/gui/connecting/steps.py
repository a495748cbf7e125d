"""The steps of a connection test as rows: sign, number, name, what was found, time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from openmsi_desktop.core.events import CONNECTION_STAGES, Stage, StageEvent
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.look import Look

STAGES = CONNECTION_STAGES
_SIGN = 16
_NOT_REACHED = ("not-reached", "no-time", "stopped")


class Line(NamedTuple):
    """A row. number and name: as shown; stage and topic: whose result it shows."""

    stage: Stage
    topic: str
    number: str
    name: str


def connection_lines(topics: Sequence[str]) -> list[Line]:
    """For a connection and these topics. None: the last three steps are one row, because they need a topic."""
    lines = [Line(stage, "", str(number), stage_name(stage)) for number, stage in enumerate(STAGES[:4], start=1)]
    for topic in topics or ("",):
        for number, stage in enumerate(STAGES[4 : None if topic else 5], start=5):
            lines.append(Line(stage, topic, str(number), stage_name(stage)))
    if not topics:
        lines.append(Line(Stage.WRITE, "", f"6–{len(STAGES)}", tr("Write, read, clock")))
    return lines


def stage_name(stage: Stage) -> str:
    """What people call a step."""
    return {
        Stage.NAME: tr("Find server"),
        Stage.PORT: tr("Open connection"),
        Stage.TLS: tr("Secure connection"),
        Stage.SIGN_IN: tr("Sign in"),
        Stage.TOPICS: tr("See topics"),
        Stage.WRITE: tr("Write"),
        Stage.READ: tr("Read"),
        Stage.CLOCK: tr("Clock"),
        Stage.BUCKET: tr("Find bucket"),
        Stage.PUT: tr("Store"),
        Stage.GET: tr("Read back"),
        Stage.CHECKSUM: tr("Compare"),
        Stage.DELETE: tr("Delete"),
        Stage.LIST: tr("List"),
    }[stage]


class StepRows(QWidget):
    """Rows for what is tested. GUI thread."""

    copy_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._rows: dict[tuple[Stage, str], _Row] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 8, 16, 8)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(3, 1)
        metrics = QFontMetrics(look.font(is_bold=True))
        self._grid.setColumnMinimumWidth(4, metrics.horizontalAdvance(_seconds(0.888)))
        look.changed.connect(self._paint_anew)

    def begin(self, lines: Iterable[Line]) -> None:
        """These rows, nothing found yet."""
        for row in self._rows.values():
            row.remove()
        self._rows.clear()
        for place, line in enumerate(lines):
            self._rows[line.stage, line.topic] = _Row(self, self._look, self._grid, place, line)
        metrics = QFontMetrics(self._look.font(is_bold=True))
        names = [metrics.horizontalAdvance(row.name.text()) for row in self._rows.values()]
        self._grid.setColumnMinimumWidth(2, max(names, default=0))

    def run_to(self, stage: Stage, topic: str = "") -> None:
        """This step is being taken."""
        for key, row in self._rows.items():
            if key == (stage, topic):
                row.set_running()

    def tell(self, event: StageEvent) -> None:
        """A step is over; the next one begins."""
        key = (event.stage, event.topic or "")
        if key not in self._rows:
            key = (event.stage, "")
        row = self._rows.get(key)
        if row is None or row.has_failed:  # one of the last three without a topic; a topic that two groups read
            return
        row.set_event(event)
        left = [k for k, r in self._rows.items() if r.is_open]
        if left and event.ok is not False and event.code not in _NOT_REACHED:
            self.run_to(*left[0])

    @Slot()
    def _paint_anew(self) -> None:
        for row in self._rows.values():
            row.paint()


class _Row:
    """Five labels in one line of the grid."""

    def __init__(self, owner: StepRows, look: Look, grid: QGridLayout, place: int, line: Line) -> None:
        self._owner, self._look = owner, look
        self._name, self._number, self._topic = line.name, line.number, line.topic
        self.is_open, self.has_failed = True, False
        self._icon, self._token = "sign/not-yet", "neutral"
        self._is_strong = self._is_grey = False
        self.sign, self.number, self.name, self.found, self.time = (QLabel(owner) for _ in range(5))
        self.sign.setFixedWidth(_SIGN)
        self.number.setText(line.number)
        self.name.setText(line.name)
        self.found.setWordWrap(True)
        self.found.setTextFormat(Qt.TextFormat.RichText)
        self.found.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.found.linkActivated.connect(owner.copy_wanted)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for column, (label, side) in enumerate(
            ((self.sign, left), (self.number, right), (self.name, left), (self.found, left), (self.time, right))
        ):
            label.setAlignment(side | Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, place, column)
        self.set_idle()

    def set_idle(self) -> None:
        self._set(tr("not tested"), "", icon="sign/not-yet", token="neutral", is_grey=True)

    def remove(self) -> None:
        for label in (self.sign, self.number, self.name, self.found, self.time):
            label.hide()
            label.deleteLater()

    def set_running(self) -> None:
        self._set(tr("testing…"), "", icon="sign/not-yet", token="working", is_strong=True)

    def set_event(self, event: StageEvent) -> None:
        self.is_open, self.has_failed = False, event.ok is False
        took = event.ok is not None
        time = _seconds(event.seconds) if took else ""
        text = _escaped(event.title)
        for notice in event.warnings:
            said = notice.title if notice.title != event.title else ""
            text += f"<br>{_escaped(' '.join(filter(None, (said + '.' if said else '', notice.advice))))}"
        if event.code in _NOT_REACHED:
            self.set_idle()
        elif event.ok is False:
            copy = tr("Copy details")  # not inside the f-string: texts there are not gathered
            text = f'{text} &nbsp;<a href="copy">{_escaped(copy)}</a>'
            self.found.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._set(text, time, icon="sign/failed", token="error", is_strong=True)
        elif event.warnings:
            self._set(text, time, icon="sign/warning", token="attention")
        elif event.ok:
            self._set(text, time, icon="sign/ok", token="ok")
        else:
            text = _escaped(tr("not tested: name a topic")) if event.code == "no-topic" else text
            self._set(text, "", icon="sign/not-yet", token="neutral", is_grey=True)

    def _set(
        self, text: str, time: str, *, icon: str, token: str, is_strong: bool = False, is_grey: bool = False
    ) -> None:
        self._icon, self._token, self._is_strong, self._is_grey = icon, token, is_strong, is_grey
        self.found.setText(text)
        self.time.setText(time)
        said = self.found.text().replace("<br>", " ")
        self.name.setAccessibleName(f"{self._number} {self._name} {self._topic}".strip())
        self.sign.setAccessibleName(_spoken(icon))
        self.found.setAccessibleName(_plain(said))
        self.paint()

    def paint(self) -> None:
        look = self._look
        self.sign.setPixmap(look.pixmap(self._icon, self._token, _SIGN, self._owner.devicePixelRatioF()))
        name = look.font(is_bold=self._is_strong)
        grey, text = QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.WindowText
        for label, role in (
            (self.number, text if self._is_strong else grey),
            (self.name, grey if self._is_grey else text),
            (self.found, grey if self._is_grey or not self._is_strong else text),
            (self.time, grey),
        ):
            label.setFont(name if label in (self.number, self.name) else look.font())
            label.setForegroundRole(role)


def _seconds(seconds: float) -> str:
    locale = QLocale()
    if seconds < 1:
        return tr("%1 ms").replace("%1", locale.toString(round(seconds * 1000)))
    return tr("%1 s").replace("%1", locale.toString(seconds, "f", 1))


def _spoken(icon: str) -> str:
    return {
        "sign/ok": tr("passed"),
        "sign/failed": tr("failed"),
        "sign/warning": tr("passed, with a warning"),
    }.get(icon, tr("not tested"))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(rich: str) -> str:
    head = rich.partition(" &nbsp;<a ")[0]
    return head.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
