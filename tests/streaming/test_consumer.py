"""From a topic to files in a folder: positions, restarts, gaps, filters, rejected messages."""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker, MemoryConsumer
from servers.systems import Needs, not_on_windows
from streaming.reading import KEY, Reader, until

from openmsi_desktop.core.chunk import Sender, encode
from openmsi_desktop.core.errors import NeedsYou, RetryableError, SettingsError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.quarantine import Quarantine
from openmsi_desktop.streaming import questions
from openmsi_desktop.streaming.kafka.errors import NoContact, TopicMissing
from openmsi_desktop.streaming.questions import Question
from openmsi_desktop.streaming.receiving import outlook, upkeep

ALICE = "a" * 32
MS = 1_700_000_000_000


# -- the way of a file


def test_files_arrive_with_their_names_contents_and_times(reader: Reader, broker: MemoryBroker) -> None:
    data = content(1050)
    broker.put_chunks("t", chunks_of("sub/ü b.dat", data, mtime=1_234_567_890.5))
    broker.put_chunks("t", chunks_of("empty", b""))
    service = reader.read_all()
    assert reader.files == {"sub/ü b.dat": data, "empty": b""}
    assert (reader.target / "sub/ü b.dat").stat().st_mtime == 1_234_567_890.5
    assert reader.states("sub/ü b.dat") == [FileState.RECEIVING, FileState.RECEIVED, FileState.DELIVERED]
    assert reader.spooled == []
    assert service.left_over() == []
    last = reader.events[-1]
    assert last.local == str(reader.target / last.path)  # type: ignore[attr-defined]


def test_two_topics_are_read_into_one_folder(tmp_path: Path, broker: MemoryBroker) -> None:
    broker.create("u", 3)
    broker.put_chunks("t", chunks_of("a", b"1"))
    broker.put_chunks("u", chunks_of("b", b"2"), partition=2)
    reader = Reader(tmp_path, broker, topics=("t", "u"))
    reader.read_all()
    assert reader.files == {"a": b"1", "b": b"2"}


def test_interleaved_files_arrive_whole(reader: Reader, broker: MemoryBroker) -> None:
    files = {f"f{n}": content(500 + n, n) for n in range(20)}
    for chunks in zip(*(chunks_of(path, data, 100) for path, data in files.items()), strict=False):
        broker.put_chunks("t", chunks)
    for path, data in files.items():
        broker.put_chunks("t", chunks_of(path, data, 100)[5:])
    reader.read_all()
    assert reader.files == files


def test_a_later_version_replaces_the_delivered_one(reader: Reader, broker: MemoryBroker) -> None:
    for number, data in enumerate((b"one", b"two", b"one")):
        broker.put_chunks("t", chunks_of("f", data), sender=Sender(ALICE, 10 + number))
        reader.read_all()
        assert reader.files == {"f": data}


def test_a_reader_that_stops_and_starts_goes_on_in_the_middle_of_a_file(reader: Reader, broker: MemoryBroker) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    broker.put_chunks("t", chunks[:5])
    left = reader.read_all().left_over()
    assert [(event.path, event.state, event.missing) for event in left] == [
        ("f", FileState.INCOMPLETE, (6, 7, 8, 9, 10))
    ]
    broker.put_chunks("t", chunks[5:])
    reader.read_all()
    assert reader.files == {"f": data}


