"""Files that a person sends once: all of them, or a reason for each that is not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import NeedsYou, RetryableError
from openmsi_desktop.core.events import Event, FileEvent, FileState, ProblemEvent
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.streaming.kafka.broker import KafkaBroker
from openmsi_desktop.streaming.kafka.errors import TopicMissing
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.collect import NotThere
from openmsi_desktop.streaming.sending.oneoff import OneOff


class Desk:
    """Sends things, and remembers what was said."""

    def __init__(self, broker: Any, topic: str, folder: Path) -> None:
        self.broker, self.topic, self.folder = broker, topic, folder
        self.profile = Profile(folder / "data")
        self.profile.prepare()
        self.events: list[Event] = []
        self.stop = threading.Event()

    def write(self, name: str, data: bytes = b"x") -> Path:
        file = self.folder / "source" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def send(self, *paths: Path, **more: Any) -> None:
        self.events.clear()
        self.service(*paths, **more).run(self.stop, lambda: None)

    def service(self, *paths: Path, **more: Any) -> OneOff:
        more = {"topic": self.topic, "broker": self.broker, **more}
        return OneOff(paths, profile=self.profile, emit=self.events.append, key="send:1", **more)

    def last(self) -> dict[str, FileState]:
        return {e.path: e.state for e in self.events if isinstance(e, FileEvent)}

    def reasons(self) -> dict[str, str]:
        return {e.path: e.reason for e in self.events if isinstance(e, FileEvent) and e.reason}

    def problems(self) -> dict[str | None, str]:
        return {e.path: e.title for e in self.events if isinstance(e, ProblemEvent)}


@pytest.fixture
def desk(broker_config: dict[str, Any], create_topic: Callable[..., str], tmp_path: Path) -> Iterator[Desk]:
    made = Desk(KafkaBroker(broker_config), create_topic(partitions=2), tmp_path)
    yield made
    made.profile.disown()


def test_a_file_keeps_its_name_and_a_folder_keeps_its_own(desk: Desk) -> None:
    one = desk.write("deep/down/one.dat")
    desk.write("run_01/a.dat")
    desk.write("run_01/sub/catalog.csv")
    desk.write("run_01/~$open.xlsx")
    desk.write("run_01/empty.txt", b"")
    desk.send(one, desk.folder / "source" / "run_01", subfolder="pc7")
    assert desk.last() == {
        "pc7/one.dat": FileState.SENT,
        "pc7/run_01/a.dat": FileState.SENT,
        "pc7/run_01/sub/catalog.csv": FileState.SENT,
        "pc7/run_01/empty.txt": FileState.SENT,
        "pc7/run_01/~$open.xlsx": FileState.IGNORED,
    }
    (ignored,) = [e for e in desk.events if isinstance(e, FileEvent) and e.state is FileState.IGNORED]
    assert "~$*" in (ignored.reason or "")


def test_a_file_named_by_a_person_is_sent_whatever_the_rules_say(desk: Desk) -> None:
    desk.send(desk.write(".hidden.tmp"), rules=Rules(exclude=["*.tmp"]))
    assert desk.last() == {".hidden.tmp": FileState.SENT}


def test_a_path_that_does_not_exist_sends_nothing_at_all(desk: Desk) -> None:
    with pytest.raises(NotThere):
        desk.send(desk.write("a.dat"), desk.folder / "nowhere")
    assert desk.events == []


def test_two_files_with_one_name_are_not_sent_over_each_other(desk: Desk) -> None:
    desk.send(desk.write("x/a.dat", b"1"), desk.write("y/a.dat", b"2"))
    assert "Two files" in desk.problems()["a.dat"]
    row = OutgoingFiles(desk.profile.open_journal(), "send:1", desk.topic).known(["a.dat"])["a.dat"]
    assert Path(row.local).parts[-2:] == ("x", "a.dat")


def test_another_file_of_that_name_is_said_to_take_its_place(desk: Desk) -> None:
    first = desk.write("x/a.dat", b"1")
    desk.send(first)
    assert desk.reasons() == {}
    desk.send(desk.write("y/a.dat", b"22"))
    (reason,) = desk.reasons().values()
    assert str(first) in reason and "--subfolder" in reason
    # neither the same file, changed, nor one that was moved is another one
    desk.send(desk.write("y/a.dat", b"333"))
    assert desk.reasons() == {}
    moved = desk.folder / "source" / "a.dat"
    (desk.folder / "source" / "y" / "a.dat").rename(moved)
    desk.send(moved)
    assert desk.reasons() == {}


@not_on_windows(Needs.NAMES)
def test_a_name_that_is_not_unicode_is_a_problem_with_the_reason(desk: Desk) -> None:
    file = desk.folder / "source" / "bad\udcff.dat"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"1")
    for path in (file.parent, file):
        desk.send(path)
        (title,) = desk.problems().values()
        assert "Unicode" in title


def test_sending_again_sends_again(desk: Desk) -> None:
    file = desk.write("a.dat")
    desk.send(file)
    first = OutgoingFiles(desk.profile.open_journal(), "send:1", desk.topic).known(["a.dat"])["a.dat"]
    desk.send(file)
    second = OutgoingFiles(desk.profile.open_journal(), "send:1", desk.topic).known(["a.dat"])["a.dat"]
    assert (second.sent_version or 0) > (first.sent_version or 0)


def test_the_same_command_goes_on_after_an_interruption_without_sending_twice(desk: Desk) -> None:
    folder = desk.write("run/a.dat").parent
    desk.write("run/b.dat")
    desk.send(folder)
    journal = desk.profile.open_journal()
    done = OutgoingFiles(journal, "send:1", desk.topic).known(["run/a.dat"])["run/a.dat"]
    # as a kill leaves it: the batch is still open, b was never sent
    journal.set_meta(desk.service(folder).batch, "1.0")
    journal.execute("DELETE FROM outgoing WHERE path = 'run/b.dat'")
    desk.send(folder)
    after = OutgoingFiles(journal, "send:1", desk.topic).known(["run/a.dat", "run/b.dat"])
    assert after["run/a.dat"].sent_version == done.sent_version
    assert after["run/b.dat"].state is FileState.SENT
    assert desk.last() == {"run/a.dat": FileState.SENT, "run/b.dat": FileState.SENT}
    journal.close()


def test_a_missing_topic_is_said_at_once(desk: Desk) -> None:
    with pytest.raises(TopicMissing) as caught:
        desk.send(desk.write("a.dat"), topic="no-such-topic")
    assert "no-such-topic" in caught.value.title


def test_without_a_broker_it_gives_up_after_the_time_it_was_given(desk: Desk) -> None:
    nobody = KafkaBroker({"bootstrap.servers": "127.0.0.1:1"})
    with pytest.raises(RetryableError) as caught:
        desk.send(desk.write("a.dat"), broker=nobody, timeout_s=1.0)
    assert not isinstance(caught.value, NeedsYou)
    journal = desk.profile.open_journal()
    assert OutgoingFiles(journal, "send:1", desk.topic).counts() == {"found": 1}
    journal.close()


def test_checked_is_reached_on_request(desk: Desk) -> None:
    desk.send(desk.write("a.dat", os.urandom(700_000)), check=True)
    assert desk.last() == {"a.dat": FileState.CHECKED}


def test_a_topic_made_anew_gets_also_what_the_interrupted_command_had_sent(desk: Desk) -> None:
    folder = desk.write("run/a.dat").parent
    desk.write("run/b.dat")
    desk.send(folder)
    with closing(desk.profile.open_journal()) as journal:
        journal.set_meta(desk.service(folder).batch, "1.0")  # as a kill leaves it: the batch is still open
        before = OutgoingFiles(journal, "send:1", desk.topic).known(["run/a.dat"])["run/a.dat"]
        journal.set_topic_identity("send:1", desk.topic, "another cluster", "another id")
        desk.send(folder)
        after = OutgoingFiles(journal, "send:1", desk.topic).known(["run/a.dat"])["run/a.dat"]
    assert (after.sent_version or 0) > (before.sent_version or 0)
    assert desk.last() == {"run/a.dat": FileState.SENT, "run/b.dat": FileState.SENT}


def test_a_send_that_fails_takes_nothing_back_and_leaves_reasons(desk: Desk) -> None:
    old = desk.write("old.dat")
    desk.send(old)
    with pytest.raises(RetryableError):
        desk.send(old, desk.write("new.dat"), broker=KafkaBroker({"bootstrap.servers": "127.0.0.1:1"}), timeout_s=0.5)
    with closing(desk.profile.open_journal()) as journal:
        rows = OutgoingFiles(journal, "send:1", desk.topic).known(["old.dat", "new.dat"])
    assert rows["old.dat"].state is FileState.SENT
    assert rows["old.dat"].sent_sha512 is not None
    assert rows["new.dat"].reason.startswith("not sent: ")


def test_the_journal_knows_files_of_a_relative_folder_by_their_whole_path(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = desk.write("run/a.dat")
    monkeypatch.chdir(file.parent.parent)
    desk.send(Path("run"))
    with closing(desk.profile.open_journal()) as journal:
        row = OutgoingFiles(journal, "send:1", desk.topic).known(["run/a.dat"])["run/a.dat"]
    assert row.local == str(file)


def test_the_same_path_on_another_cluster_is_nobodys_claim(desk: Desk) -> None:
    file = desk.write("a.dat")
    with closing(desk.profile.open_journal()) as journal:
        other = OutgoingFiles(journal, "send:other", desk.topic)
        other.record([Sighting("a.dat", str(file), FileState.SENDING, "", Fingerprint.of(file.stat()))], owner="alive")
        journal.set_topic_identity("send:other", desk.topic, "another cluster", "")
        desk.profile.is_alive = lambda owner: True  # type: ignore[method-assign]
        desk.send(file)
    assert desk.last() == {"a.dat": FileState.SENT}
