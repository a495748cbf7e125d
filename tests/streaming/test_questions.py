"""Questions to a person: asked once, answered once, and bound together with what follows from the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.kafka.types import TopicInfo
from openmsi_desktop.streaming.questions import Question, answer, bind, existing_files, is_bound

TASK = "watch:1"
OLD, NEW = TopicInfo("t", "cluster", "id-1", 4), TopicInfo("t", "cluster", "id-2", 4)
UNTOLD = TopicInfo("t", "cluster", "", 4)
ELSEWHERE = TopicInfo("t", "other cluster", "id-1", 4)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.db")
    made.set_task(TASK, kind="watch", name="XRD", state=TaskState.IDLE)
    yield made
    made.close()


def decisions(journal: Journal, topic: TopicInfo) -> list[str]:
    """What was decided when a task is bound to this topic."""
    out: list[str] = []
    bind(journal, TASK, topic, place=Path("/data/xrd"), decided=out.append)
    return out


@pytest.mark.parametrize("other", [NEW, ELSEWHERE])
def test_another_topic_is_asked_about_until_somebody_decides(journal: Journal, other: TopicInfo) -> None:
    assert decisions(journal, OLD) == []
    for _ in range(2):
        with pytest.raises(Question) as caught:
            decisions(journal, other)
    assert f"decide {Path('/data/xrd')} --send" in caught.value.advice and "--skip" in caught.value.advice
    assert answer(journal, TASK, "send") and not answer(journal, TASK, "send")
    assert decisions(journal, other) == ["send"]
    assert decisions(journal, other) == []
    with pytest.raises(Question):  # the answer was for that one time
        decisions(journal, OLD)


def test_a_question_nobody_needs_to_answer_any_more_is_forgotten(journal: Journal) -> None:
    decisions(journal, OLD)
    with pytest.raises(Question):
        decisions(journal, ELSEWHERE)
    assert decisions(journal, OLD) == []  # the connection was put right
    assert not answer(journal, TASK, "send")
    with pytest.raises(Question):
        decisions(journal, NEW)
    assert answer(journal, TASK, "skip")
    assert decisions(journal, OLD) == []
    with pytest.raises(Question):
        decisions(journal, NEW)


def test_a_decision_and_its_consequences_are_committed_together(journal: Journal) -> None:
    decisions(journal, OLD)
    with pytest.raises(Question):
        decisions(journal, NEW)
    answer(journal, TASK, "send")

    def dies(decision: str) -> None:
        journal.set_meta("forgotten", "everything")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bind(journal, TASK, NEW, place=Path("/data/xrd"), decided=dies)
    assert journal.get_meta("forgotten") is None
    assert decisions(journal, NEW) == ["send"], "the decision is still there"


def test_a_broker_that_does_not_tell_the_id_is_believed_and_the_id_kept(journal: Journal) -> None:
    assert is_bound(journal, TASK, UNTOLD) and is_bound(journal, TASK, OLD) and is_bound(journal, TASK, UNTOLD)
    assert not is_bound(journal, TASK, NEW)
    assert not is_bound(journal, TASK, ELSEWHERE)


def test_a_lost_journal_is_asked_about_once_for_each_task(journal: Journal, tmp_path: Path) -> None:
    assert not existing_files(journal, TASK, tmp_path, is_lost=False, option=None)
    with pytest.raises(Question, match=r"journal is lost.*--if-journal-lost"):
        existing_files(journal, TASK, tmp_path, is_lost=True, option=None)
    assert answer(journal, TASK, "skip")
    assert existing_files(journal, TASK, tmp_path, is_lost=True, option=None)
    assert existing_files(journal, TASK, tmp_path, is_lost=True, option="resend"), "what was decided stays"
    assert not existing_files(journal, "watch:2", tmp_path, is_lost=True, option="resend")
    assert existing_files(journal, "watch:3", tmp_path, is_lost=True, option="trust-existing")


def test_nothing_is_answered_where_nothing_was_asked(journal: Journal) -> None:
    assert not answer(journal, TASK, "send")
    assert decisions(journal, OLD) == []
