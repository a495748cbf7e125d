"""Amounts of bytes as people read them."""

from __future__ import annotations


def size(count: int | None) -> str:
    """Bytes, as a person reads them: ``512 B``, ``1.5 MB``."""
    if count is None:
        return "?"
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            break
        amount /= 1000
    else:
        unit = "TB"
    return f"{count} B" if unit == "B" else f"{amount:.3g} {unit}" if amount < 99.95 else f"{amount:.0f} {unit}"
