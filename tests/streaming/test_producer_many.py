"""Many files with a problem are journalled together, and whoever listens finds the journal free."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from servers.parts import eventually
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.events import Event, ProblemEvent
from openmsi_desktop.settings import Settle, WatchedFolder
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.producer import FolderProducer
from openmsi_desktop.streaming.supervisor import ServiceThread


@not_on_windows(Needs.NAMES)
def test_a_listener_that_writes_to_the_journal_is_not_locked_out(
    broker_config: dict[str, Any], create_topic: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "xrd"
    folder.mkdir()
    for n in range(20):
        (folder / f"not\\sendable {n}").write_bytes(b"x")
    profile = Profile(tmp_path / "data")
    profile.prepare()
    told: list[str] = []
    refused: list[sqlite3.Error] = []

    def listen(event: Event) -> None:
        if isinstance(event, ProblemEvent):
            told.append(event.path or "")
            with closing(sqlite3.connect(profile.journal_path, timeout=0.01, isolation_level=None)) as connection:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("ROLLBACK")
                except sqlite3.Error as error:
                    refused.append(error)

    watched = WatchedFolder(
        name="XRD", path=folder, topic=create_topic(partitions=1), connection="lab", settle=Settle(quiet_s=0.2)
    )
    running = ServiceThread(FolderProducer(watched, KafkaBroker(broker_config), profile, listen, key="watch:1"), listen)
    running.start()
    try:
        eventually(lambda: len(told) == 20, timeout_s=20, what="every problem is told")
    finally:
        running.stop()
        assert running.join(10)
        profile.disown()
    assert refused == []
