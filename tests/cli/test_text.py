"""Numbers and times as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from openmsi_desktop.cli import text
from openmsi_desktop.core import amounts
from openmsi_desktop.core.events import FileState


@pytest.mark.parametrize(
    ("number", "words"),
    [(None, "?"), (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1500, "1.5 kB"), (99_950, "100 kB"), (123_456, "123 kB"),
     (999_499, "999 kB"), (999_500, "1 MB"), (5 * 10**9, "5 GB"), (10**16, "10000 TB")],
)  # fmt: skip
def test_sizes_have_three_digits(number: int | None, words: str) -> None:
    assert amounts.size(number) == words


def test_a_time_of_another_day_has_its_date() -> None:
    now = datetime(2026, 11, 21, 18).timestamp()
    assert text.moment(datetime(2026, 11, 21, 9, 12).timestamp(), now=now) == "09:12:00"
    assert text.moment(datetime(2026, 11, 20, 9, 12).timestamp(), now=now) == "2026-11-20 09:12:00"
    assert text.moment(None, now=now) == "never"
    assert text.moment(1e300, now=now) == "?"


@pytest.mark.parametrize(
    ("counts", "more", "line"),
    [
        ({}, {"sends": True}, "0 files sent, 0 problems"),
        ({FileState.SENT: 1, FileState.CHECKED: 1}, {"sends": True}, "2 files sent, 1 checked, 0 problems"),
        ({}, {"sends": False, "receives": True}, "0 files delivered, 0 problems"),
        ({}, {"sends": True, "receives": True}, "0 files sent, 0 delivered, 0 problems"),
        ({FileState.WAITING: 1, FileState.SENDING: 2}, {"sends": True}, "0 files sent, 3 not sent yet, 0 problems"),
        ({FileState.FOUND: 2, FileState.IGNORED: 1}, {"dry_run": True}, "2 files would be sent, 1 left out by the rules, 0 problems"),
    ],
)  # fmt: skip
def test_the_total_says_what_matters(counts: dict[FileState, int], more: dict[str, Any], line: str) -> None:
    assert text.total(counts, problems=0, quarantined=0, **more) == line
