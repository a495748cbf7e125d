"""After a sleep of the computer, what waits tries at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from servers.parts import eventually
from streaming.listening import Listener

from openmsi_desktop.settings import Connection, Settings, Settle, WatchedFolder
from openmsi_desktop.streaming.awakening import Awakening
from openmsi_desktop.streaming.engine import Engine


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.mark.parametrize(
    ("wall", "own", "slept"),
    [
        (0.3, 0.3, False),
        (5.0, 5.0, False),
        (3600, 0.3, True),
        (3600, 3600, True),
        (-3600, 0.3, False),
        (10, 0.3, False),
    ],
)
def test_sleep_is_known_by_the_clocks(wall: float, own: float, slept: bool) -> None:
    clocks = [1e9, 50.0]
    awakening = Awakening(lambda: clocks[0], lambda: clocks[1])
    clocks[0] += wall
    clocks[1] += own
    assert awakening.has_slept() is slept
    assert not awakening.has_slept()


def test_a_task_that_waits_for_its_broker_tries_again_when_the_computer_wakes_up(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    clock = Clock()
    connection = Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"})
    folder = WatchedFolder(path=tmp_path / "in", connection="lab", topic="xrd", settle=Settle(quiet_s=0.5))
    settings = Settings(connections=(connection,), watched_folders=(folder,))
    engine = Engine(settings, data=tmp_path / "data", emit=Listener(), secret_of=lambda name: None, now=clock)
    engine.start()
    asked: list[str] = []
    try:
        service = engine.services[0]
        ask = service.ask

        def listen(kind: str, path: str = "", argument: str = "") -> None:
            asked.append(kind)
            ask(kind, path, argument)

        service.ask = listen  # type: ignore[method-assign]
        eventually(lambda: service.no_contact_for() > 0.5, timeout_s=20, what="no contact")
        assert not asked
        clock.ahead = 3600.0
        eventually(lambda: asked == ["retry", "rescan"], timeout_s=20, what="a new attempt and a look at the folder")
    finally:
        engine.stop()
