"""The settings window: every change is written at once, and what cannot be written is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.preferences.general import GeneralPage
from openmsi_desktop.gui.dialogs.preferences.help import HelpPage
from openmsi_desktop.gui.dialogs.preferences.network import NetworkPage
from openmsi_desktop.gui.dialogs.preferences.notifications import NotificationsPage
from openmsi_desktop.gui.dialogs.settings import SettingsWindow
from openmsi_desktop.gui.language import tr
from openmsi_desktop.settings import Limit
from openmsi_desktop.settings_file import read_settings


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What starts at login is looked up, and written, below the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def window(desktop: Desktop, qtbot: QtBot) -> SettingsWindow:
    made = SettingsWindow(desktop)
    qtbot.addWidget(made)
    made.show()
    return made


def choose(box: QComboBox, value: str) -> None:
    """As a person does it: the list, then the entry."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_a_choice_is_in_the_file_at_once(desktop: Desktop, window: SettingsWindow, qtbot: QtBot) -> None:
    page = window.page
    assert isinstance(page, GeneralPage)
    with qtbot.waitSignal(desktop.store.changed):
        choose(page.theme, "dark")
    with qtbot.waitSignal(desktop.store.changed):
        page.touch.click()
    written = read_settings(desktop.store.path).application
    assert (written.theme, written.touch) == ("dark", True)
    assert desktop.store.settings.application == written


def test_starting_at_login_is_what_the_system_is_told(
    desktop: Desktop, window: SettingsWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = window.page
    assert isinstance(page, GeneralPage)
    page.at_login.click()
    qtbot.waitUntil(page.hidden.isEnabled)
    (entry,) = (tmp_path / "config" / "autostart").iterdir()
    assert "--hidden" in entry.read_text()
    page.hidden.click()
    qtbot.waitUntil(lambda: "--hidden" not in entry.read_text())
    page.at_login.click()
    qtbot.waitUntil(lambda: not page.hidden.isEnabled())
    assert not page.at_login.isChecked()


def test_messages_are_switched_off_one_by_one(desktop: Desktop, window: SettingsWindow, qtbot: QtBot) -> None:
    window.show_category("notifications")
    page = window.page
    assert isinstance(page, NotificationsPage)
    with qtbot.waitSignal(desktop.store.changed):
        page.problems.click()
    with qtbot.waitSignal(desktop.store.changed):
        page.finished.click()
    written = read_settings(desktop.store.path).application.notifications
    assert (written.problems, written.finished) == (False, True)


def test_what_another_program_wrote_is_shown(desktop: Desktop, window: SettingsWindow, qtbot: QtBot) -> None:
    page = window.page
    assert isinstance(page, GeneralPage)
    desktop.store.path.write_text('version = 1\n[application]\ntheme = "light"\ncalm_icon = true\n')
    desktop.store.read()
    assert (page.theme.currentData(), page.calm.isChecked()) == ("light", True)


def test_a_change_that_cannot_be_written_is_said_and_taken_back(
    desktop: Desktop, window: SettingsWindow, qtbot: QtBot
) -> None:
    desktop.store.path.write_text("version = 1\nsomething = wrong\n")
    page = window.page
    assert isinstance(page, GeneralPage)
    page.calm.click()
    qtbot.waitUntil(page.trouble.isVisible)
    assert "mistake" in page.trouble.text()
    assert not page.calm.isChecked()
    assert "something = wrong" in desktop.store.path.read_text()


def test_the_support_file_is_written_and_named(
    desktop: Desktop, window: SettingsWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.show_category("help")
    page = window.page
    assert isinstance(page, HelpPage)
    page.write_to(tmp_path / "s.zip")
    qtbot.waitUntil(page.show_it.isVisible, timeout=10_000)
    assert str(tmp_path / "s.zip") in page.result.text()
    assert (tmp_path / "s.zip").stat().st_size > 100


def test_where_it_cannot_be_written_that_is_said(
    desktop: Desktop, window: SettingsWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.show_category("help")
    page = window.page
    assert isinstance(page, HelpPage)
    (tmp_path / "taken").write_text("")
    page.write_to(tmp_path / "taken" / "s.zip")
    qtbot.waitUntil(page.write.isEnabled, timeout=10_000)
    assert "Cannot write" in page.result.text()
    assert not page.show_it.isVisible()


def test_the_keyboard_reaches_every_category(window: SettingsWindow, qtbot: QtBot) -> None:
    window.list.setFocus()
    seen = {type(window.page).__name__}
    for _ in range(window.list.count() - 1):
        QTest.keyClick(window.list, Qt.Key.Key_Down)
        seen.add(type(window.page).__name__)
    assert len(seen) == window.list.count() == 6
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures(
    desktop: Desktop, window: SettingsWindow, picture: Callable[[QWidget, str], Path], theme: str, qtbot: QtBot
) -> None:
    from openmsi_desktop.gui.look import Theme

    desktop.look.set_theme(Theme(theme))
    for category in ("general", "connections", "network", "notifications", "storage", "help"):
        window.show_category(category)
        QApplication.processEvents()
        assert picture(window, f"settings-{category}-{theme}").exists()
    desktop.look.set_theme(Theme.SYSTEM)


def test_the_language_changes_numbers_and_plurals_at_once(desktop: Desktop, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desktop.preferences.language_changed):
        desktop.store.change(
            lambda file: file.set_application(file.settings.application.model_copy(update={"language": "de"}))
        )
    assert QLocale().toString(1234567) == "1.234.567"
    with qtbot.waitSignal(desktop.preferences.language_changed):
        desktop.store.change(
            lambda file: file.set_application(file.settings.application.model_copy(update={"language": "en"}))
        )
    assert (QLocale().toString(1234567), tr("%n file(s) waiting", "", 1)) == ("1,234,567", "1 file waiting")


def test_gloves_and_theme_are_taken_over_from_the_file(desktop: Desktop, qtbot: QtBot) -> None:
    desktop.store.path.write_text('version = 1\n[application]\ntheme = "dark"\ntouch = true\ncalm_icon = true\n')
    with qtbot.waitSignal(desktop.look.changed):
        desktop.store.read()
    assert (desktop.look.is_dark, desktop.look.is_touch, desktop.look.is_calm) == (True, True, True)
    assert desktop.look.row_height(32) == 44


def test_the_limit_of_everything_is_written_when_the_figure_rests(
    desktop: Desktop, window: SettingsWindow, qtbot: QtBot
) -> None:
    window.show_category("network")
    page = window.page
    assert isinstance(page, NetworkPage)
    with qtbot.waitSignal(desktop.store.changed):
        page.limit.set_limit(Limit(bytes_per_s=2_000_000))
    assert read_settings(desktop.store.path).limit.bytes_per_s == 2_000_000
    desktop.store.path.write_text("version = 1\n[limit]\nbytes_per_s = 500000\n")
    desktop.store.read()
    assert page.limit.limit.bytes_per_s == 500_000
