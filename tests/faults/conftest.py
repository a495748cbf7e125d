"""Fixtures of the fault tests: how often, and where their lines go."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from faults.oracle import Verdict
from faults.report import Line, extent, is_full


@pytest.fixture
def repeats() -> Callable[[int, int], int]:
    """``repeats(short, full) -> int``: few in ``make test``, the stated number in ``make faults``."""
    return lambda short, full: round(extent(short, full))


@pytest.fixture
def seconds() -> Callable[[float, float], float]:
    """``seconds(short, full) -> float``: how long a fault lasts, in the same way."""
    return extent


@pytest.fixture
def chance() -> random.Random:
    """Other numbers each time; what a failure began with is printed."""
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture
def only_on_request() -> None:
    """The test takes too long, or too much of the disk, for every run: only ``make faults`` has it."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for ``make faults`` only."""
    if is_full():
        return
    left_out = [item for item in items if "only_on_request" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def fault(capsys: pytest.CaptureFixture[str]) -> Callable[[Line], None]:
    """Print a line, keep it for docs/reliability.md, and fail if anything was lost, a lie or mixed."""

    def say(line: Line) -> None:
        with capsys.disabled():
            print(f"\n{line}")
        line.keep()
        assert (line.lost, line.lies, line.mixed) == (0, 0, 0), line

    return say


@pytest.fixture
def judged(fault: Callable[[Line], None]) -> Callable[..., None]:
    """``judged(fault, what, repeats, verdict, recovery_s=None, note="")``: the line, and every single thing that is wrong."""

    def say(
        number: str, what: str, repeats: int, verdict: Verdict, *, recovery_s: float | None = None, note: str = ""
    ) -> None:
        line = Line.of(number, what, repeats, verdict, recovery_s=recovery_s, note=note)
        try:
            fault(line)
        finally:
            assert verdict.wrong == [], "\n".join(verdict.wrong[:20])

    return say
