"""A clock that would make Kafka delete what is sent stops the sending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting
from openmsi_desktop.streaming.kafka.types import TopicInfo
from openmsi_desktop.streaming.questions import answer
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


PLACE = Path("/data/xrd")


def look(journal: Journal, days: float) -> None:
    """So many days after (or before) the newest file was recorded."""
    clock.check(journal, "watch:1", now=NOW + days * 86_400, retention_ms=None, place=PLACE)


def test_a_clock_that_was_ahead_once_stops_sending_only_until_somebody_says_so(journal: Journal) -> None:
    with pytest.raises(clock.ClockWrong) as caught:
        look(journal, -50)
    assert f"today's date is right, openmsi-desktop decide {PLACE} --send" in caught.value.advice
    assert answer(journal, "watch:1", "send")
    look(journal, -50)
    assert not answer(journal, "watch:1", "send"), "it was asked once"
    look(journal, -49)
    with pytest.raises(clock.ClockWrong):  # that decision was not about a clock that goes wrong later
        look(journal, -60)


def test_after_a_decision_the_clock_is_watched_as_before(journal: Journal) -> None:
    with pytest.raises(clock.ClockWrong):
        look(journal, -50)
    answer(journal, "watch:1", "send")
    look(journal, -50)
    journal.now = lambda: NOW + 20 * 86_400
    OutgoingFiles(journal, "watch:1", "xrd").record(
        [Sighting("b", "/b", FileState.WAITING, "", Fingerprint(1, 1, 1, "1"))]
    )
    look(journal, 20)
    with pytest.raises(clock.ClockWrong):
        look(journal, 5)


def test_a_clock_that_was_set_needs_no_decision(journal: Journal) -> None:
    with pytest.raises(clock.ClockWrong):
        look(journal, -50)
    look(journal, 1)
    assert not answer(journal, "watch:1", "send")
    with pytest.raises(clock.ClockWrong):
        look(journal, -50)


def test_who_does_not_vouch_for_the_clock_is_asked_again(journal: Journal) -> None:
    for _ in range(2):
        with pytest.raises(clock.ClockWrong):
            look(journal, -50)
        assert answer(journal, "watch:1", "skip")


def test_nobody_can_vouch_for_a_date_before_this_release(journal: Journal) -> None:
    with pytest.raises(clock.ClockWrong) as caught:
        clock.check(journal, "watch:1", now=0.0, retention_ms=None, place=PLACE)
    assert "decide" not in caught.value.advice
    assert not answer(journal, "watch:1", "send")


@pytest.mark.parametrize(("days", "retention_days", "is_wrong"), [(1, 1, True), (1, 7, False), (31, 7, True)])
def test_a_clock_behind_the_newest_message_matters_by_the_retention_of_the_topic(
    journal: Journal, days: int, retention_days: int, is_wrong: bool
) -> None:
    retention_ms = retention_days * 86_400_000
    stamp = round(1000 * (NOW + days * 86_400))
    topic = TopicInfo("t", "c", "i", 1, {"retention.ms": str(retention_ms)}, newest_ms=stamp)

    def look() -> None:
        clock.check(
            journal, "watch:1", now=NOW, retention_ms=retention_ms, topic_newest_ms=topic.newest_ms, place=PLACE
        )

    if not is_wrong:
        look()
        clock.check_topic(topic, now=NOW)
        return
    with pytest.raises(clock.ClockWrong, match="is wrong"):
        clock.check_topic(topic, now=NOW)
    with pytest.raises(clock.ClockWrong, match="is wrong") as told:
        look()
    assert "newest message of the topic" in told.value.advice
    answer(journal, "watch:1", "send")  # it is another sender's clock that is ahead
    look()
    look()
