"""Who streams what: settings that come in haste, were written meanwhile or have mistakes; quitting while it starts."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.observer import Observer
from openmsi_desktop.gui.status import Overall, status_of
from openmsi_desktop.gui.window.banner import message_of
from openmsi_desktop.settings import Connection, Settings, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming import control
from openmsi_desktop.streaming.engine import Engine

PATIENCE_MS = 20_000


def write(path: Path, *names: str) -> None:
    """Settings with paused tasks of these names."""
    file = SettingsFile(path)
    file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
    for old in file.settings.watched_folders:
        file.remove("watched_folders", old.title)
    for name in names:
        folder = WatchedFolder(name=name, path=path.parent / name, connection="lab", topic="t", paused=True)
        file.put("watched_folders", folder)
    file.write()


def streamed(desktop: Desktop) -> list[str]:
    engine = desktop.host.engine
    return [] if engine is None else [s.name for s in engine.services]


def start(desktop: Desktop, qtbot: QtBot) -> None:
    desktop.host.start()
    qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=PATIENCE_MS)


def test_the_last_settings_are_what_remains(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A reload that takes long must not come after a later one: a task that was removed would go on."""
    start(desktop, qtbot)
    reload, calls = Engine.reload, list[Settings]()
    second = threading.Event()

    def slow(self: Engine, settings: Settings) -> str:
        calls.append(settings)
        if len(calls) == 1:
            second.wait(0.5)
        answer = reload(self, settings)
        if len(calls) > 1:
            second.set()
        return answer

    monkeypatch.setattr(Engine, "reload", slow)
    for names in (("a", "b"), ("a",)):
        write(desktop.store.path, *names)
        desktop.store.read()
    qtbot.waitUntil(lambda: len(calls) == 2 and streamed(desktop) == ["a"], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not desktop.host._is_reloading)
    assert streamed(desktop) == ["a"] and [t.title for t in desktop.store.settings.watched_folders] == ["a"]


def test_settings_that_could_not_be_taken_over_are_tried_again(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(desktop, qtbot)
    reload, failures = Engine.reload, [NeedsYou("The journal is locked", "")]

    def sometimes(self: Engine, settings: Settings) -> str:
        if failures:
            raise failures.pop()
        return reload(self, settings)

    monkeypatch.setattr(Engine, "reload", sometimes)
    write(desktop.store.path, "a")
    desktop.store.read()
    qtbot.waitUntil(lambda: streamed(desktop) == ["a"], timeout=PATIENCE_MS)


def test_who_takes_over_does_what_the_file_says_then(desktop: Desktop, qtbot: QtBot) -> None:
    write(desktop.store.path, "old")
    desktop.store.read()
    lock = desktop.host.profile.lock()  # another process streams
    desktop.host.start()
    qtbot.waitUntil(lambda: desktop.host.role is Role.ATTACHED, timeout=PATIENCE_MS)
    write(desktop.store.path, "new")
    lock.release()
    qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=PATIENCE_MS)
    assert streamed(desktop) == ["new"]
    assert [t.title for t in desktop.store.settings.watched_folders] == ["new"]


def test_settings_that_were_read_again_on_request_are_shown(desktop: Desktop, qtbot: QtBot) -> None:
    start(desktop, qtbot)
    write(desktop.store.path, "by hand")
    with closing(desktop.host.profile.open_journal()) as journal:
        control.ask(journal, "reload", timeout_s=5)
    qtbot.waitUntil(lambda: [t.title for t in desktop.store.settings.watched_folders] == ["by hand"])
    assert streamed(desktop) == ["by hand"]


def test_a_start_with_mistakes_in_the_settings_says_that_nothing_runs(desktop: Desktop, qtbot: QtBot) -> None:
    good = desktop.store.path.read_text()
    desktop.store.path.write_text("version = 1\n[[watched_folders]]\npath = 3\n")
    desktop.store.has_read = False
    desktop.store.read()
    observer = Observer(desktop.host, desktop.store)
    observer.start()
    desktop.host.start()
    qtbot.waitUntil(lambda: status_of(observer.now).overall is Overall.STOPPED, timeout=PATIENCE_MS)
    assert desktop.store.error is not None
    message = message_of(observer.now, (desktop.store.error.title, desktop.store.error.advice))
    assert message is not None and "Nothing is sent or downloaded before" in message.text
    desktop.store.path.write_text(good)
    write(desktop.store.path, "a")
    qtbot.waitUntil(lambda: streamed(desktop) == ["a"], timeout=PATIENCE_MS)
    assert desktop.store.error is None
    observer.stop()


