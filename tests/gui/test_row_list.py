"""The order of a long list, held against a plain list through random histories."""

from __future__ import annotations

import random
from array import array

import pytest

from openmsi_desktop.gui.window import row_list
from openmsi_desktop.gui.window.row_list import Known, RowList


@pytest.mark.parametrize("seed", range(20))
def test_it_is_a_list(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_list, "_HEAD", 12)  # so that most of it is far below
    monkeypatch.setattr(row_list, "_DEEP_AT_MOST", 3)
    chance = random.Random(seed)
    rows, plain = RowList(Known()), list[int]()
    following = 1
    for _ in range(120):
        what = chance.randrange(5)
        some = list(range(following, following + chance.randrange(1, 6)))
        if what == 0:
            fresh = rows.known.add([*some, *plain[:2]])
            assert fresh == some
            rows.add_above(fresh)
            plain = [*reversed(some), *plain]
            following = some[-1] + 1
        elif what == 1:
            rows.add_below(array("q", rows.known.add(some)))
            plain = [*plain, *reversed(some)]
            following = some[-1] + 1
        elif what == 2 and plain:
            at = chance.randrange(len(plain))
            rows.remove(at)
            assert plain.pop(at) not in rows.known
        elif what == 3 and plain:
            wanted = chance.sample(plain, min(len(plain), chance.randrange(1, 8)))
            head = plain[:12]
            deep = [n for n in wanted if n not in head][:3]
            moving = [n for n in wanted if n in head or n in deep]
            is_there = moving == plain[: len(moving)]
            assert rows.lift([*wanted, 10_000_000]) is not is_there
            plain = [*moving, *(n for n in plain if n not in moving)]
        assert rows.between(0, len(rows)) == plain and len(rows) == len(plain)
        assert all(rows.row(n) == i for i, n in enumerate(plain))
        assert [rows.at(i) for i in range(len(plain))] == plain
        within = (2, 9)
        assert rows.rows_of(set(plain), within=within) == {n: i for i, n in enumerate(plain) if 2 <= i <= 9}


def test_the_same_bytes_across_two_numbers_are_not_found() -> None:
    rows = RowList(Known())
    rows.add_above(rows.known.add([256, 1, 3]))  # 256 written out holds the bytes of 1, shifted by one
    assert rows.row(1) == 1 and rows.row(256) == 2 and rows.row(2) is None
