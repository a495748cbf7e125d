"""Tests that depend on the system say so in one way, so that docs/windows.md can list them."""

from __future__ import annotations

import re

from servers.parts import ROOT


def test_no_test_names_another_reason() -> None:
    """Whatever depends on Windows says so in the words of servers/systems.py."""
    marks = re.compile(r"""skip\w*\([^\n]*(?:os\.name|"win32"|"nt")""")
    for file in sorted((ROOT / "tests").rglob("*.py")):
        if file.name not in ("systems.py", "test_page.py"):
            assert not marks.search(file.read_text(encoding="utf-8")), file
