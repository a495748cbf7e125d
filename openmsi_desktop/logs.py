"""The log: a rotating file for everything, and warnings (or more) on standard error."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import threading
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from openmsi_desktop.core import windows_files

if sys.platform == "win32":
    import msvcrt

_FILE_BYTES = 5_000_000
_FILES = 5
_FILE_FORM = "%(asctime)s %(levelname)-7s %(process)d %(threadName)s %(name)s: %(message)s"


def start_logging(file: Path, *, verbosity: int, quiet: bool, say: Callable[[str], None]) -> None:
    """Log to ``file`` and, as sentences, to ``say``. Called again, it replaces what was there.

    verbosity: 0 warnings on standard error, 1 information, 2 everything; the file always has one level more.
    """
    stop_logging()
    root = logging.getLogger()
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)]
    said = _Say(say)
    said.setLevel(level)
    said.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    root.addHandler(said)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = _SharedFile(file)
        kept.setLevel(logging.DEBUG if verbosity > 1 else logging.INFO)
        kept.setFormatter(logging.Formatter(_FILE_FORM))
        root.addHandler(kept)
    except OSError as error:
        say(f"Cannot write the log {file}: {error.strerror}. What happens is only shown here.")
    root.setLevel(logging.DEBUG if verbosity > 1 else logging.INFO)
    logging.captureWarnings(True)


def stop_logging() -> None:
    """Take away what :func:`start_logging` has put there."""
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old, (_SharedFile, _Say)):
            root.removeHandler(old)
            old.close()


class _SharedFile(logging.handlers.RotatingFileHandler):
    """A rotating file that several processes may write: each notices when another one has turned it over."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            file, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8", errors="backslashreplace", delay=True
        )

    def _open(self) -> TextIOWrapper:
        if sys.platform == "win32":
            # the usual way to open it would keep the other processes from turning it over
            handle = windows_files.open_shared(self.baseFilename, windows_files.APPEND, windows_files.OPEN_ALWAYS)
            descriptor = msvcrt.open_osfhandle(handle, os.O_APPEND | os.O_NOINHERIT)
            return TextIOWrapper(open(descriptor, "ab"), encoding=self.encoding, errors=self.errors)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        stream = self.stream
        if stream is not None and self._was_turned_over(stream.fileno()):
            stream.close()
            self.stream = self._open()
        super().emit(record)

    def doRollover(self) -> None:
        try:
            super().doRollover()
        except OSError:  # on Windows another program has it open: go on with the long file
            if self.stream is None:
                self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must not fill the terminal with tracebacks."""

    def _was_turned_over(self, number: int) -> bool:
        try:
            here, there = os.fstat(number), os.stat(self.baseFilename)
        except OSError:
            return True
        return (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino)


class _Say(logging.Handler):
    """Sentences for a person: the text of an exception, never its traceback."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._say(f"{record.levelname.lower()}: {record.getMessage()}")
        except Exception:  # noqa: BLE001 - logging must never break the program
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing can be said about what cannot be said."""


def report_crashes(tell: Callable[[BaseException], None]) -> None:
    """Errors nobody caught, on any thread, are told: see :func:`crash`."""

    def on_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        tell(error)

    def on_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            tell(args.exc_value)

    sys.excepthook = on_main
    threading.excepthook = on_thread


def crash(error: BaseException) -> str:
    """Put an error of this program into the log; returns what to tell a person."""
    logging.getLogger("openmsi_desktop").error(
        "This program has made a mistake", exc_info=(type(error), error, error.__traceback__)
    )
    where = log_file()
    place = f"The details are in {where}" if where else "The log could not be written"
    return (
        f"This program has made a mistake ({type(error).__name__}). What was sent or received stays as it is. "
        f"{place}; please report it with them."
    )


def log_file() -> str | None:
    """Where the log is being written."""
    return next((h.baseFilename for h in logging.getLogger().handlers if isinstance(h, _SharedFile)), None)
