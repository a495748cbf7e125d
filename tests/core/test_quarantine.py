"""Rejected messages are kept whole, up to a limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from openmsi_desktop.core.quarantine import Quarantine, Rejected

ONE = Rejected("t", 3, 17, 1_700_000_000_000, b"key", b"\x00value", [("h", b"\xff"), ("none", None)], "not msgpack")


def test_a_message_is_kept_with_everything_it_had(tmp_path: Path) -> None:
    first = Quarantine(tmp_path / "quarantine", "download:1")
    first.keep(ONE)
    first.flush()
    first.close()
    again = Quarantine(tmp_path / "quarantine", "download:1")
    (found,) = again.messages()
    assert found == replace(ONE, headers=[("h", b"\xff"), ("none", None)])
    assert again.totals() == (1, 0)
    again.close()


def test_the_same_message_read_twice_is_kept_once(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, "download:1")
    for _ in range(2):
        quarantine.keep(ONE)
        quarantine.flush()
    assert quarantine.totals() == (1, 0)
    quarantine.close()


def test_beyond_the_limit_messages_are_only_counted(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, "download:1", limit_bytes=1000)
    for offset in range(5):
        quarantine.keep(replace(ONE, offset=offset, value=bytes(40), headers=[]))
    quarantine.keep(replace(ONE, offset=9, value=None, key=None, headers=[], reason=""))
    quarantine.flush()
    assert quarantine.totals() == (2, 4)
    assert [m.offset for m in quarantine.messages()] == [0, 1]
    quarantine.close()


def test_two_tasks_share_the_limit_but_not_the_messages(tmp_path: Path) -> None:
    one, other = (
        Quarantine(tmp_path, "download:1", limit_bytes=500),
        Quarantine(tmp_path, "download:2", limit_bytes=500),
    )
    for quarantine in (one, other):
        quarantine.keep(replace(ONE, value=bytes(60), headers=[]))
        quarantine.flush()
    assert (one.totals(), other.totals()) == ((1, 0), (0, 1))
    one.close()
    other.close()


def test_messages_without_content_reach_the_limit_too(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, "download:1", limit_bytes=100_000)
    for offset in range(2000):
        quarantine.keep(replace(ONE, offset=offset, key=None, value=None, headers=[]))
    quarantine.flush()
    kept, not_kept = quarantine.totals()
    assert 200 < kept < 400 and kept + not_kept == 2000
    assert quarantine.path.stat().st_size < 200_000
    quarantine.close()


def test_a_damaged_quarantine_makes_room_for_a_new_one(tmp_path: Path) -> None:
    first = Quarantine(tmp_path, "download:1")
    first.keep(ONE)
    first.flush()
    first.close()
    (tmp_path / "quarantine.db").write_bytes(b"no database" * 1000)
    again = Quarantine(tmp_path, "download:1")
    again.keep(replace(ONE, offset=18))
    again.flush()
    assert [m.offset for m in again.messages()] == [18]
    assert again.set_aside is not None and again.set_aside.read_bytes().startswith(b"no database")
    again.close()


def test_on_a_nearly_full_disk_messages_are_only_counted(tmp_path: Path) -> None:
    has_room = [False, True]
    quarantine = Quarantine(tmp_path, "download:1", has_room=lambda: has_room.pop(0))
    for offset in (1, 2):
        quarantine.keep(replace(ONE, offset=offset))
        quarantine.flush()
    assert quarantine.totals() == (1, 1)
    quarantine.close()
