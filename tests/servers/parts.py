"""Where the real parts of the test bench lie, and what happens when one is missing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from servers.systems import ON_WINDOWS, Needs

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
"""Filled by tools/setup; nothing in it is committed."""

MISSING = " is missing: "
"""In the reason of every test that is left out because a part is missing."""


def is_ci() -> bool:
    """True where a missing part must be a failure."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def require(name: str, reason: str, *, found: bool | None = None) -> None:
    """Go on only if a part is there: otherwise skip the test, or fail it where CI=true.

    found: whether it is there; without it, ``name`` is looked up as a program on the PATH.
    reason: what is lost and how to get it, one sentence.
    """
    if shutil.which(name) is not None if found is None else found:
        return
    if ON_WINDOWS:
        pytest.skip(Needs.OTHER_SERVERS)
    if is_ci():
        pytest.fail(f"{name}{MISSING}{reason}", pytrace=False)
    pytest.skip(f"{name}{MISSING}{reason}")


def eventually(check: Callable[[], bool], *, timeout_s: float, what: str, every_s: float = 0.05) -> None:
    """Look again and again until ``check`` is true; AssertionError naming ``what`` after the time limit."""
    end = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < end, f"{what}: still not after {timeout_s:.0f} s"
        time.sleep(every_s)
