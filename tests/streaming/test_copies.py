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
    contents = (b"wanted", b"left behind", b"new", b"long asked for", b"of a removed task")
    for content in contents:
        copy = copies.begin(len(content))
        assert copy is not None
        copy.write(content)
        copy.finish(hashlib.sha512(content).digest())
    half = copies.begin(10)
    assert half is not None
    half._writer.close()  # the system does that for a process that is gone
    ages_h = {b"new": 0, b"long asked for": 2000, b"of a removed task": 2000}
    for file in tmp_path.iterdir():
        then = time.time() - 3600 * ages_h.get(file.read_bytes(), 1)
        os.utime(file, (then, then))
    hashes = {content: hashlib.sha512(content).digest() for content in contents}
    assert copies.find(hashes[b"long asked for"], len(b"long asked for"))
    copies.tidy({hashes[b"wanted"], hashes[b"long asked for"], hashes[b"of a removed task"]})
    assert sorted(f.read_bytes() for f in tmp_path.iterdir()) == [b"long asked for", b"new", b"wanted"]
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
