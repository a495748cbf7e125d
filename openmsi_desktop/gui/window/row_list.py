"""The order of a list with up to millions of rows, as numbers. Knows neither Qt nor files.

Row 0 is the newest. Numbers lie in an array with the newest at its end, where something happens all the time.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Iterable, Sequence

_HEAD = 5_000
_DEEP_AT_MOST = 5
_SLACK = 4_096


class Known:
    """Which numbers (of rows in the journal: small and dense) are in a list, or on their way into it. Any thread."""

    def __init__(self) -> None:
        self._flags = bytearray()
        self._guard = threading.Lock()  # protects _flags: each number is added by one thread only

    def __contains__(self, number: int) -> bool:
        flags = self._flags
        return number < len(flags) and bool(flags[number])

    def add(self, numbers: Sequence[int]) -> list[int]:
        """Those of these numbers that were not in the list; from now on they are."""
        with self._guard:
            flags = self._flags
            most = max(numbers, default=0)
            if most >= len(flags):
                flags.extend(bytes(most + _SLACK - len(flags)))
            fresh = [n for n in numbers if not flags[n]]
            for number in fresh:
                flags[number] = 1
            return fresh

    def discard(self, number: int) -> None:
        """This one is not in the list any more."""
        self._flags[number] = 0


class RowList:
    """Numbers, each of them once. known: what tells which they are."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._numbers: array[int] = array("q")

    def __len__(self) -> int:
        return len(self._numbers)

    def at(self, row: int) -> int:
        """The number in a row."""
        return self._numbers[len(self._numbers) - 1 - row]

    def between(self, first: int, last: int) -> list[int]:
        """The numbers of the rows from ``first`` to ``last``, both included, as far as there are any."""
        count = len(self._numbers)
        first, last = max(0, first), min(count - 1, last)
        return [self._numbers[count - 1 - row] for row in range(first, last + 1)]

    def add_below(self, numbers: array[int]) -> None:
        """More rows at the bottom, the newest of them last. All of them are known already, none is in the list."""
        self._numbers = numbers + self._numbers

    def add_above(self, numbers: Iterable[int]) -> None:
        """More rows on top, the newest of them last. All of them are known already, none is in the list."""
        self._numbers.extend(numbers)

    def remove(self, row: int) -> None:
        """Take a row out."""
        index = len(self._numbers) - 1 - row
        self.known.discard(self._numbers[index])
        del self._numbers[index]

    def lift(self, numbers: Sequence[int]) -> bool:
        """Put these rows on top, the first of them uppermost. Of those far below only a few at a time; False if none moved."""
        start = max(0, len(self._numbers) - _HEAD)
        head = self._numbers[start:]
        there = set(head)
        deep = {n: at for n in self._deep(numbers, there) if (at := self._find(n)) is not None}
        moving = [n for n in numbers if n in there or n in deep]
        if moving == self.between(0, len(moving) - 1):
            return False
        for index in sorted(deep.values(), reverse=True):
            del self._numbers[index]
        chosen = set(moving)
        self._numbers[start - len(deep) :] = array("q", [n for n in head if n not in chosen])
        self._numbers.extend(reversed(moving))
        return True

    def rows_of(self, numbers: Collection[int], *, within: tuple[int, int]) -> dict[int, int]:
        """Number -> row, of those that are between two rows."""
        first = max(0, within[0])
        return {n: first + i for i, n in enumerate(self.between(*within)) if n in numbers}

    def row(self, number: int) -> int | None:
        """The row of a number, wherever it is; None: it is in none. Takes milliseconds in a long list."""
        index = self._find(number) if number in self.known else None
        return None if index is None else len(self._numbers) - 1 - index

    def _deep(self, numbers: Sequence[int], there: set[int]) -> list[int]:
        return [n for n in numbers if n not in there and n in self.known][:_DEEP_AT_MOST]

    def _find(self, number: int) -> int | None:
        """Its index; near the end first."""
        for index in range(len(self._numbers) - 1, max(-1, len(self._numbers) - 1 - _HEAD), -1):
            if self._numbers[index] == number:
                return index
        wanted, numbers = array("q", [number]).tobytes(), self._numbers.tobytes()
        at = numbers.find(wanted)
        while at % 8 and at >= 0:  # the same bytes may lie across two numbers
            at = numbers.find(wanted, at + 1)
        return None if at < 0 else at // 8
