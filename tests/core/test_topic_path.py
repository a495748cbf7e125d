"""Paths on the topic: any safe one passes untouched, nothing else does."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.errors import ChunkError


@pytest.mark.parametrize(
    "path",
    ["a", "run 7/größe µm.xy", "...", "a..b/c", "CON", "trailing.", "what?.txt", "12:30.dat", ".hidden/.x", "n" * 255],
)
def test_what_some_system_allows_passes(path: str) -> None:
    assert topic_path.check(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/etc/passwd",
        "..",
        "a/..",
        "../a",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "C:",
        "c:/x",
        "C:x",
        "a\\b",
        "\\\\host\\x",
    ]
    + ["a\0", "\ud800", ".openmsi-parts/x", "sub/.OpenMSI-Parts", "n" * 256, "ü" * 128, "d/" * 2048 + "x"],
    ids=lambda path: ascii(path)[:30],
)
def test_what_could_leave_the_folder_is_refused(path: str) -> None:
    with pytest.raises(ChunkError) as caught:
        topic_path.check(path)
    assert len(caught.value.title) < 500


@given(st.text(max_size=60))
def test_a_path_that_passes_stays_inside(path: str) -> None:
    try:
        topic_path.check(path)
    except ChunkError:
        return
    parts = PurePosixPath(path).parts
    assert "/".join(parts) == path
    assert ".." not in parts


@pytest.mark.parametrize(
    ("filename", "rebuilt"),
    [("run.tar.gz", "run.tar_s.gz"), ("README", "README_s"), (".profile", ".profile_s"), ("end.", "end._s")],
)
def test_appended_name_goes_before_the_last_suffix(filename: str, rebuilt: str) -> None:
    assert topic_path.with_append(filename, "_s") == rebuilt
    assert topic_path.with_append(filename, "") == filename


def test_folder_and_name_come_apart_and_together() -> None:
    assert topic_path.split("a/b/c.txt") == ("a/b", "c.txt")
    assert topic_path.split("c.txt") == ("", "c.txt")
    assert topic_path.join("a/b", "c.txt") == "a/b/c.txt"
    assert topic_path.join("", "c.txt") == "c.txt"
