"""Brokers of a cluster restart, die and freeze (F4, F5, F6): the others take over, and nobody has to do anything."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from faults.traffic import Traffic, longest_pause
from servers.kafka import Kafka
from servers.program import Program

MiB = 1024 * 1024


@pytest.fixture
def traffic(cluster: Kafka, program: Program, tmp_path: Path) -> Traffic:
    """All in one partition, so that no other one goes on while its leader is away."""
    return Traffic(cluster, program, tmp_path, listener="PLAINTEXT", partitions=1)


def test_a_rolling_restart_is_hardly_noticed(
    cluster: Kafka, traffic: Traffic, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    traffic.start()
    restarts = repeats(1, 30)
    for number in range(restarts):
        broker = number % 3 + 1
        cluster.stop(broker)
        cluster.start(broker)
        cluster.wait_until_in_step(traffic.topic)
    parts, verdict = traffic.end()
    pause = longest_pause(parts)
    judged("F4", "rolling restart of three brokers", restarts, verdict, note=f"longest pause {pause:.1f} s")
    assert pause <= 30
    assert traffic.problems() == []


def test_a_leader_that_is_killed_is_replaced(
    cluster: Kafka, traffic: Traffic, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    traffic.start()
    kills = repeats(1, 20)
    for _ in range(kills):
        broker = cluster.leader(traffic.topic)
        cluster.kill(broker)
        traffic.first_sent_after(time.time(), timeout_s=60)
        cluster.start(broker)
        cluster.wait_until_in_step(traffic.topic)
    parts, verdict = traffic.end()
    pause = longest_pause(parts)
    judged("F6", "the leader is killed", kills, verdict, recovery_s=pause)
    assert pause <= 15
    assert traffic.problems() == []


def test_a_leader_that_freezes_is_left(
    cluster: Kafka,
    traffic: Traffic,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
    only_on_request: None,
) -> None:
    traffic.start()
    freezes = repeats(1, 20)
    for _ in range(freezes):
        broker = cluster.leader(traffic.topic)
        cluster.freeze(broker)
        try:
            traffic.first_sent_after(time.time(), timeout_s=90)
        finally:
            cluster.thaw(broker)
        cluster.wait_until_in_step(traffic.topic)
    parts, verdict = traffic.end()
    pause = longest_pause(parts)
    judged("F6", "the leader freezes", freezes, verdict, recovery_s=pause)
    assert pause <= 30
    assert traffic.problems() == []


def test_a_frozen_broker_is_waited_for_without_growing(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    """Frozen for 45 s, running for 15 s, again and again, while more is to be sent than a queue holds."""
    traffic = Traffic(kafka, program, tmp_path, listener="PLAINTEXT", size=MiB, reads=False)
    traffic.start()
    process = psutil.Process(traffic.sender.process.pid)
    frozen_s, running_s = seconds(4, 45), seconds(2, 15)
    rounds = round(seconds(1, 1800 / 60))
    before, most = process.memory_info().rss, 0
    for _ in range(rounds):
        kafka.freeze()
        try:
            time.sleep(frozen_s)
        finally:
            kafka.thaw()
        most = max(most, process.memory_info().rss)
        time.sleep(running_s)
    recovery, verdict = traffic.recover(settle_s=300)
    grown = (most - before) / MiB
    note = f"{frozen_s:.0f} s frozen, {running_s:.0f} s running; {grown:.0f} MiB more memory"
    judged("F5", "the broker freezes", rounds, verdict, recovery_s=recovery, note=note)
    assert grown <= 50
    assert traffic.problems() == []
