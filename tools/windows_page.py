"""What tools write into docs/windows.md: which tests are left out on Windows, and why, as the tests themselves say it;
and the figures of the last whole run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "windows.md"
_BEGIN, _END = "<!-- written by tools/write_reference.py -->\n\n", "\n<!-- until here -->\n"
_RUN = re.compile(r"^The last whole run: .*$", re.MULTILINE)
_USE = re.compile(r"\bNeeds\.([A-Z_]+)")
_FOLDERS = ("core", "cli", "streaming", "servers")


def page() -> str:
    """What docs/windows.md should hold: the table is made anew, the rest is kept."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    lines = ["| Left out, because a test … | in |", "|---|---|"]
    for name, reason in _reasons().items():
        files = ", ".join(f"`{file}`" for file in _files_with(name))
        lines.append(f"| {reason} | {files} |")
    return before + _BEGIN + "\n".join(lines) + "\n" + _END + after


def note_run(figures: str) -> None:
    """Write what came of a whole run."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_RUN.sub(lambda _: f"The last whole run: {figures}", text), encoding="utf-8")


def _reasons() -> dict[str, str]:
    """Name and text of each member of ``Needs`` in tests/servers/systems.py, read without importing it."""
    tree = ast.parse((ROOT / "tests" / "servers" / "systems.py").read_text(encoding="utf-8"))
    (kind,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Needs")
    found = {}
    for node in kind.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = str(ast.literal_eval(node.value))
    return found


def _files_with(name: str) -> list[str]:
    """Test modules that leave something out for that reason."""
    files = (file for folder in _FOLDERS for file in (ROOT / "tests" / folder).glob("*.py"))
    return sorted(
        file.relative_to(ROOT / "tests").as_posix()
        for file in files
        if file.name != "systems.py" and name in _USE.findall(file.read_text(encoding="utf-8"))
    )
