"""Copies of files that change too often: bounded, and gone when nobody needs them."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from openmsi_desktop.core import chunker
from openmsi_desktop.core.errors import FileChanged
from openmsi_desktop.streaming.sending.copies import Copies, remove

DATA = b"x" * 1000
HASH = hashlib.sha512(DATA).digest()


def test_a_copy_is_found_until_it_is_removed(tmp_path: Path) -> None:
    copies = Copies(tmp_path / "copies")
    copy = copies.begin(1000)
    assert copy is not None and copies.find(HASH, 1000) == ""
    copy.write(DATA[:400])
    copy.write(DATA[400:])
    there = copy.finish(HASH)
    assert Path(there).read_bytes() == DATA and copies.find(HASH, 1000) == there
    assert copies.find(HASH, 999) == ""
    remove(there)
    remove(there)
    assert copies.find(HASH, 1000) == ""


def test_all_copies_together_stay_below_the_limit(tmp_path: Path) -> None:
    copies = Copies(tmp_path, limit=2500)
    first, second = copies.begin(1000), copies.begin(1000)
    assert first is not None and second is not None
    assert copies.begin(1000) is None and copies.begin(3000) is None
    first.drop()
    third = copies.begin(1000)
    assert third is not None
    third.drop()
    second.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_means_no_copy(tmp_path: Path) -> None:
    assert Copies(tmp_path, leave_free=2**60).begin(1000) is None
    (tmp_path / "file").touch()
    assert Copies(tmp_path / "file").begin(1000) is None


def test_what_a_killed_process_left_is_removed_when_nobody_wants_it(tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    for content in (b"wanted", b"left behind", b"new"):
        copy = copies.begin(len(content))
        assert copy is not None
        copy.write(content)
        copy.finish(hashlib.sha512(content).digest())
    half = copies.begin(10)
    assert half is not None
    half._writer.close()  # the system does that for a process that is gone
    for file in tmp_path.iterdir():
        if file.read_bytes() != b"new":
            os.utime(file, (time.time() - 3600, time.time() - 3600))
    copies.tidy({hashlib.sha512(b"wanted").digest()})
    assert sorted(f.read_bytes() for f in tmp_path.iterdir()) == [b"new", b"wanted"]
    half.drop()


def test_a_copy_that_cannot_get_its_name_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, target: object) -> None:
        raise PermissionError(13, "Another program reads it")

    copy = Copies(tmp_path, leave_free=0).begin(1000)
    assert copy is not None
    copy.write(DATA)
    monkeypatch.setattr(os, "replace", refuse)
    assert copy.finish(HASH) == ""
    assert list(tmp_path.iterdir()) == []


def test_the_file_itself_is_sent_if_its_copy_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunker, "SMALL", 100)
    file = tmp_path / "a.dat"
    file.write_bytes(DATA)
    plan = replace(chunker.plan(file, "a.dat", chunk_size=300), copy=str(tmp_path / "gone"))
    assert b"".join(chunk.data for chunk in chunker.chunks(plan)) == DATA
    file.write_bytes(DATA[:-1] + b"y")
    with pytest.raises(FileChanged):
        list(chunker.chunks(plan))