def test_quitting_while_it_starts_leaves_nothing_that_streams(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, ended, never = threading.Event(), threading.Event(), threading.Event()
    begin = Engine.start

    def slow(self: Engine) -> None:
        started.set()
        never.wait(0.5)
        begin(self)
        ended.set()

    monkeypatch.setattr(Engine, "start", slow)
    desktop.host.start()
    assert started.wait(10)
    began = time.monotonic()
    desktop.background.end()
    desktop.host.stop()
    assert time.monotonic() - began < 3
    assert ended.wait(10)
    assert not [t.name for t in threading.enumerate() if t.name == "requests"]
    assert desktop.host.profile.streamer() is None


def test_what_cannot_be_read_any_more_is_not_shown_as_if_it_were_true(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the error is; and it is looked again."""
    monkeypatch.setattr("openmsi_desktop.gui.observer._BLIND_S", 0.0)
    monkeypatch.setattr("sys.excepthook", lambda *error: None)
    desktop.host.profile.prepare()
    desktop.host.profile.open_journal().close()
    desktop.host.role = Role.STREAMING
    desktop.observer.start()
    look = desktop.observer._reader._looker.look
    is_broken = True

    def broken(journal: object) -> object:
        if is_broken:
            raise ValueError("a mistake")
        return look(journal)  # type: ignore[arg-type]

    monkeypatch.setattr(desktop.observer._reader._looker, "look", broken)
    qtbot.waitUntil(lambda: desktop.observer.now.is_blind, timeout=PATIENCE_MS)
    assert status_of(desktop.observer.now).overall is Overall.WARNING
    message = message_of(desktop.observer.now, None)
    assert message is not None and "cannot be seen" in message.title
    is_broken = False
    qtbot.waitUntil(lambda: not desktop.observer.now.is_blind, timeout=PATIENCE_MS)


def test_a_look_that_takes_long_does_not_hold_up_the_end(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that does not answer: log-off has three seconds for everything."""
    desktop.host.profile.prepare()
    begun, may_go_on = threading.Event(), threading.Event()
    look = desktop.observer._reader._looker.look

    def slow(journal: object) -> object:
        begun.set()
        may_go_on.wait(5)
        return look(journal)  # type: ignore[arg-type]

    monkeypatch.setattr(desktop.observer._reader._looker, "look", slow)
    desktop.observer.start()
    assert begun.wait(10)
    began = time.monotonic()
    desktop.observer.stop()
    assert time.monotonic() - began < 2
    may_go_on.set()
    qtbot.waitUntil(lambda: not desktop.observer._reader.isRunning())


def test_a_mistake_of_the_program_at_the_start_is_not_the_end(
    desktop: Desktop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been something that passes; and it is told once, not at every attempt."""
    monkeypatch.setattr("openmsi_desktop.gui.host._AFTER_MISTAKE_S", 0.0)
    begin = Engine.start
    failures = [ValueError("a mistake"), ValueError("a mistake")]

    def sometimes(self: Engine) -> None:
        if failures:
            raise failures.pop()
        begin(self)

    monkeypatch.setattr(Engine, "start", sometimes)
    with capture_exceptions() as caught:
        desktop.host.start()
        qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=PATIENCE_MS)
    assert len(caught) == 1


def test_a_paused_task_that_gets_another_folder_stays_paused(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    """In the journal it is another task then; a person who has paused it did not ask it to send."""
    file = SettingsFile(desktop.store.path)
    file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
    file.put("watched_folders", WatchedFolder(name="XRD", path=tmp_path / "a", connection="lab", topic="t"))
    file.write()
    start(desktop, qtbot)
    (post,) = desktop.host.engine._crew.posts if desktop.host.engine is not None else []
    answers: list[str] = []
    desktop.host.ask("pause", task=post.service.key, then=answers.append)
    qtbot.waitUntil(lambda: answers == ["Paused: XRD."], timeout=PATIENCE_MS)

    def move(file: SettingsFile) -> None:
        folder = file.settings.watched_folders[0]
        file.put("watched_folders", folder.model_copy(update={"path": tmp_path / "b"}))

    desktop.store.change(move)
    engine = desktop.host.engine
    assert engine is not None
    qtbot.waitUntil(lambda: [p.service.key for p in engine._crew.posts] != [post.service.key], timeout=PATIENCE_MS)
    (moved,) = engine._crew.posts
    assert not moved.is_wanted and moved.paused_until is not None
    with closing(desktop.host.profile.open_journal()) as journal:
        row = journal.task(moved.service.key)
    assert row is not None and row.paused_until == moved.paused_until, "after a restart, too"
