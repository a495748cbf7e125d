"""Tests of what only Windows does. Elsewhere they are not even collected, but for the one about the tests themselves."""

from __future__ import annotations

import sys
from pathlib import Path

_EVERYWHERE = {"test_page.py"}

collect_ignore = [
    file.name
    for file in Path(__file__).parent.glob("test_*.py")
    if sys.platform != "win32" and file.name not in _EVERYWHERE
]
