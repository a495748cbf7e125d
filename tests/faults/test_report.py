"""The table of docs/reliability.md: lines replace those of the same case, all others stay."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest
from faults.report import Line, extent
from servers.parts import ROOT


@pytest.fixture
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_reliability", ROOT / "tools" / "write_reliability.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_line_replaces_the_one_of_its_case_and_the_others_stay(writer: ModuleType) -> None:
    page = f"above\n{writer.BEGIN}\n{writer.END}\nbelow\n"
    first = [Line("F10", "a", 3, time="2026-01-02T00:00:00"), Line("F7", "cut", 2, resent_bytes=2_500_000)]
    page = writer.merged(page, [asdict(line) for line in first])
    page = writer.merged(page, [asdict(Line("F10", "a", 1000, lost=1, recovery_s=1.26, time="2026-01-03T00"))])
    assert page.startswith("above\n") and page.endswith("\nbelow\n")
    rows = [line for line in page.splitlines() if line.startswith("| F")]
    assert rows == [
        "| F7 | cut | 2 | 0 | 0 | 0 | 2.5 MB |  |  |  |",
        "| F10 | a | 1,000 | 1 | 0 | 0 | 0.0 MB | 1.3 s |  | 2026-01-03 |",
    ]


def test_the_page_has_a_place_for_the_table(writer: ModuleType) -> None:
    page = writer.PAGE.read_text(encoding="utf-8")
    assert writer.merged(page, []).count(writer.HEAD) == 1


def test_a_line_is_kept_where_the_run_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENMSI_FAULT_LINES", str(tmp_path / "lines"))
    Line("F7", "cut", 2).keep()
    Line("F8", "slow", 1, note="x").keep()
    kept = [json.loads(line) for line in (tmp_path / "lines").read_text().splitlines()]
    assert [(line["fault"], line["what"]) for line in kept] == [("F7", "cut"), ("F8", "slow")]


def test_a_share_of_the_stated_repeats_is_never_less_than_the_short_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENMSI_FAULTS", raising=False)
    monkeypatch.delenv("OPENMSI_FAULT_SHARE", raising=False)
    assert extent(5, 1000) == 5
    monkeypatch.setenv("OPENMSI_FAULTS", "full")
    assert extent(5, 1000) == 1000
    monkeypatch.setenv("OPENMSI_FAULT_SHARE", "0.001")
    assert extent(5, 1000) == 5
