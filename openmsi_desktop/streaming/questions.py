"""Questions that only a person can answer, because either guess may lose data or send everything twice.

An answer comes by an option, or as a request (``openmsi-desktop decide FOLDER --send|--skip``), and is kept
in the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.kafka.types import TopicInfo

LOST = "journal_lost"


class Question(NeedsYou):
    """The task waits for a decision."""


def answer(journal: Journal, task: str, decision: str) -> bool:
    """Store a decision (``send`` or ``skip``) for the open question of a task; False if there is none."""
    for kind in ("lost", "clock", "topic"):
        if journal.get_meta(f"question {kind} {task}") == "open":
            journal.set_meta(f"question {kind} {task}", decision)
            return True
    return False


def existing_files(journal: Journal, task: str, folder: Path, *, is_lost: bool, option: str | None) -> bool:
    """Whether files that are there already count as sent, because the journal that knew it is lost.

    is_lost: this data folder was in use, but its journal is gone. option: ``resend``, ``trust-existing`` or None.

    Raises:
        Question: nobody has said what to do yet.
    """
    if not is_lost:
        return False
    known = journal.get_meta(f"question lost {task}")
    if known in (None, "open") and option is not None:
        known = "skip" if option == "trust-existing" else "send"
        journal.set_meta(f"question lost {task}", known)
    if known in ("send", "skip"):
        return known == "skip"
    journal.set_meta(f"question lost {task}", "open")
    raise Question(
        "The journal is lost",
        f"Nobody knows any more which files of {folder} were sent. Nothing is sent until you decide: "
        f"openmsi-desktop decide {folder} --send sends everything again, --skip trusts that what is there was sent "
        "(or start with --if-journal-lost resend or trust-existing).",
        path=folder,
    )


def is_bound(journal: Journal, task: str, topic: TopicInfo) -> bool:
    """Whether this is the topic that the states of a task belong to. At the first contact they do from now on."""
    before = journal.topic_identity(task, topic.name)
    if before is None:
        journal.set_topic_identity(task, topic.name, topic.cluster_id, topic.topic_id)
        return True
    if before[0] != topic.cluster_id:
        return False
    if before[1] == "" != topic.topic_id:  # it was not told before
        journal.set_topic_identity(task, topic.name, topic.cluster_id, topic.topic_id)
    return "" in (before[1], topic.topic_id) or before[1] == topic.topic_id


def bind(journal: Journal, task: str, topic: TopicInfo, *, place: Path, decided: Callable[[str], None]) -> None:
    """Bind the states of a task to a topic, if need be by a person's decision.

    place: what a person names when deciding. decided: called with ``send`` or ``skip`` when it is another topic than
    before; what it journals and the new binding are committed together.

    Raises:
        Question: it is another topic, and nobody has decided yet.
    """
    name = f"question topic {task}"
    known = journal.get_meta(name)
    if is_bound(journal, task, topic):
        if known in ("open", "send", "skip"):  # the one that was meant is back
            journal.set_meta(name, "answered")
        return
    if known in ("send", "skip"):
        with journal.transaction():
            decided(known)
            journal.set_topic_identity(task, topic.name, topic.cluster_id, topic.topic_id)
            journal.set_meta(name, "answered")
        return
    journal.set_meta(name, "open")
    raise Question(
        f"Topic {topic.name} is not the one it was",
        "It was deleted and made again, or the connection leads to another cluster. What was sent before is not on it. "
        f"Nothing is sent until you decide: openmsi-desktop decide {place} --send sends everything again, --skip goes "
        "on with what is new or unfinished.",
        path=place,
    )
