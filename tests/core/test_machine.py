"""When the computer was started, and whether it was shut down in order before."""

from __future__ import annotations

import struct
import time

import pytest

from openmsi_desktop.core.machine import Boot, judge_wtmp, this_boot

RUN_LEVEL, BOOT, USER = 1, 2, 7


def record(kind: int, user: bytes, at: int) -> bytes:
    """utmp(5), as Linux on 64 bits writes it."""
    return struct.pack("<hxxi32s4s32s256shhiii16s20s", kind, 0, b"~", b"~~", user, b"6.1.0", 0, 0, 0, at, 0, b"", b"")


START = record(BOOT, b"reboot", 100)
DOWN, UP = record(RUN_LEVEL, b"shutdown", 200), record(BOOT, b"reboot", 210)
LEVEL, LOGIN = record(RUN_LEVEL, b"runlevel", 211), record(USER, b"shutdown", 205)


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ([], None),
        ([START], None),
        ([START, DOWN, UP, LEVEL], True),
        ([START, UP], False),
        ([START, LOGIN, UP], False),
        ([START, DOWN, UP, record(BOOT, b"reboot", 300)], False),
        ([START, UP, record(RUN_LEVEL, b"shutdown", 290), record(BOOT, b"reboot", 300)], False),
        ([START, DOWN, UP, record(RUN_LEVEL, b"shutdown", 290), record(BOOT, b"reboot", 300)], True),
        ([START, DOWN, UP, b"the rest of a record"], True),
    ],
)
def test_before_every_start_there_has_to_be_a_shutdown(records: list[bytes], verdict: bool | None) -> None:
    assert judge_wtmp(b"".join(records), 150.0) is verdict


def test_this_computer_was_started_before_now_and_it_is_always_the_same_start() -> None:
    boot = this_boot()
    assert boot.at < time.time()
    assert boot.is_same(this_boot())


def test_starts_are_told_apart_by_their_names_and_without_names_by_their_times() -> None:
    assert not Boot("one", 100.0).is_same(Boot("two", 100.0))
    assert Boot("one", 100.0).is_same(Boot("one", 99_999.0))  # the clock was set
    assert Boot("", 100.0).is_same(Boot("", 130.0))
    assert not Boot("", 100.0).is_same(Boot("", 1000.0))
