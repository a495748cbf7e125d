"""The dialog "Run a program": filled in wrongly, corrected, saved, and opened again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gui.accessible import unnamed
from gui.test_watch_dialog import MadeUpTopics, change
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.process import ProcessDialog
from openmsi_desktop.gui.kinds import kind_of
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.gui.sinks.processor_form import ProcessorForm
from openmsi_desktop.gui.sinks.there import Lookup, There
from openmsi_desktop.gui.sinks.trial_view import Tried
from openmsi_desktop.settings import Connection, Download, Processor
from openmsi_desktop.settings_file import SettingsFile

Picture = Callable[[QWidget, str], Path]
Open = Callable[..., ProcessDialog]
PLOT = Processor(
    name="plot", command=(sys.executable, "plot.py", "{file}", "--to", "{output_dir}"), result_topic="peaks"
)


@pytest.fixture
def lab(desktop: Desktop, qtbot: QtBot) -> Desktop:
    """With a connection."""
    lab = Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"})
    change(desktop, qtbot, lambda file: file.put("connections", lab))
    return desktop


@pytest.fixture
def open_dialog(lab: Desktop, qtbot: QtBot) -> Open:
    def made(item: Download | None = None, **more: Any) -> ProcessDialog:
        dialog = ProcessDialog(lab, None, item, source=MadeUpTopics(), **more)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return made


def press(dialog: ProcessDialog, qtbot: QtBot) -> None:
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)


def known(form: ProcessorForm, qtbot: QtBot) -> None:
    """The disk has answered what there is at the paths."""
    qtbot.waitUntil(lambda: None not in form._lookup._known.values(), timeout=10_000)


def put(lab: Desktop, qtbot: QtBot, processor: Processor, task: Download) -> None:
    def add(file: SettingsFile) -> None:
        file.put("processors", processor)
        file.put("downloads", task)

    change(lab, qtbot, add)


def test_everything_wrong_and_then_right(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, tmp_path: Path, picture: Picture
) -> None:
    dialog = open_dialog()
    form = dialog.form
    picture(dialog, "process-empty")
    dialog.topic.set_topic("xrd")
    form.program.set_path("no-such-program")
    form.arguments.set_arguments(["--in", "{fiel}"])
    form.environment.setPlainText("LAB hall")
    form.folder.set_path(tmp_path / "nowhere")
    dialog.results.set_topic("xrd")
    known(form, qtbot)
    QTest.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert "There is no such program" in form.program_field.error.text
    assert "Line 2: there is no {fiel}" in form.arguments_field.error.text
    assert "go round in circles" in dialog.results_field.error.text
    assert "Line 1: write name = value" in form.environment_field.error.text
    assert "There is no such folder" in form.folder_field.error.text
    picture(dialog, "process-wrong")
    form.program.set_path(sys.executable)
    form.arguments.set_arguments([])
    for name in ("{file}", "{output_dir}"):
        button = next(b for b in form.arguments.names.findChildren(QWidget) if b.property("text") == name)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        form.arguments.text.insertPlainText("\n")
    form.environment.setPlainText("LAB = hall-3")
    form.folder.set_path(tmp_path)
    dialog.results.set_topic("sphinx_raw")
    assert "\n".join(unnamed(dialog)) == ""
    press(dialog, qtbot)
    task, processor = lab.store.settings.downloads[-1], lab.store.settings.processors[-1]
    assert (task.title, task.target, task.sinks) == ("xrd", None, (processor.name,))
    assert processor.command == (sys.executable, "{file}", "{output_dir}")
    assert (processor.environment, processor.result_topic) == ({"LAB": "hall-3"}, "sphinx_raw")
    assert kind_of("process").items(lab.store.settings)[0][1] == task and not kind_of("download").items(
        lab.store.settings
    )


@pytest.mark.parametrize(
    ("processor", "more"),
    [
        ({}, {}),
        ({"time_limit_s": 60.0, "tries": 1, "jobs": 3, "environment": {"A": "b=c"}}, {"group": "hpc"}),
        ({"command": (), "class_": "mylab.peaks:Finder", "options": {"width": 0.2, "n": "3", "x": True}}, {"name": ""}),
        ({"command": (), "class_": "installed-plug-in", "python": sys.executable}, {"exclude": ("*.bak",)}),
        ({"command": (sys.executable, "", " a  b ", "{{x}}")}, {"receipts": True}),
    ],
)
def test_nothing_gets_lost_on_the_way_through_the_dialog(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, processor: dict[str, Any], more: dict[str, Any]
) -> None:
    plot = PLOT.model_copy(update=processor)
    task = Download(**{"name": "P", "topics": ("xrd",), "connection": "lab", "sinks": ("plot",), **more})
    put(lab, qtbot, plot, task)
    before = lab.store.path.read_text()
    dialog = open_dialog(task)
    assert dialog.task() == task and dialog.processor() == plot and not dialog.anew.isVisible()
    press(dialog, qtbot)
    assert lab.store.path.read_text() == before


def test_a_class_needs_its_file_and_its_name(open_dialog: Open, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog()
    form = dialog.form
    form.is_class.setChecked(True)
    form.module.set_path(tmp_path / "peaks.py")
    known(form, qtbot)
    assert not form.module_field.check() and "There is no such file" in form.module_field.error.text
    assert not form.class_field.check() and not form.program.isVisible()
    (tmp_path / "found.py").write_text("class Finder: ...")
    form.module.set_path(tmp_path / "found.py")
    known(form, qtbot)
    form.class_name.setText("Finder")
    form.options.setPlainText("width = 0.2\nname = '7'\nwidth = 1")
    assert not form.options_field.check() and "stands here twice" in form.options_field.error.text
    form.options.setPlainText("width = 0.2\nname = '7'")
    assert not form.check()
    processor = dialog.processor()
    assert processor.class_ == f"{tmp_path / 'found.py'}:Finder" and processor.options == {"width": 0.2, "name": "7"}


PEAKS = """
import json, pathlib, sys
data = pathlib.Path(sys.argv[1]).read_text()
(pathlib.Path(sys.argv[2]) / "peaks.csv").write_text("position,height\\n31.6,1204\\n")
if "bad" in data: sys.exit("no peaks in " + pathlib.Path(sys.argv[1]).name)
print(json.dumps({"peaks": len(data)}))
"""


def test_a_program_is_tried_on_a_file_before_it_is_saved(
    open_dialog: Open, lab: Desktop, qtbot: QtBot, tmp_path: Path, picture: Picture
) -> None:
    (tmp_path / "peaks.py").write_text(PEAKS)
    (tmp_path / "scan 12.xy").write_text("good")
    (tmp_path / "bad $(x).xy").write_text("bad")
    dialog = open_dialog()
    dialog.topic.set_topic("xrd")
    trial, form = dialog.trial, dialog.form
    QTest.mouseClick(trial.button, Qt.MouseButton.LeftButton)
    assert form.program_field.is_wrong and not trial.is_running
    form.program.set_path(sys.executable)
    form.arguments.set_arguments([str(tmp_path / "peaks.py"), "{file}", "{output_dir}"])
    dialog.results.set_topic("sphinx_raw")
    QTest.mouseClick(trial.button, Qt.MouseButton.LeftButton)
    assert trial._band.title.text() == "Which file?"
    trial.sample.set_path(tmp_path / "scan 12.xy")
    QTest.mouseClick(trial.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: trial.tried is not None, timeout=20_000)
    assert trial._band.title.text() == "It works with this file"
    assert trial._band.text.text().startswith("2 result")
    assert trial.left.text() == 'File peaks.csv · 26 B\nMessage {"peaks": 4}'
    dialog.area.ensureWidgetVisible(trial)
    picture(dialog, "process-tried")
    trial.sample.set_path(tmp_path / "bad $(x).xy")
    assert trial.tried is None and trial._band.title.text() == "Not tried yet"
    QTest.mouseClick(trial.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: trial.tried is not None, timeout=20_000)
    assert "failed with exit status 1" in trial._band.title.text()
    assert trial.output.toPlainText().strip() == "no peaks in bad $(x).xy"
    lab.look.set_theme(Theme.DARK)
    picture(dialog, "process-tried-dark")
    assert "\n".join(unnamed(dialog)) == "" and not lab.store.settings.processors


def test_a_share_that_does_not_answer_stops_nobody(desktop: Desktop, qtbot: QtBot) -> None:
    answers = threading.Event()

    def look(text: str) -> There:
        answers.wait(20)
        return There.NOTHING

    lookup = Lookup(desktop.background, desktop.root, look)
    assert lookup.ask("//server/share/run.exe") is None and lookup.ask("") is None
    with qtbot.waitSignal(lookup.found, timeout=10_000):
        answers.set()
    assert lookup.ask("//server/share/run.exe") is There.NOTHING


def test_a_trial_can_be_stopped(open_dialog: Open, qtbot: QtBot, tmp_path: Path) -> None:
    began = threading.Event()

    def waits(processor: Processor, sample: Path, topic: str, stop: threading.Event) -> Tried:
        began.set()
        stop.wait(20)
        return Tried(was_stopped=stop.is_set())

    dialog = open_dialog(trier=waits)
    dialog.form.program.set_path(sys.executable)
    dialog.trial.sample.set_path(tmp_path)
    dialog.trial.start()
    assert began.wait(10) and dialog.trial.button.text() == "Stop"
    QTest.mouseClick(dialog.trial.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.trial._band.title.text() == "It was stopped", timeout=10_000)


def test_pictures(open_dialog: Open, lab: Desktop, qtbot: QtBot, picture: Picture) -> None:
    task = Download(name="Peaks of the XRD", topics=("xrd",), connection="lab", sinks=("plot",))
    put(lab, qtbot, PLOT, task)
    dialog = open_dialog(task)
    qtbot.waitUntil(lambda: dialog.topic.verdict is not None, timeout=10_000)
    picture(dialog, "process-light")
    lab.look.set_theme(Theme.DARK)
    dialog.form.is_class.setChecked(True)
    picture(dialog, "process-dark")
