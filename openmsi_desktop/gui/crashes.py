"""Errors of this program itself: into the log at once, and to a person as a report to copy. Transfers go on."""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler, qVersion

from openmsi_desktop import __version__, logs
from openmsi_desktop.support.redact import Redactor

log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a person is shown. text: everything, to be copied; without secrets. file: the log that has it too."""

    title: str
    text: str
    file: str


class Crashes(QObject):
    """Hears of errors that nobody caught, on any thread; in slots of Qt, too."""

    happened = Signal(object)
    """Report; on the GUI thread if the receiver lives there"""

    def install(self, folder: Path) -> None:
        """Take over from Python and Qt. folder: of the log files; what kills the interpreter is written there too."""
        logs.report_crashes(self.tell)
        qInstallMessageHandler(_log_of_qt)
        self._faults = _open(folder / "openmsi-desktop-faults.log")
        if self._faults is not None:
            faulthandler.enable(self._faults)

    def tell(self, error: BaseException) -> None:
        """Log an error and have it shown. Any thread."""
        logs.crash(error)
        try:
            self.happened.emit(report_of(error))
        except RuntimeError:  # the window has ended meanwhile
            log.debug("nobody is there to be told")


def report_of(error: BaseException) -> Report:
    """What happened, where, and on which system. Names of files may be in it, secrets not."""
    title = type(error).__name__
    lines = [
        f"OpenMSI Desktop {__version__}, Python {platform.python_version()}, Qt {qVersion()}",
        f"{platform.platform()}, {datetime.now(UTC).isoformat(timespec='seconds')}",
        "",
        *(line.rstrip("\n") for line in traceback.format_exception(error)),
    ]
    return Report(title, Redactor()("\n".join(lines)), logs.log_file() or "")


def _open(file: Path) -> TextIO | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("a", encoding="utf-8")
    except OSError as error:
        log.warning("Cannot write %s: %s. What kills the program would leave no trace.", file, error.strerror)
        return None


def _log_of_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if sys.is_finalizing():
        return
    logging.getLogger(f"qt.{context.category or 'default'}").log(_LEVELS.get(kind, logging.WARNING), "%s", text)
