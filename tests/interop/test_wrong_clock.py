"""The clock that tests set wrong: it is wrong, and nothing waits longer or shorter for it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers.clock import WrongClock

WAITS = """
import queue, sys, threading, time
start, wall = time.monotonic(), time.time()
try:
    queue.Queue().get(timeout=0.2)
except queue.Empty:
    pass
threading.Event().wait(0.2)
time.sleep(0.2)
from confluent_kafka import Consumer
reader = Consumer({"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "log_level": 0})
reader.poll(0.3)
print(time.monotonic() - start, wall)
"""


@pytest.mark.parametrize("wrong_by", [0.0, 86_400.0, -86_400.0, 0.5])
def test_the_clock_is_wrong_and_waits_are_right(tmp_path: Path, wrong_by: float) -> None:
    clock = WrongClock(tmp_path)
    clock.set(wrong_by)
    before = time.time()
    ran = subprocess.run(
        [sys.executable, "-c", WAITS], env=clock.env, capture_output=True, text=True, timeout=20, check=True
    )
    lasted, wall = map(float, ran.stdout.split())
    assert lasted >= 0.9  # no longer than the time limit above
    assert before + wrong_by <= wall <= time.time() + wrong_by
