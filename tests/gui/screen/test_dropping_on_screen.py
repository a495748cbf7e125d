"""Files that a person brings: handed over by a second start, and dragged out of a real file manager."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from servers.parts import eventually, require
from servers.screen import Application, Screen
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.listing import listed
from openmsi_desktop.settings import Connection, Dropping
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker

pytestmark = not_on_windows(Needs.OTHER_SERVERS)

DROP = "Drop files"


def sent(application: Application) -> set[str]:
    """Names of the files that are Sent, as the journal has them."""
    with closing(Journal(application.data / "journal.db")) as journal:
        return {Path(file.path).name for file in listed(journal, states=[FileState.SENT])}


def test_files_of_a_second_start_and_of_a_file_manager_are_sent(
    screen: Screen, application: Application, photo: Callable[[str], Path], tmp_path: Path
) -> None:
    require("pcmanfm", "nothing is dragged out of a real file manager; tools/setup installs it")
    folder = tmp_path / "measured"
    folder.mkdir()
    (folder / "größe 1.csv").write_text("1,2,3\n")
    with EmbeddedBroker() as broker:
        broker.create("xrd", 1)
        settings = SettingsFile(application.settings)
        settings.put("connections", Connection(name="lab", kafka={"bootstrap.servers": broker.bootstrap}))
        used = {"dropping": Dropping(connection="lab", topic="xrd"), "close": "hide"}
        settings.set_application(settings.settings.application.model_copy(update=used))
        settings.write()
        application.start("--hidden")
        eventually(lambda: screen.icons() > 0, timeout_s=30, what="the icon")

        given = tmp_path / "given on the command line.txt"
        given.write_text("measured")
        assert application.start(given).wait(30) == 0
        screen.wait_for(DROP)
        assert not screen.is_shown("OpenMSI Desktop"), "who brings files gets the window for files"
        screen.place(DROP, 650, 60, 600, 640)
        manager = screen.run(["pcmanfm", "--no-desktop", folder])
        try:
            screen.wait_for("measured")
            screen.place("measured", 20, 100, 560, 400)
            photo("given-by-a-second-start")
            screen.activate(DROP)
            screen.press("space")  # what came from elsewhere waits for a yes
            eventually(lambda: sent(application) == {given.name}, timeout_s=30, what="the file of the second start")
            photo("before-the-drag")
            screen.drag((ICON_X, ICON_Y), (950, 150))
            photo("after-the-drag")
            both = {given.name, "größe 1.csv"}
            eventually(lambda: sent(application) == both, timeout_s=30, what="the file out of the file manager")
        finally:
            manager.terminate()
            manager.wait(10)


ICON_X, ICON_Y = 230, 230
"""Where the file manager shows the only file of the folder."""