def test_what_was_delivered_is_not_delivered_again(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", b"abc"))
    reader.read_all()
    (reader.target / "f").unlink()
    reader.read_all()
    assert reader.files == {}


def test_a_delivered_file_is_written_again_on_demand(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("d/f", content(500)))
    broker.put_chunks("t", chunks_of("g", b"other"))
    reader.read_all()
    for file in ("d/f", "g"):
        (reader.target / file).unlink()
    reader.read_all(again=["d/f"])
    assert reader.files == {"d/f": content(500)}


def test_again_of_an_unknown_file_is_a_problem(reader: Reader, broker: MemoryBroker) -> None:
    reader.read_all(again=["nothing"])
    assert reader.problem_titles == ["nothing cannot be written again"]


def test_files_that_are_not_wanted_leave_no_trace(tmp_path: Path, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("a.xy", b"1"))
    broker.put_chunks("t", chunks_of("b.log", content(1000))[:3])
    broker.put_chunks("t", chunks_of("old/c.xy", b"3"))
    reader = Reader(tmp_path, broker, include=("*.xy",), exclude=("old/",))
    assert reader.read_all().left_over() == []
    assert reader.files == {"a.xy": b"1"}
    assert len(reader.rows()) == 1


def test_a_reader_without_any_place_for_files_is_refused(tmp_path: Path, broker: MemoryBroker) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        Reader(tmp_path, broker, target=None).read_all()


# -- where to begin


def test_only_new_files_from_now_on(tmp_path: Path, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("before", b"1"))
    reader = Reader(tmp_path, broker, from_="now")
    reader.read_all()
    broker.put_chunks("t", chunks_of("after", b"2"))
    reader.read_all()
    assert reader.files == {"after": b"2"}


def test_files_since_a_date(tmp_path: Path, broker: MemoryBroker) -> None:
    day = 86_400_000
    for number in range(4):
        broker.put_chunk("t", chunks_of(f"day{number}", b"x")[0], timestamp_ms=MS + number * day)
    since = datetime.fromtimestamp((MS + 2 * day - 1000) / 1000, UTC)
    reader = Reader(tmp_path, broker, from_=since.isoformat())
    reader.read_all()
    assert set(reader.files) == {"day2", "day3"}
    other = Reader(
        tmp_path / "other",
        broker,
        from_=datetime.fromtimestamp((MS + 2 * day) / 1000, UTC).astimezone().date().isoformat(),
    )
    other.read_all()
    assert "day3" in other.files
    assert "day1" not in other.files


def test_a_file_that_began_before_is_told_once_and_not_left_over(tmp_path: Path, broker: MemoryBroker) -> None:
    chunks = chunks_of("f", content(1000))
    broker.put_chunks("t", chunks[:5], sender=Sender(ALICE, 1))
    reader = Reader(tmp_path, broker, from_="now")
    reader.read_all()
    broker.put_chunks("t", chunks[5:], sender=Sender(ALICE, 1))
    assert reader.read_all().left_over() == []
    reader.read_all()
    (event,) = [e for e in reader.events if getattr(e, "reason", None)]
    assert "began before" in event.reason  # type: ignore[attr-defined]


def test_a_partition_that_appears_later_is_read_from_its_beginning(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PARTITIONS_S", 0.1)
    reader = Reader(tmp_path, broker, from_="now")
    with reader.running():
        until(reader.ready.is_set)
        broker.topics["t"].partitions = 2
        broker.put_chunks("t", chunks_of("f", b"x"), partition=1)
        until(lambda: reader.files == {"f": b"x"})
    broker.topics["t"].partitions = 3
    broker.put_chunks("t", chunks_of("g", b"y"), partition=2)
    reader.read_all()
    assert set(reader.files) == {"f", "g"}


# -- another topic of the same name


def test_a_topic_made_anew_is_a_question(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", b"old"))
    reader.read_all()
    broker.create("t", topic_id="id-2")
    broker.put_chunks("t", chunks_of("g", b"new"))
    for _ in range(2):
        with pytest.raises(Question, match="not the one it was"):
            reader.read_all()
    assert reader.files == {"f": b"old"}
    with reader.journal() as journal:
        assert questions.answer(journal, KEY, "send")
    reader.read_all()
    assert reader.files == {"f": b"old", "g": b"new"}
    reader.read_all()


def test_a_topic_whose_id_becomes_known_is_still_the_same(reader: Reader, broker: MemoryBroker) -> None:
    data = content(400)
    chunks = chunks_of("f", data)
    for topic_id, some in (("", chunks[:1]), ("id-1", chunks[1:2]), ("", chunks[2:3]), ("id-1", chunks[3:])):
        broker.topics["t"].topic_id = topic_id
        broker.put_chunks("t", some, sender=Sender(ALICE, 7))
        reader.read_all()
    assert reader.files == {"f": data}
    assert len(reader.rows()) == 1
    broker.topics["t"].topic_id = "id-2"
    with pytest.raises(Question):
        reader.read_all()


def test_a_topic_made_anew_without_ids_is_noticed_when_it_is_shorter(reader: Reader, broker: MemoryBroker) -> None:
    broker.create("t", topic_id="")
    broker.put_chunks("t", chunks_of("f", content(300)))
    reader.read_all()
    broker.create("t", topic_id="")
    broker.put_chunks("t", chunks_of("f", b"new"))
    with pytest.raises(Question):
        reader.read_all()
    with reader.journal() as journal:
        assert questions.answer(journal, KEY, "send")
    reader.read_all()
    assert reader.files == {"f": b"new"}


def test_another_cluster_is_a_question_too(reader: Reader, broker: MemoryBroker) -> None:
    reader.read_all()
    broker.cluster_id = "cluster-2"
    with pytest.raises(Question):
        reader.read_all()


# -- gaps


def test_messages_removed_before_they_were_read_are_a_problem_with_their_number(
    reader: Reader, broker: MemoryBroker
) -> None:
    broker.put_chunks("t", chunks_of("a", b"1"))
    reader.read_all()
    broker.put_chunks("t", chunks_of("lost", content(500)))
    broker.put_chunks("t", chunks_of("b", b"2"))
    broker.remove_before("t", 0, 6)
    reader.read_all()
    assert reader.files == {"a": b"1", "b": b"2"}
    (problem,) = reader.problems()
    assert problem.title == "5 messages of t were removed before they were read"
    assert "2023" in problem.advice
    reader.read_all()
    assert len(reader.problems()) == 1


def test_a_lost_part_is_read_again_from_the_topic(reader: Reader, broker: MemoryBroker) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    broker.put_chunks("t", chunks_of("other", b"x"))
    broker.put_chunks("t", chunks[:6])
    reader.read_all()
    (name,) = reader.spooled
    (reader.target / ".openmsi-parts" / name).unlink()
    broker.put_chunks("t", chunks[6:])
    reader.read_all()
    assert reader.files == {"f": data, "other": b"x"}
    assert reader.problem_titles == []


def test_a_damaged_part_is_found_out_and_read_again(reader: Reader, broker: MemoryBroker) -> None:
    data = content(1000)
    chunks = chunks_of("f", data)
    broker.put_chunks("t", chunks[:6])
    reader.read_all()
    (name,) = reader.spooled
    with (reader.target / ".openmsi-parts" / name).open("r+b") as file:
        file.write(b"XXXX")
    broker.put_chunks("t", chunks[6:])
    reader.read_all()
    assert reader.files == {"f": data}


def test_a_lost_part_is_not_given_up_while_the_broker_is_silent(
    reader: Reader, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_CARE_S", 0.05)
    data = content(1000)
    chunks = chunks_of("f", data)
    broker.put_chunks("t", chunks[:6])
    reader.read_all()
    (name,) = reader.spooled
    (reader.target / ".openmsi-parts" / name).unlink()
    asked: list[str] = []
    silent = threading.Event()
    read, seek = MemoryConsumer._read, MemoryConsumer.seek

    def seek_into_silence(consumer: MemoryConsumer, topic: str, partition: int, offset: int) -> None:
        silent.set()
        seek(consumer, topic, partition, offset)

    def no_answer(consumer: MemoryConsumer, topic: str, partition: int, timeout_s: float) -> tuple[int, int]:
        asked.append(topic)
        raise NoContact("nobody answers")

    monkeypatch.setattr(MemoryConsumer, "seek", seek_into_silence)
    monkeypatch.setattr(MemoryConsumer, "_read", lambda c, most: [] if silent.is_set() else read(c, most))
    with monkeypatch.context() as while_silent, reader.running():
        while_silent.setattr(MemoryConsumer, "watermarks", no_answer)
        broker.put_chunks("t", chunks[6:])
        until(lambda: len(asked) >= 3)
        monkeypatch.setattr(MemoryConsumer, "seek", seek)
        silent.clear()
        until(lambda: reader.files == {"f": data})
    assert reader.problem_titles == []


def test_chunks_that_exist_no_more_are_given_up_when_the_broker_has_answered(
    reader: Reader, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_CARE_S", 0.05)
    broker.put_chunks("t", chunks_of("f", content(1000)))
    reader.read_all()
    broker.topics["t"].log[0] = [None] * 10  # compacted away, though the offsets exist
    reader.read_all(again=["f"])
    assert reader.problem_titles == ["f cannot be rebuilt"]


def test_a_lost_part_that_retention_removed_too_is_a_problem(reader: Reader, broker: MemoryBroker) -> None:
    chunks = chunks_of("f", content(1000))
    broker.put_chunks("t", chunks[:6])
    reader.read_all()
    (name,) = reader.spooled
    (reader.target / ".openmsi-parts" / name).unlink()
    broker.remove_before("t", 0, 3)
    broker.put_chunks("t", chunks[6:])
    reader.read_all()
    assert reader.files == {}
    assert reader.states("f")[-1] is FileState.PROBLEM
    assert reader.problem_titles == ["f cannot be rebuilt"]
    broker.put_chunks("t", chunks[:6])
    reader.read_all()
    assert set(reader.files) == {"f"}
    assert reader.problems() == []


def test_chunks_that_are_not_the_announced_file_are_a_problem(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", [replace(chunk, file_hash=bytes(64)) for chunk in chunks_of("f", content(300))])
    broker.put_chunks("t", chunks_of("g", b"fine"))
    reader.read_all()
    assert reader.files == {"g": b"fine"}
    assert reader.problem_titles == ["f cannot be rebuilt"]
    assert reader.spooled == []


# -- messages that are no chunks


def test_results_of_processors_among_the_files_are_passed_over(broker: MemoryBroker, reader: Reader) -> None:
    result = (("openmsi-result", b"{}"),)
    broker.put("t", b'{"peaks": 3}', key=b"a.xy", headers=result)
    broker.put_chunks("t", chunks_of("plot.png", b"x"))
    damaged = broker.put("t", b"no chunk", key=b"_plot.png_chunk_1_of_1", headers=result)
    alien = broker.put("t", b'{"peaks": 3}', key=b"a.xy")
    reader.read_all()
    assert reader.files == {"plot.png": b"x"}
    assert [event.offset for event in reader.quarantined] == [damaged, alien]


def test_bad_messages_are_kept_aside_and_the_stream_goes_on(reader: Reader, broker: MemoryBroker) -> None:
    chunk = chunks_of("f", b"abc")[0]
    bad = [
        b"rubbish",
        None,
        encode(replace(chunk, chunk_hash=bytes(64))),
        encode(replace(chunk, subdir="../..")),
        encode(replace(chunk, subdir="/etc")),
        encode(replace(chunk, filename="C:evil")),
        encode(replace(chunk, subdir=".openmsi-parts")),
    ]
    for value in bad:
        broker.put("t", value, key=b"k", headers=(("h", b"v"),))
    broker.put_chunks("t", [chunk])
    reader.read_all()
    reader.read_all()
    assert reader.files == {"f": b"abc"}
    assert [event.offset for event in reader.quarantined] == list(range(7))
    assert all(event.reason for event in reader.quarantined)
    kept = Quarantine(reader.profile.quarantine, KEY)
    found = list(kept.messages())
    kept.close()
    assert [message.value for message in found] == bad
    assert (found[0].key, found[0].headers, found[0].timestamp_ms) == (b"k", [("h", b"v")], MS)
    assert not (reader.target.parent / "f").exists()


# -- troubles


def test_a_stopped_reader_ends_quickly_whatever_it_does(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", content(200_000), 100))
    with reader.running() as service:
        until(reader.ready.is_set)
        assert service.no_contact_for() == 0
    reader.read_all()
    assert set(reader.files) == {"f"}


def test_without_contact_it_ends_for_the_supervisor_to_try_again(reader: Reader, broker: MemoryBroker) -> None:
    broker.fault = NoContact("nobody answers")
    with pytest.raises(NoContact):
        reader.read_all()
    assert reader.service().no_contact_for() >= 0
    broker.fault = None
    del broker.topics["t"]
    with pytest.raises(TopicMissing):
        reader.read_all()


def test_lost_contact_is_told_and_not_idle(
    reader: Reader, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "TELL_AFTER_S", 0.0)
    with reader.running() as service:
        until(lambda: service.idle_for() > 0.1)
        broker.fault = NoContact("nobody answers")
        until(lambda: "waiting nobody answers" in reader.task_states)
        assert service.no_contact_for() > 0
        assert service.idle_for() == 0
        broker.put_chunks("t", chunks_of("f", b"x"))
        broker.fault = None
        until(lambda: reader.files == {"f": b"x"})
        until(lambda: reader.task_states[-1] == "running")


def test_receiving_pauses_while_the_disk_is_nearly_full(tmp_path: Path, broker: MemoryBroker) -> None:
    free = [50]
    reader = Reader(tmp_path, broker, disk=lambda folder: (1000, free[0]), keep_free=100)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: any("nearly full" in state for state in reader.task_states))
        assert reader.files == {}
        assert service.idle_for() == 0
        assert len(reader.problems()) == 1
        free[0] = 500
        until(lambda: reader.files == {"f": b"x"})
        until(lambda: reader.task_states[-1] == "running")
    assert reader.problems() == []


def test_a_reader_that_waits_for_disk_space_is_never_idle(
    tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "_MARKS_S", -1.0)
    monkeypatch.setattr(outlook, "_END_S", 0.0)
    reader = Reader(tmp_path, broker, disk=lambda folder: (1000, 50), keep_free=100)
    broker.put_chunks("t", chunks_of("f", b"x"))
    with reader.running() as service:
        until(lambda: any("nearly full" in state for state in reader.task_states))
        for _ in range(10):
            assert service.idle_for() == 0
            threading.Event().wait(0.05)


@not_on_windows(Needs.POSIX_CALLS)
def test_a_full_disk_leaves_nothing_half_written(
    reader: Reader, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = content(1000)
    broker.put_chunks("t", chunks_of("f", data))
    real, calls = os.pwrite, [0]

    def full(descriptor: int, piece: bytes, offset: int) -> int:
        calls[0] += 1
        if calls[0] == 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, piece, offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(RetryableError, match="full"):
        reader.read_all()
    assert reader.files == {}
    reader.read_all()
    assert reader.files == {"f": data}


def test_a_missing_target_is_not_made_anew(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", b"x"))
    reader.read_all()
    reader.target.rename(reader.target.with_name("unplugged"))
    broker.put_chunks("t", chunks_of("g", b"y"))
    with pytest.raises(NeedsYou):
        reader.read_all()
    assert not reader.target.exists()
    reader.target.with_name("unplugged").rename(reader.target)
    reader.read_all()
    assert reader.files == {"f": b"x", "g": b"y"}


def test_forgotten_parts_of_an_interrupted_run_are_swept(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", content(300))[:2])
    reader.read_all()
    (name,) = reader.spooled
    orphan, strange = name[:8] + "0" * 24, ("f" if name[0] != "f" else "e") * 32
    for extra in (orphan, strange):
        (reader.target / ".openmsi-parts" / extra).write_bytes(b"x")
    reader.read_all()
    assert sorted(reader.spooled) == sorted([name, strange])


def test_parts_that_a_lost_journal_knew_are_swept_and_no_one_elses(reader: Reader, broker: MemoryBroker) -> None:
    """The target may be shared: by another computer, or by another task of this one."""
    broker.create("u")
    chunks = chunks_of("f", content(300))
    for topic in "tu":
        broker.put_chunks(topic, chunks[:2])
    neighbour = Reader(reader.target.parent, broker, topics=("u",), key="download:2")
    elsewhere = Reader(reader.target.parent / "elsewhere", broker, topics=("u",))
    elsewhere.target = reader.target
    for one in (neighbour, elsewhere):
        one.read_all()
    kept = set(reader.spooled)
    assert len(kept) == 2
    reader.read_all()
    (old,) = set(reader.spooled) - kept
    for file in reader.profile.data.glob("journal.db*"):
        file.unlink()
    reader.read_all()
    assert old not in reader.spooled and len(reader.spooled) == 3
    assert kept < set(reader.spooled)


def test_a_person_can_give_up_a_file(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", content(300))[:2])
    with reader.running() as service:
        until(lambda: reader.rows(path="f"))
        service.ask("ignore", "f")
        until(lambda: reader.rows(path="f", state=FileState.IGNORED))
    assert service.left_over() == []
    assert reader.spooled == []


def test_incomplete_files_are_told_after_a_while(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", content(1000))[:9])
    clock = [1_700_000_000.0]
    reader.read_all(now=lambda: clock[0])
    clock[0] += 601
    reader.read_all(now=lambda: clock[0])
    event = reader.events[-1]
    assert (event.state, event.reason, event.missing) == (  # type: ignore[attr-defined]
        FileState.INCOMPLETE,
        "9 of 10 chunks have arrived",
        (10,),
    )


def test_progress_is_told_a_few_times_not_for_every_chunk(reader: Reader, broker: MemoryBroker) -> None:
    broker.put_chunks("t", chunks_of("f", content(50_000), 100))
    reader.read_all()
    receiving = [e for e in reader.events if getattr(e, "state", None) is FileState.RECEIVING]
    assert 1 <= len(receiving) <= 10


def test_many_threads_do_not_stay_behind(reader: Reader, broker: MemoryBroker) -> None:
    before = threading.active_count()
    for _ in range(3):
        reader.read_all()
    until(lambda: threading.active_count() <= before)
