"""A clock that would make Kafka delete what is sent stops the sending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting
from openmsi_desktop.streaming.sending import clock

NOW = clock.RELEASED.timestamp() + 100 * 86_400


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.db", now=lambda: NOW)
    OutgoingFiles(made, "watch:1", "xrd").record(
        [Sighting("a", "/a", FileState.WAITING, "", Fingerprint(1, 1, 1, "1"))]
    )
    yield made
    made.close()


def test_a_clock_that_is_right_or_ahead_is_not_complained_of(journal: Journal) -> None:
    clock.check(journal, "watch:1", now=NOW, retention_ms=3_600_000)
    clock.check(journal, "watch:1", now=NOW + 30 * 86_400, retention_ms=3_600_000)


def test_a_clock_before_this_release_stops_sending(journal: Journal) -> None:
    with pytest.raises(clock.ClockWrong) as caught:
        clock.check(journal, "watch:1", now=0.0, retention_ms=None)
    assert "1970" in caught.value.advice or "1969" in caught.value.advice
    assert "safe" in caught.value.advice


@pytest.mark.parametrize(
    ("days", "retention_days", "is_wrong"), [(1, 7, False), (4, 7, True), (6, -1, False), (8, -1, True)]
)
def test_a_clock_behind_the_journal_matters_by_the_retention_of_the_topic(
    journal: Journal, days: int, retention_days: int, is_wrong: bool
) -> None:
    retention = retention_days * 86_400_000 if retention_days > 0 else -1
    if not is_wrong:
        clock.check(journal, "watch:1", now=NOW - days * 86_400, retention_ms=retention)
        return
    with pytest.raises(clock.ClockWrong):
        clock.check(journal, "watch:1", now=NOW - days * 86_400, retention_ms=retention)
