"""What the window says of files that have arrived: in rows, in the account of a file, and among the health of a task."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from openmsi_desktop.core.arrivals import Arrival
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.core.listing import ListedFile
from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.gui import accounts, file_words, health
from openmsi_desktop.streaming.explaining.explanation import Explanation
from openmsi_desktop.streaming.explaining.known import KnownFile

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "Arrived"),
        ("on PC hpc-1", "Arrived on PC hpc-1"),
        ("at bucket lab and on PC hpc-1", "Arrived at bucket lab and on PC hpc-1"),
        ("at bucket a, at processor peaks, on PC b and at 4 more", "Arrived at bucket a, at processor peaks, on PC b and at 4 more"),
        ("at bucket salt and pepper, raw and on PC b", "Arrived at bucket salt and pepper, raw and on PC b"),
        ("on PC \u202egpj.exe", "Arrived on PC \\u202egpj.exe"),
    ],
)  # fmt: skip
def test_a_row_names_the_places(reason: str, words: str) -> None:
    file = ListedFile(1, True, "k", "xrd", "a", "/a", FileState.ARRIVED, reason, 1, NOW, b"", 1, NOW)
    assert file_words.state_of(FileRow(file, at=NOW), now=NOW) == words


def known(**more: object) -> KnownFile:
    plain = KnownFile(
        "XRD", "watch:1", "watch", True, "xrd", "a.xy", "/xrd/a.xy", FileState.SENT, "", NOW, NOW, 1, NOW, b"", 7,
        sent_at=NOW,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def steps(file: KnownFile) -> list[tuple[str, str]]:
    account = accounts.of_known(Explanation("a.xy", Path("/xrd/a.xy"), True, (file,)), file, now=NOW)
    return [(step.name, step.text) for step in account.steps if step.name == "Arrived"]


def test_the_account_says_who_has_it() -> None:
    bucket = Arrival("at bucket lab", "s3://raw/a.xy", NOW, 7, b"", is_current=True)
    before = Arrival("on PC old", "folder received", NOW, 6, b"", is_current=False)
    file = known(state=FileState.ARRIVED, reason="at bucket lab", arrivals=(bucket, before), asks_receipts=True)
    assert steps(file) == [("Arrived", "at bucket lab (s3://raw/a.xy)")]


def test_the_account_says_that_nobody_has_confirmed_it_where_receipts_are_read() -> None:
    assert steps(known(asks_receipts=True)) == [("Arrived", "no receipt so far")]
    assert steps(known()) == []


@pytest.mark.parametrize(
    ("word", "is_ok", "text"),
    [
        ("reading", True, "Receipts are read"),
        ("absent", True, "Nobody writes receipts so far"),
        ("trouble", False, "Receipts cannot be read"),
    ],
)
def test_health_has_a_line_about_receipts(word: str, is_ok: bool, text: str) -> None:
    lines = {
        line.name: line
        for line in health.lines_of(TaskHealth(receipts=word, receipts_note="why"), kind="watch", now=NOW)
    }
    assert (lines["receipts"].ok, lines["receipts"].text) == (is_ok, text)
    assert "receipts" not in {line.name for line in health.lines_of(TaskHealth(), kind="watch", now=NOW)}
