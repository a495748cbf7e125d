"""From the first start to a file at OpenMSIStream, as somebody who cannot see the screen does it: every control by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.accessibility import BUTTON, CELL, COMBO, LABEL, TAB, Hands
from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.parts import eventually
from servers.screen import Application, Screen
from servers.systems import Needs, not_on_windows

pytestmark = not_on_windows(Needs.OTHER_SERVERS)

_SECURE, _PLAIN = "Encrypted, with user name (SASL_SSL)", "None: not encrypted, no sign-in (PLAINTEXT)"


@pytest.fixture
def hands(screen: Screen) -> Iterator[Hands]:
    """A screen reader's way into the program."""
    started = Hands({**screen.environment, "PATH": "/usr/bin:/bin"})
    try:
        started.start()
        yield started
    finally:
        started.close()


def test_from_the_first_start_to_a_checked_file_that_openmsistream_has_too(
    screen: Screen,
    application: Application,
    hands: Hands,
    kafka: Kafka,
    openmsistream: OpenMSIStream,
    photo: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topic = kafka.create_topic()
    host, _, port = kafka.bootstrap().partition(":")
    folder, elsewhere = tmp_path / "instrument", tmp_path / "elsewhere"
    folder.mkdir()
    application.settings.unlink()
    monkeypatch.setenv("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "1")
    application.start()
    hands.window = "Set up OpenMSI Desktop"
    clicks = 0

    def press(name: str) -> None:
        nonlocal clicks
        hands.press(name)
        clicks += 1

    press("Set up by hand")
    hands.type("Name", "lab")
    hands.type("Server", host)
    hands.type("Port", port)
    screen.click(*hands.place_of(_SECURE, COMBO))
    screen.press("End", "Return")
    clicks += 2
    hands.wait_for(_PLAIN, COMBO)
    press("Test")
    hands.wait_for("Test again", BUTTON)
    press("Next")
    press("Send a folder")
    hands.type("Folder", str(folder))
    hands.type("Topic", topic)
    press("Next")
    press("Next")  # start at login: not asked for
    press("Send the test file")
    hands.wait_for("It works*", LABEL)
    photo("first-run-proof")
    assert clicks <= 12, "more than twelve clicks to the first checked file"
    hands.press("Start sending")

    (folder / "scan_001.xy").write_text("10.0 231\n10.1 240\n")
    hands.window = "OpenMSI Desktop"
    hands.press("Files", TAB)
    hands.wait_for("*scan_001.xy*Checked*", CELL, timeout_s=120)
    photo("first-file-checked")

    run = openmsistream.start(
        "DataFileDownloadDirectory",
        elsewhere,
        "--config",
        openmsistream.write_config({"bootstrap.servers": kafka.bootstrap()}),
        "--topic_name",
        topic,
    )
    there = elsewhere / "scan_001.xy"
    run.quit_when(there.exists, timeout_s=120, what="OpenMSIStream has the file")
    eventually(lambda: there.read_bytes() == (folder / "scan_001.xy").read_bytes(), timeout_s=10, what="the same file")
