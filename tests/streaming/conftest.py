"""Fixtures of the tests that read a topic which lives in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from servers.memory_broker import MemoryBroker
from streaming.reading import Reader


@pytest.fixture
def broker() -> MemoryBroker:
    """Its one topic is "t"."""
    made = MemoryBroker()
    made.create("t")
    return made


@pytest.fixture
def reader(tmp_path: Path, broker: MemoryBroker) -> Reader:
    return Reader(tmp_path, broker)
