"""The first signal ends the program in order, the second at once, and neither takes longer than three seconds."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from servers.parts import ROOT
from servers.systems import Needs, not_on_windows

pytestmark = not_on_windows(Needs.SIGNALS)

IN_ORDER = """
from openmsi_desktop.signals import SIGNALS
SIGNALS.install()
stop = SIGNALS.wait_for_stop()
print("ready", flush=True)
stop.wait()
print("in order", flush=True)
raise SystemExit(SIGNALS.status)
"""
STUCK = """
import time
from openmsi_desktop.signals import SIGNALS
SIGNALS.install()
SIGNALS.wait_for_stop()
print("ready", flush=True)
while True:
    time.sleep(0.1)
"""
UNPREPARED = """
from openmsi_desktop.signals import SIGNALS
SIGNALS.install()
print("ready", flush=True)
while True:
    pass
"""


def start(script: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("script", [IN_ORDER, UNPREPARED])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_ends_in_order(script: str, number: signal.Signals, status: int) -> None:
    with start(script) as process:
        process.send_signal(number)
        assert process.wait(10) == status
        assert process.stdout
        assert process.stdout.read() == ("in order\n" if script == IN_ORDER else "")


def test_whatever_the_program_does_it_ends_within_three_seconds() -> None:
    with start(STUCK) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
        assert 1 < time.monotonic() - began < 3.5


def test_a_second_signal_ends_at_once() -> None:
    with start(STUCK) as process:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert time.monotonic() - began < 1
