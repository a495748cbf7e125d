"""What was delivered is found by topic path, by local name as disks compare it, and by what a person types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.published import Intent, Publication, Published, find_target, store_target

ORDER = Order(version=2**62, stream="cluster/topic", partition=3, offset=41, timestamp_ms=1795255200123, mtime=0.1)
ROW = Publication(
    topic="xrd",
    path="run/a.xy",
    installation="a" * 32,
    local="run/a.xy",
    is_ours=True,
    sha512=bytes(64),
    looked=Fingerprint(5, 6, 7, "8:9"),
    order=ORDER,
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


@pytest.fixture
def published(journal: Journal) -> Published:
    return Published(journal, store_target(journal, Path("/target"), marker="m", file_id="1:2").id)


def test_delivery_comes_back_as_it_was(published: Published) -> None:
    unknown = replace(ROW, path="b", order=Order(), is_ours=False)
    published.record([ROW, unknown])
    assert published.of(*ROW.key) == ROW
    assert published.of(*unknown.key) == unknown


def test_next_version_takes_the_row(published: Published) -> None:
    published.record([ROW])
    later = replace(ROW, local="run/a (xrd).xy", sha512=bytes([1] * 64), order=Order(version=7))
    published.record([later])
    assert published.of(*ROW.key) == later
    assert published.at("run/a.xy") == []


def test_each_installation_topic_and_target_has_its_own_row(published: Published, journal: Journal) -> None:
    others = [replace(ROW, installation=""), replace(ROW, topic="nano")]
    published.record([ROW, *others])
    assert published.at("run/a.xy") == [ROW, *others]
    elsewhere = Published(journal, store_target(journal, Path("/other"), marker="n", file_id="1:3").id)
    assert elsewhere.of(*ROW.key) is None
    assert elsewhere.at("run/a.xy") == []


@pytest.mark.parametrize("name", ["Größe.XY", "gro\u0308ße.xy", "GRÖSSE.xy"])
def test_local_names_compare_as_the_widest_disk_does(published: Published, name: str) -> None:
    published.record([replace(ROW, local="größe.xy")])
    assert [row.local for row in published.at(name)] == ["größe.xy"]


def test_intent_stays_until_its_delivery_is_recorded(published: Published) -> None:
    intents = [Intent("xrd", f"{i}.xy", "", "s", f"{i}.xy", "aside", "old", bytes(64), i, ORDER) for i in range(3)]
    published.intend(intents)
    published.record([ROW], done=intents[:2])
    assert published.intents() == intents[2:]
    assert published.of(*ROW.key) == ROW


def test_asking_for_a_file_again_finds_it_by_path_and_by_name(published: Published) -> None:
    published.record([ROW, replace(ROW, path="b", local="beside")])
    assert [row.path for row in published.want_again("BESIDE")] == ["b"]
    assert [row.path for row in published.want_again("run/a.xy")] == ["run/a.xy"]
    assert published.want_again("nothing") == []
    found = published.of(*ROW.key)
    assert found is not None and found.again
    published.record([ROW])
    assert published.of(*ROW.key) == ROW


def test_target_is_remembered_with_what_it_was(journal: Journal) -> None:
    assert find_target(journal, Path("/x")) is None
    first = store_target(journal, Path("/x"), marker="m", file_id="1:2")
    assert find_target(journal, Path("/x")) == first
    again = store_target(journal, Path("/x"), marker="n", file_id="3:4")
    assert (again.id, again.marker, again.file_id) == (first.id, "n", "3:4")


def test_names_that_are_not_unicode_survive(published: Published, journal: Journal) -> None:
    root = Path("/t\udcff\\x")
    target = Published(journal, store_target(journal, root, marker="m", file_id="").id)
    row = replace(ROW, local="a\\b")
    target.record([row])
    assert target.of(*ROW.key) == row
