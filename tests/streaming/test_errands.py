"""A one-off upload that was killed is finished by the process that streams."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openmsi_desktop.core.events import Event, FileEvent, FileState
from openmsi_desktop.core.outgoing import OutgoingFiles
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.leftover import LeftOver, abandoned
from openmsi_desktop.streaming.sending.oneoff import OneOff


def test_files_of_a_dead_send_are_sent_and_those_of_a_living_one_are_not(
    broker_config: dict[str, Any], create_topic: Callable[..., str], tmp_path: Path
) -> None:
    topic, events = create_topic(), list[Event]()
    file = tmp_path / "a.dat"
    file.write_bytes(b"1")
    dead, streaming = Profile(tmp_path / "data"), Profile(tmp_path / "data")
    dead.prepare()
    connection = Connection(name="lab", kafka=dict(broker_config))
    stop = threading.Event()
    stop.set()  # as if killed before anything went out
    OneOff(
        [file], topic=topic, broker=KafkaBroker(broker_config), profile=dead, emit=events.append, key="send:1",
        connection=connection,
    ).run(stop, lambda: None)  # fmt: skip
    journal = streaming.open_journal()
    dead.disown()
    assert abandoned(journal, streaming) == {}, "it ended in order, so its user knows what was not sent"
    journal.execute("UPDATE outgoing SET owner = 'gone'")  # as a kill leaves it
    found = abandoned(journal, streaming)
    assert list(found) == ["send:1"]
    assert found["send:1"].topic == topic
    LeftOver(found["send:1"], KafkaBroker(broker_config), streaming, events.append, key="send:1").run(
        threading.Event(), lambda: None
    )
    assert OutgoingFiles(journal, "send:1", topic).known(["a.dat"])["a.dat"].state is FileState.SENT
    assert [e.state for e in events if isinstance(e, FileEvent)][-1] is FileState.SENT
    assert abandoned(journal, streaming) == {}
    journal.close()
    streaming.disown()
