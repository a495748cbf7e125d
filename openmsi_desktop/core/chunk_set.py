"""Which chunks of a file have arrived: a set of chunk numbers that stays small, whatever a message claims."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_PAGE_BITS = 1024
_PAGE = struct.Struct(f"<I{_PAGE_BITS // 8}s")


class ChunkSet:
    """Numbers from 1 on. Memory follows what was added: a page of 1,024 bits for each region that has any."""

    __slots__ = ("_count", "_pages")

    def __init__(self) -> None:
        self._pages: dict[int, int] = {}
        self._count = 0

    def add(self, index: int) -> bool:
        """True if it was not in the set yet."""
        page, bit = divmod(index, _PAGE_BITS)
        old = self._pages.get(page, 0)
        if old >> bit & 1:
            return False
        self._pages[page] = old | 1 << bit
        self._count += 1
        return True

    def __contains__(self, index: int) -> bool:
        page, bit = divmod(index, _PAGE_BITS)
        return bool(self._pages.get(page, 0) >> bit & 1)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        """In ascending order."""
        for page in sorted(self._pages):
            bits = self._pages[page]
            yield from (page * _PAGE_BITS + bit for bit in range(bits.bit_length()) if bits >> bit & 1)

    def lowest(self) -> int:
        """The smallest number, 0 if there is none."""
        return next(iter(self), 0)

    def missing(self, total: int, *, limit: int) -> tuple[int, ...]:
        """The first ``limit`` numbers from 1 to ``total`` that are not in the set."""
        found: list[int] = []
        index = 1
        while index <= total and len(found) < limit:
            page, bit = divmod(index, _PAGE_BITS)
            bits = self._pages.get(page, 0) >> bit
            ones = (~bits & bits + 1).bit_length() - 1  # how many numbers in a row are there
            if ones == 0:
                found.append(index)
            index += max(ones, 1)
        return tuple(found)

    def dump(self) -> bytes:
        """The set as bytes for the journal: compressed pages, each its number and its bits, least significant first."""
        pages = b"".join(_PAGE.pack(n, bits.to_bytes(_PAGE_BITS // 8, "little")) for n, bits in self._pages.items())
        return zlib.compress(pages, 1) if pages else b""

    @classmethod
    def load(cls, blob: bytes | None) -> ChunkSet:
        """The set that :meth:`dump` wrote."""
        made = cls()
        if blob:
            for page, bits in _PAGE.iter_unpack(zlib.decompress(blob)):
                made._pages[page] = int.from_bytes(bits, "little")
                made._count += made._pages[page].bit_count()
        return made
