"""Where icons, colours, the style sheet and translations lie: in the wheel, in a checkout, and in the frozen program."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def _root() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    places = [_PACKAGE / "resources", _PACKAGE.parent / "resources"]
    if frozen is not None:
        places.insert(0, Path(frozen) / "openmsi_desktop" / "resources")
    return next(p for p in places if (p / "tokens.json").exists())


def resource(name: str) -> Path:
    """The file of that name, for example ``icons/state/sent.svg``. It need not exist."""
    return _root() / name
