"""Seconds since 1970 as dates, for people: the same on every system, and for absurd moments the nearest date there is.

Windows' own conversions refuse moments before 1970 and after 3000, and its clock may well say such a thing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -62_135_596_800  # the beginning of the year 1
_LAST = 253_402_300_799  # the end of the year 9999


def utc(seconds: float) -> datetime:
    """The moment in UTC."""
    return _EPOCH + timedelta(seconds=min(max(seconds, _FIRST), _LAST))


def local(seconds: float) -> datetime:
    """The moment in this computer's time zone; in UTC if the system cannot convert it."""
    moment = utc(seconds)
    try:
        return moment.astimezone()
    except (OSError, OverflowError, ValueError):
        return moment
