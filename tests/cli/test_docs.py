"""The pages of the documentation say what the program does."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest
from servers.parts import ROOT

from openmsi_desktop.cli import app


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_reference", ROOT / "tools" / "write_reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_pages_are_current(reference: ModuleType) -> None:
    for path, text in reference.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"run python tools/write_reference.py: {path.name} is stale"


def _options() -> dict[str, set[str]]:
    """Long options of each command."""
    found = {}
    for name in app.commands():
        command = app.load(name)
        found[name] = {o for p in command.params for o in p.opts if o.startswith("--")} - {"--help"}
    return found


def test_every_option_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    known = set().union(*_options().values())
    missing = {o for o in known if not re.search(rf"{o}\b(?!-)", page)} - {"--verbose"}
    assert missing == set()


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [c for c in app.commands() if not re.search(rf"\b{c}\b", page)] == []
