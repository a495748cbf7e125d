"""The tutorials do what they say: their commands and files, on a real Kafka."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from servers.kafka import Kafka
from servers.tutorial import Tutorial


def messages(said: str) -> dict[str, dict[str, Any]]:
    """What listen.py has printed: key -> JSON."""
    lines = [line.partition("_processing_result ") for line in said.splitlines()]
    return {key: json.loads(value) for key, found, value in lines if found}


@pytest.fixture
def topics(kafka: Kafka) -> Any:
    """``topics(name…)`` makes those of a page."""
    return lambda *names: [kafka.create_topic(name, partitions=2) for name in names]


@pytest.fixture
def broker(kafka: Kafka) -> dict[str, str]:
    return {"kafka.example.org:9092": kafka.bootstrap()}


def test_a_shell_script_finds_the_strongest_point(broker: dict[str, str], topics: Any, tmp_path: Path) -> None:
    topics("patterns", "patterns-strongest")
    page = Tutorial("programs", tmp_path / "page", broker)
    page.run()
    streamed = page.outputs[-1]
    results = messages(streamed)
    assert set(results) == {"xrd_si_001.xy_chunk", "xrd_si_002.xy_chunk"}, streamed
    assert all(r["two_theta"] == pytest.approx(28.44, abs=0.05) for r in results.values())
    tables = sorted((page.folder / "tables").rglob("*.csv"))
    assert [t.name for t in tables] == ["si_001-strongest.csv", "si_002-strongest.csv"], streamed
    for table in tables:
        rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
        assert len(rows) == 41 and float(rows[20]["two_theta"]) == pytest.approx(28.44, abs=0.05)
