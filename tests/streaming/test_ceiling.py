"""A limit that all tasks share: together they are no faster, and it changes while they send."""

from __future__ import annotations

from datetime import datetime

from openmsi_desktop.settings import Limit
from openmsi_desktop.streaming.sending.limiter import BURST_S, Ceiling

RATE = 1_000_000
CHUNK = 50_000


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def send_for(ceiling: Ceiling, clock: Clock, seconds: float, senders: int) -> int:
    """Bytes that so many senders bring through, each as soon as it may."""
    end, sent = clock.now + seconds, 0
    while clock.now < end:
        delays = [ceiling.delay() for _ in range(senders)]
        for _ in range(senders):
            if ceiling.delay() == 0:
                ceiling.spend(CHUNK)
                sent += CHUNK
        clock.now += max(0.001, min(delays) / 2)
    return sent


def test_several_senders_share_it() -> None:
    clock = Clock()
    ceiling = Ceiling(Limit(bytes_per_s=RATE), monotonic=clock)
    sent = send_for(ceiling, clock, 20, senders=5)
    assert 0.9 * 20 * RATE <= sent <= (20 + BURST_S) * RATE + 5 * CHUNK


def test_none_is_none_and_a_change_counts_at_once() -> None:
    clock = Clock()
    ceiling = Ceiling(monotonic=clock)
    ceiling.spend(10 * RATE)
    assert ceiling.delay() == 0
    ceiling.change(Limit(bytes_per_s=RATE))
    sent = send_for(ceiling, clock, 10, senders=2)
    assert 0.9 * 10 * RATE <= sent <= (10 + BURST_S) * RATE + 2 * CHUNK
    ceiling.change(Limit())
    assert ceiling.delay() == 0


def test_its_timetable_counts() -> None:
    clock = Clock()
    at = datetime(2026, 11, 21, 12, 0)  # a Saturday
    weekend = {"from": "00:00", "to": "24:00", "days": ["sat", "sun"], "bytes_per_s": 2 * RATE}
    limit = Limit.model_validate({"bytes_per_s": RATE, "timetable": [weekend]})
    ceiling = Ceiling(limit, monotonic=clock, local_time=lambda: at)
    assert send_for(ceiling, clock, 10, senders=3) > 1.8 * 10 * RATE
