"""Reading waits for sinks that are done in a moment, so that nothing is verified twice; it waits for no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.press import Press
from streaming.reading import Reader, until
from streaming.test_slow_sinks import Gate

from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.receiving import delivery, patience, reading
from openmsi_desktop.streaming.receiving.ahead import Ahead
from openmsi_desktop.streaming.receiving.lane import Lane


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "DELAYS_S", (0.05,))
    monkeypatch.setattr(delivery, "_LOOK_S", 0.05)
    monkeypatch.setattr(delivery, "IN_HAND", 20)


def _put(broker: MemoryBroker, count: int) -> dict[str, bytes]:
    files = {f"f{number}": content(100, number) for number in range(count)}
    for path, data in files.items():
        broker.put_chunks("t", chunks_of(path, data))
    return files


def test_what_a_quick_sink_gets_is_not_read_from_the_disk_once_more(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its only chunk was compared with the hash when it came, as long as it stays in memory until it is delivered."""
    monkeypatch.setattr(reading, "_BATCH_BYTES", 1)
    monkeypatch.setattr(delivery, "IN_HAND", 100)
    monkeypatch.setattr(delivery, "_LOOK_S", 1.0)
    verified: list[str] = []

    def digest(ahead: Ahead, name: str) -> bytes | None:
        verified.append(name)
        return whole(ahead, name)

    whole = Ahead.digest
    monkeypatch.setattr(Ahead, "digest", digest)
    gate = Gate("gate")
    reader = Reader(tmp_path, broker, sinks=[gate], target=None)
    files = _put(broker, 300)
    with reader.running():
        until(lambda: len(reader.rows()) > 50)  # it has just begun, and gets ready
        gate.opened.set()
        until(lambda: gate.files == files)
    assert verified == []


@pytest.mark.parametrize("others", ["none", "a slow one", "one that is away"])
def test_reading_waits_for_sinks_that_are_done_soon_and_for_no_others(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch, others: str
) -> None:
    """All sinks count as quick until the test says that they are not: then what has been read must not depend on them."""
    monkeypatch.setattr(reading, "CHECKPOINT_S", 0.0)
    monkeypatch.setattr(reading, "_BATCH_BYTES", 1)  # eight messages in each turn
    looks, paces = [0], {"gate": 1e9, "slow": 0.0, "away": 1e9}

    def measure(lane: Lane, seconds: float) -> None:
        looks[0] += 1
        lane.pace = paces[lane.name]

    monkeypatch.setattr(Lane, "measure", measure)
    sinks = [Gate("gate")]
    sinks += {"none": [], "a slow one": [Gate("slow")], "one that is away": [Gate("away", is_away=True)]}[others]
    reader = Reader(tmp_path, broker, sinks=sinks, target=None)
    files = _put(broker, 80)
    with reader.running() as service:
        if others == "a slow one":
            until(lambda: len(reader.rows()) == 80)
        else:
            until(lambda: len(reader.rows()) >= 8)
            seen = looks[0]
            until(lambda: looks[0] > seen + 20)  # more turns than all the messages would take
            assert len(reader.rows()) < 50
            paces["gate"] = 0.0  # it has got stuck
            until(lambda: len(reader.rows()) == 80)
        for sink in sinks:
            sink.opened.set()
        service.ask("retry")
        until(lambda: all(sink.files == files for sink in sinks))
        until(lambda: service.idle_for() > 0)
    assert list(reader.profile.spool.iterdir()) == []


def test_a_quick_sink_gets_everything_though_a_single_file_is_more_than_may_wait(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lane, "measure", lambda lane, seconds: setattr(lane, "pace", 1e9))
    one, other = Press("one"), Press("other")
    reader = Reader(tmp_path, broker, sinks=[one, other], target=None, spool_limit=50)
    files = _put(broker, 60)
    with reader.running():
        until(lambda: one.files == other.files == files)
        until(lambda: {row.state for row in reader.rows()} == {FileState.DELIVERED})
