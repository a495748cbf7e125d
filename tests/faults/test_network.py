"""The network fails, flaps, and is slow (F7, F13, F14): nothing is lost, and work goes on soon after it is back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.oracle import judge, read_topic
from faults.report import is_full
from faults.traffic import Instrument, Traffic, log_lines
from servers.kafka import HOST, Kafka
from servers.names import Names
from servers.program import Program
from servers.proxy import Network, Toxiproxy

RECOVERY_MOST_S = 30.0
FOUND_AGAIN_MOST_S = 60.0


@pytest.fixture
def traffic(kafka: Kafka, network: Network, program: Program, tmp_path: Path) -> Traffic:
    return Traffic(kafka, program, tmp_path)


@pytest.mark.parametrize("how", ["refused", "swallowed"])
def test_a_cut_network_costs_time_only(
    how: str,
    traffic: Traffic,
    network: Network,
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    traffic.start()
    cut_s = seconds(4, 600)
    if how == "refused":
        network.refuse()
    else:
        network.swallow()
    time.sleep(cut_s)  # the fault itself
    network.restore()
    recovery, verdict = traffic.recover()
    judged("F7", f"connections {how}", 1, verdict, recovery_s=recovery, note=f"for {cut_s:.0f} s")
    assert recovery <= RECOVERY_MOST_S


def test_answers_that_are_lost_cost_repetitions_only(
    traffic: Traffic, network: Network, seconds: Callable[[float, float], float], judged: Callable[..., None]
) -> None:
    """The broker takes the messages, and nobody hears of it for longer than the library keeps trying."""
    traffic.reads = False
    traffic.start("--kafka", "message.timeout.ms=2000")
    lost_s = seconds(4, 60)
    network.swallow_answers()
    time.sleep(lost_s)  # the fault itself
    network.restore()
    recovery, verdict = traffic.recover()
    judged("F7", "answers are lost", 1, verdict, recovery_s=recovery, note=f"for {lost_s:.0f} s")
    assert verdict.resent_at_all > 0
    assert recovery <= RECOVERY_MOST_S
    assert traffic.problems() == []


def test_a_flapping_link_carries_its_share_and_does_not_fill_the_log(
    kafka: Kafka,
    network: Network,
    program: Program,
    tmp_path: Path,
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    """2 s on, 2 s off, and a link of 2 MB/s."""
    link, lasts_s = 2_000_000, seconds(12, 1800)
    network.slow(link)
    traffic = Traffic(kafka, program, tmp_path, every_s=1.0, size=2_000_000, reads=False)
    traffic.start()
    begun = time.time()
    while time.time() < begun + lasts_s:
        network.refuse()
        time.sleep(2)
        network.restore()
        network.slow(link)
        time.sleep(2)
    ended = time.time()
    network.restore()
    lines = log_lines(traffic.sender)
    parts, verdict = traffic.end(settle_s=60 + lasts_s)  # more was written than the link carries
    new = {(p.path, p.file_hash, p.index): p.size for p in parts if begun <= p.at <= ended}
    share = sum(new.values()) / (link / 2 * (ended - begun))
    judged("F13", "2 s on, 2 s off", round(lasts_s / 4), verdict, note=f"{share:.0%} of half the link")
    assert share >= seconds(0.1, 0.3)  # a few flaps on a busy machine say little
    assert len(lines) <= 1 + (ended - begun) / 10


def test_a_slow_and_distant_broker_gets_what_the_link_carries(
    kafka: Kafka,
    network: Network,
    program: Program,
    tmp_path: Path,
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    """1 Mbit/s with half a second on the way back; in full with chunks that take half a minute each."""
    link, chunk = 125_000, 65_536 if seconds(0, 1) == 0 else 4_194_304
    instrument = Instrument(tmp_path / "run")
    size = round(max(link * seconds(5, 200), 6 * chunk))
    instrument.save("picture.tif", random.Random(14).randbytes(size))
    topic = kafka.create_topic(config={"message.timestamp.type": "LogAppendTime", "max.message.bytes": "6000000"})
    network.slow(link)
    network.delay(0.5)
    command = ("send", instrument.written.root, "--topic", topic, "--bootstrap", kafka.bootstrap("PROXIED"))
    sending = program.run(*command, "--chunk-size", str(chunk), timeout_s=500)
    assert sending.process.returncode == 0, sending.tell()
    parts = read_topic(kafka.client(), topic, instrument.written)
    verdict = judge(instrument.written, parts, said=sending.events, prefix="run/")
    first, last = min(part.at for part in parts), max(part.at for part in parts)
    share = sum(part.size for part in parts if part.at > first) / (last - first) / link
    judged("F14", "1 Mbit/s, 500 ms", 1, verdict, note=f"{share:.0%} of the link")
    assert share >= (0.8 if is_full() else 0.5)  # a few seconds of a busy computer say little about a link
    assert verdict.resent_at_all == 0


def test_a_broker_that_moved_to_another_address_is_found_again(
    kafka: Kafka,
    toxiproxy: Toxiproxy,
    program: Program,
    tmp_path: Path,
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    """First its name is not known at all, then it is that of another address."""
    names = Names(tmp_path, {HOST: "127.0.0.1"})
    doors = kafka.doors("NAMED")
    with Network(toxiproxy, doors) as old, Network(toxiproxy, doors, address="127.0.0.2"):
        traffic = Traffic(kafka, program, tmp_path, listener="NAMED")
        traffic.start(before=names.before)
        names.set({})
        old.refuse()
        gone_s = seconds(4, 300)
        time.sleep(gone_s)  # the fault itself
        names.set({HOST: "127.0.0.2"})
        recovery, verdict = traffic.recover(timeout_s=90)
    judged("F15", "the name is unknown, then of another address", 1, verdict, recovery_s=recovery)
    assert recovery <= FOUND_AGAIN_MOST_S
    assert traffic.problems() == []
