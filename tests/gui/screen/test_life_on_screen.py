"""The program as a person meets it: started, hidden, found again by its icon, killed, ended with the session."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from servers.parts import eventually
from servers.screen import Application, Screen
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.listing import counts_of
from openmsi_desktop.settings import Connection, Limit, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker
from openmsi_desktop.streaming.keys import task_key

pytestmark = not_on_windows(Needs.OTHER_SERVERS)

TITLE = "OpenMSI Desktop"
BIG = 20_000_000


def ends(run: subprocess.Popen[bytes], *, what: str) -> int:
    eventually(lambda: run.poll() is not None, timeout_s=20, what=what)
    assert run.returncode is not None
    return run.returncode


def test_closed_it_is_an_icon_that_opens_it_again_and_ends_it(
    screen: Screen, application: Application, photo: Callable[[str], Path]
) -> None:
    settings = SettingsFile(application.settings)
    settings.set_application(settings.settings.application.model_copy(update={"close": "hide"}))
    settings.write()
    run = application.start()
    screen.wait_for(TITLE)
    eventually(lambda: screen.icons() > 0, timeout_s=20, what="the icon")
    screen.close_window(TITLE)
    eventually(lambda: not screen.is_shown(TITLE), timeout_s=20, what="the window is hidden")
    assert run.poll() is None and screen.icons() > 0
    screen.click_icon()
    screen.wait_for(TITLE)
    screen.click_icon(3)
    eventually(lambda: bool(screen.find("openmsi-desktop")), timeout_s=10, what="the menu")
    photo("tray-menu")
    screen.press("Up", "Return")  # from the first entry backwards: the last one quits
    assert ends(run, what="quit from the menu") == 0
    assert "Traceback" not in application.said() and "Error" not in application.said(), application.said()


def test_a_place_for_icons_may_come_late_and_come_back(bare_screen: Screen, application: Application) -> None:
    run = application.start("--hidden")
    eventually(lambda: application.data.joinpath("journal.db").exists(), timeout_s=20, what="it runs")
    assert not bare_screen.is_shown(TITLE)
    bare_screen.start_tray()
    eventually(lambda: bare_screen.icons() > 0, timeout_s=20, what="the icon in a place that came late")
    bare_screen.stop_tray()
    bare_screen.start_tray()
    eventually(lambda: bare_screen.icons() > 0, timeout_s=20, what="the icon in a place that came back")
    bare_screen.click_icon()
    bare_screen.wait_for(TITLE)
    assert run.poll() is None


def test_a_second_start_shows_the_first_and_after_a_kill_the_next_one_is_the_first(
    screen: Screen, application: Application
) -> None:
    first = application.start("--hidden")
    eventually(lambda: screen.icons() > 0, timeout_s=20, what="the icon")
    second = application.start()
    assert ends(second, what="the second start") == 0
    screen.wait_for(TITLE)
    assert first.poll() is None
    first.kill()
    first.wait(10)
    third = application.start()
    screen.wait_for(TITLE)
    assert third.poll() is None
    assert ends(application.start("--hidden"), what="a start beside the third") == 0


def test_sigterm_ends_it_in_order_in_the_middle_of_a_big_file(
    screen: Screen, application: Application, tmp_path: Path
) -> None:
    folder = tmp_path / "instrument"
    folder.mkdir()
    (folder / "big.bin").write_bytes(bytes(BIG))
    with EmbeddedBroker() as broker:
        broker.create("xrd", 1)
        task = WatchedFolder(
            path=folder,
            connection="lab",
            topic="xrd",
            settle=Settle(quiet_s=0.5),
            limit=Limit(bytes_per_s=4_000_000),
        )
        settings = SettingsFile(application.settings)
        settings.put("connections", Connection(name="lab", kafka={"bootstrap.servers": broker.bootstrap}))
        settings.put("watched_folders", task)
        settings.write()
        run = application.start()
        eventually(lambda: state(application, task) == {FileState.SENDING: 1}, timeout_s=30, what="it is being sent")
        run.send_signal(signal.SIGTERM)
        assert ends(run, what="the end after SIGTERM") == 143
        with closing(Journal(application.data / "journal.db")) as journal:
            assert journal.query("PRAGMA integrity_check")[0][0] == "ok"
            assert counts_of(journal, task_key(task)) == {FileState.SENDING: 1}
        application.start("--hidden")
        eventually(lambda: state(application, task) == {FileState.SENT: 1}, timeout_s=60, what="it goes on and is Sent")


def state(application: Application, task: WatchedFolder) -> dict[FileState, int]:
    file = application.data / "journal.db"
    if not file.exists():
        return {}
    with closing(Journal(file)) as journal:
        return dict(counts_of(journal, task_key(task)))
