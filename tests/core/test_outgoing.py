"""What was found and sent is remembered exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunker import FilePlan
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import NOT_SENT, REPLACED_KEPT, OutgoingFiles, pack_offsets, unpack_offsets


@pytest.fixture
def files(tmp_path: Path) -> Iterator[OutgoingFiles]:
    journal = Journal(tmp_path / "journal.db", now=lambda: 1000.0)
    yield OutgoingFiles(journal, "watch:1", "xrd")
    journal.close()


def planned(folder: Path, data: bytes, name: str = "a.dat") -> FilePlan:
    file = folder / name
    file.write_bytes(data)
    return chunker.plan(file, name, chunk_size=10)


def only(files: OutgoingFiles):  # type: ignore[no-untyped-def]
    return files.known(["a.dat"])["a.dat"]


def test_a_version_is_sent_when_every_chunk_has_an_offset(files: OutgoingFiles, tmp_path: Path) -> None:
    plan = planned(tmp_path, b"x" * 25)
    with files.journal.transaction():
        attempt = files.begin(plan, partition=2, owner="me")
    assert list(attempt.offsets) == [NOT_SENT] * 3
    assert only(files).state is FileState.SENDING
    files.sent([(attempt.id, [7, 8, 9], False)])
    row = only(files)
    assert (row.state, row.sent_sha512, row.sent_fingerprint, row.owner) == (
        FileState.SENT, plan.sha512, plan.fingerprint, "",
    )  # fmt: skip


def test_an_interrupted_attempt_goes_on_with_its_version_and_offsets(files: OutgoingFiles, tmp_path: Path) -> None:
    plan = planned(tmp_path, b"x" * 25)
    first = files.begin(plan, partition=2, owner="me")
    files.progress([(first.id, [5, NOT_SENT, 6])])
    again = files.begin(plan, partition=3, owner="next")
    assert (again.version, again.partition, list(again.offsets)) == (first.version, 2, [5, NOT_SENT, 6])


def test_other_contents_are_a_new_version_even_if_the_clock_stands_still(files: OutgoingFiles, tmp_path: Path) -> None:
    first = files.begin(planned(tmp_path, b"A"), partition=0, owner="me")
    files.sent([(first.id, [1], False)])
    second = files.begin(planned(tmp_path, b"B"), partition=1, owner="me")
    assert second.version == first.version + 1
    files.sent([(second.id, [2], False)])
    third = files.begin(planned(tmp_path, b"A"), partition=1, owner="me")
    assert third.version == second.version + 1
    rows = files.journal.query("SELECT version FROM replaced")
    assert [r[0] for r in rows] == [first.version]


def test_of_a_file_that_is_replaced_again_and_again_the_last_versions_are_remembered(
    files: OutgoingFiles, tmp_path: Path
) -> None:
    versions = []
    for number in range(REPLACED_KEPT + 3):
        attempt = files.begin(planned(tmp_path, b"%d" % number), partition=0, owner="me")
        files.sent([(attempt.id, [number], False)])
        versions.append(attempt.version)
    rows = files.journal.query("SELECT version FROM replaced ORDER BY version")
    assert [r[0] for r in rows] == versions[-REPLACED_KEPT - 1 : -1]


def test_versions_go_up_across_tasks_that_send_the_same_path(files: OutgoingFiles, tmp_path: Path) -> None:
    first = files.begin(planned(tmp_path, b"A"), partition=0, owner="me")
    other = OutgoingFiles(files.journal, "send:2", "xrd")
    assert other.begin(planned(tmp_path, b"B"), partition=0, owner="you").version > first.version


def test_a_path_that_somebody_alive_is_sending_is_claimed(files: OutgoingFiles, tmp_path: Path) -> None:
    files.begin(planned(tmp_path, b"A"), partition=0, owner="me")
    other = OutgoingFiles(files.journal, "send:2", "xrd")
    assert other.claimed_by_others(["a.dat", "b.dat"], "you", lambda owner: owner == "me") == {"a.dat"}
    assert other.claimed_by_others(["a.dat"], "you", lambda owner: False) == set()
    assert files.claimed_by_others(["a.dat"], "me", lambda owner: True) == set()


def test_a_withdrawn_attempt_counts_for_nothing(files: OutgoingFiles, tmp_path: Path) -> None:
    plan = planned(tmp_path, b"x" * 25)
    first = files.begin(plan, partition=2, owner="me")
    files.progress([(first.id, [5, 6, NOT_SENT])])
    files.withdraw([first.id], FileState.WAITING, "it changed")
    again = files.begin(plan, partition=2, owner="me")
    assert list(again.offsets) == [NOT_SENT] * 3
    assert again.version > first.version


def test_checked_belongs_to_the_version_that_was_read_back(files: OutgoingFiles, tmp_path: Path) -> None:
    first = files.begin(planned(tmp_path, b"A"), partition=0, owner="me")
    files.sent([(first.id, [1], False)])
    second = files.begin(planned(tmp_path, b"B"), partition=0, owner="me")
    files.sent([(second.id, [2], False)])
    files.checked([(first.id, first.version)])
    assert only(files).state is FileState.SENT
    files.checked([(second.id, second.version)])
    assert only(files).state is FileState.CHECKED


def test_a_big_plan_is_stored_until_it_is_sent(files: OutgoingFiles, tmp_path: Path) -> None:
    file = tmp_path / "big.dat"
    file.write_bytes(b"0123456789abcdef" * (17 * 65536))
    plan = chunker.plan(file, "big.dat", chunk_size=524288)
    attempt = files.begin(plan, partition=0, owner="me")
    row = files.known(["big.dat"])["big.dat"]
    assert files.stored_plan(row) == plan
    files.sent([(attempt.id, range(plan.total), False)])
    assert files.stored_plan(row) is None


@pytest.mark.parametrize("bit", range(64))
def test_a_changed_bit_never_makes_a_chunk_acknowledged(bit: int) -> None:
    stored = bytearray(pack_offsets([5, NOT_SENT]))
    stored[8 + bit // 8] ^= 1 << bit % 8
    with pytest.raises(NeedsYou, match="damaged"):
        unpack_offsets(bytes(stored))
