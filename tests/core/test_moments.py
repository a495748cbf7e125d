"""Moments are shown on every system, however absurd the clock or a header may be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openmsi_desktop.core import moments


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "1970-01-01"),
        (-1e9, "1938-04-24"),
        (1795255200.5, "2026-11-21"),
        (4e10, "3237-07-19"),
        (1e30, "9999-12-31"),
        (-1e30, "0001-01-01"),
    ],
)
def test_any_moment_has_a_date(seconds: float, shown: str) -> None:
    assert moments.utc(seconds).date().isoformat() == shown
    assert moments.local(seconds).tzinfo is not None


def test_local_time_is_that_of_this_computer() -> None:
    seconds = datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp()
    assert moments.local(seconds) == datetime.fromtimestamp(seconds, UTC)
    assert moments.local(seconds).replace(tzinfo=None) == datetime.fromtimestamp(seconds)
