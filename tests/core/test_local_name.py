"""Topic paths become local names without two of them ever becoming one, and the way back is unique."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmsi_desktop.core.local_name import MAX_NAME_BYTES, beside, folded, local_name, topic_name

NOON = 1795255200.0

# what tempts an escaping scheme: its own sign, digits, refused characters, devices, ends
TRICKY = st.lists(
    st.sampled_from(
        ["%", "2", "5", "E", "3", "a", "C", "CON", "con", "aux", ".", " ", ":", "<", "\n", "\x1f", "é", "COM¹"]
    ),
    min_size=1,
    max_size=8,
).map("".join)


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("run 1/größe.xy", "run 1/größe.xy"),
        ("10:30/a<b>.xy", "10%3A30/a%3Cb%3E.xy"),
        ("CON", "%43ON"),
        ("con.txt/nul", "%63on.txt/%6Eul"),
        ("COM1.log", "%43OM1.log"),
        ("COM\u00b9", "%43OM\u00b9"),
        ("console.txt", "console.txt"),
        ("LPT10", "LPT10"),
        ("dots...", "dots%2E%2E%2E"),
        ("space ", "space%20"),
        (" space", " space"),
        ("50%", "50%"),
        ("100%25", "100%2525"),
        ("a%3Ab", "a%253Ab"),
        ("line\nbreak", "line%0Abreak"),
        (".hidden", ".hidden"),
    ],
)
def test_names_on_windows(path: str, local: str) -> None:
    assert local_name(path, windows=True) == local
    assert topic_name(local, windows=True) == path


@pytest.mark.parametrize("path", ["10:30/CON", "a%3Ab", "dots...", "line\nbreak"])
def test_names_elsewhere_are_as_they_are(path: str) -> None:
    assert local_name(path, windows=False) == path
    assert topic_name(path, windows=False) == path


@given(TRICKY)
def test_windows_takes_the_name_and_the_way_back_is_unique(path: str) -> None:
    local = local_name(path, windows=True)
    assert topic_name(local, windows=True) == path
    assert not re.search(r'[\x00-\x1f<>:"|?*\\]', local)
    assert local[-1] not in ". "
    assert not re.match(r"(?i)(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])\s*(\.|$)", local)


@given(TRICKY, TRICKY)
def test_two_paths_never_become_one_name(one: str, other: str) -> None:
    if one != other:
        assert local_name(one, windows=True) != local_name(other, windows=True)


@pytest.mark.parametrize(
    ("local", "number", "expected"),
    [
        ("a.xy", 1, "a (xrd 2026-11-21 10-00-00).xy"),
        ("run/a.tar.gz", 1, "run/a.tar (xrd 2026-11-21 10-00-00).gz"),
        ("run.1/notes", 1, "run.1/notes (xrd 2026-11-21 10-00-00)"),
        (".hidden", 1, ".hidden (xrd 2026-11-21 10-00-00)"),
        ("a.xy", 2, "a (xrd 2026-11-21 10-00-00 2).xy"),
    ],
)
def test_name_beside_a_taken_one(local: str, number: int, expected: str) -> None:
    assert beside(local, topic="xrd", moment=NOON, number=number) == expected


def test_absurd_times_still_give_a_name() -> None:
    assert "1970-01-01" in beside("a", topic="t", moment=-5e9)
    assert "9999-12-31" in beside("a", topic="t", moment=1e30)


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=255),
    st.text("abc-_.", min_size=1, max_size=249),
    st.integers(1, 999),
)
def test_name_beside_is_never_too_long(name: str, topic: str, number: int) -> None:
    name = name.encode()[:MAX_NAME_BYTES].decode("utf-8", "ignore") or "a"
    if "." in name[1:]:
        name = name.replace(".", "")[-200:] + ".txt"
    found = beside(name, topic=topic, moment=NOON, number=number)
    assert len(found.encode()) <= MAX_NAME_BYTES
    assert "2026-11-21 10-00-00" in found


def test_names_that_some_disk_takes_for_one() -> None:
    assert folded("Run/Ä.XY") == folded("run/a\u0308.xy") == folded("RUN/ä.xy")
    assert folded("a") != folded("b")
    assert folded("ﬀ") == folded("FF")
