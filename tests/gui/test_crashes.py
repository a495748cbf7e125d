"""Mistakes of this program: logged, shown as a report without secrets, and nothing else suffers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop import logs
from openmsi_desktop.gui.crashes import Crashes, Report, report_of
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.crash import CrashDialog


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "logs" / "openmsi-desktop.log"
    logs.start_logging(file, verbosity=0, quiet=True, say=lambda line: None)
    yield file
    logs.stop_logging()
    logging.captureWarnings(False)


def broken() -> Exception:
    try:
        raise ZeroDivisionError("sasl.password=planted-secret-7 does not divide")
    except ZeroDivisionError as error:
        return error


def test_a_mistake_on_any_thread_becomes_a_report_without_secrets(qtbot: QtBot, log_file: Path) -> None:
    crashes = Crashes()
    with qtbot.waitSignal(crashes.happened, timeout=5000) as heard:
        thread = threading.Thread(target=lambda: crashes.tell(broken()))
        thread.start()
    thread.join(5)
    assert heard.args is not None
    report = heard.args[0]
    assert isinstance(report, Report) and report.file == str(log_file)
    assert "ZeroDivisionError" in report.text and "test_crashes.py" in report.text
    assert "planted-secret-7" not in report.text
    assert "ZeroDivisionError" in log_file.read_text()


def test_the_report_can_be_copied_and_further_ones_are_added(
    desktop: Desktop, qtbot: QtBot, picture: Callable[[QWidget, str], Path]
) -> None:
    dialog = CrashDialog(desktop.look, report_of(broken()))
    qtbot.addWidget(dialog)
    dialog.show()
    picture(dialog, "crash")
    dialog.add(Report("KeyError", "KeyError: 'second'", ""))
    for number in range(100):
        dialog.add(Report("KeyError", f"KeyError: {number}", ""))
    dialog.copy()
    copied = QGuiApplication.clipboard().text()
    assert "ZeroDivisionError" in copied and "second" in copied and "KeyError: 99" not in copied
    assert dialog.height() <= 700


def test_no_thread_is_ever_terminated() -> None:
    """QThread.terminate() may leave a lock held and a file half-written."""
    package = Path(logs.__file__).parent
    used = [f for f in package.rglob("*.py") if ".terminate()" in f.read_text() and "QThread" in f.read_text()]
    assert not used
