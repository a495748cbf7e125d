"""What a client complains of is folded into one trouble, and the weightiest complaint is the one that is shown."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from servers.parts import eventually

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.client import Ear, Notebook, within
from openmsi_desktop.streaming.kafka.errors import BrokerBusy, NoContact, SignInRefused, TlsRefused
from openmsi_desktop.streaming.kafka.gate import SignInGate
from openmsi_desktop.streaming.kafka.looks import PortLooks

AT = "127.0.0.1:9093/bootstrap: "
REFUSED = (
    KafkaError._TRANSPORT,
    AT + "Connect to ipv4#127.0.0.1:9093 failed: Connection refused (after 0ms in state X)",
)
DOWN = (KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")
UNTRUSTED = (KafkaError._SSL, "ssl://" + AT + "SSL handshake failed: error:0A000086: certificate verify failed")
WRONG = (KafkaError._AUTHENTICATION, "sasl_ssl://" + AT + "SASL authentication error: Invalid username or password")


class Bench:
    """An ear, a clock to move, and the callbacks that the library would be given."""

    def __init__(self, look: Callable[[str, int], OpenMSIError | None] = lambda host, port: None) -> None:
        self.now = 1000.0
        self.gate = SignInGate(monotonic=self.clock)
        self.looks = PortLooks(look, monotonic=self.clock)
        self.notebook = Notebook("lab", monotonic=self.clock)
        self.ear = self.another_ear()
        self.callbacks: dict[str, Any] = self.ear.make(lambda config: config, {"sasl.password": "geheim"})

    def another_ear(self) -> Ear:
        return Ear("lab", gate=self.gate, looks=self.looks, notebook=self.notebook, monotonic=self.clock)

    def clock(self) -> float:
        return self.now

    def says(self, code: int, text: str, *, fatal: bool = False) -> None:
        self.callbacks["error_cb"](KafkaError(code, text, fatal=fatal))

    def title(self, *, is_waiting: bool = False) -> str | None:
        trouble = self.ear.trouble(is_waiting=is_waiting)
        return trouble.error.title if trouble else None


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_silence_is_no_trouble(bench: Bench) -> None:
    assert bench.ear.trouble(is_waiting=False) is None
    assert bench.ear.trouble(is_waiting=True) is None


def test_repeats_are_counted_and_keep_their_beginning(bench: Bench) -> None:
    for _ in range(5):
        bench.says(*REFUSED)
        bench.says(*DOWN)
        bench.now += 1
    trouble = bench.ear.trouble(is_waiting=False)
    assert trouble is not None
    assert isinstance(trouble.error, NoContact)
    assert trouble.error.title == "Nothing answers at 127.0.0.1:9093"
    assert (trouble.since, trouble.count) == (1000.0, 10)


def test_the_true_cause_displaces_the_vague_one_and_stays(bench: Bench) -> None:
    bench.says(*DOWN)
    assert bench.title() == "No contact to the broker"
    bench.says(*REFUSED)
    bench.says(*DOWN)
    assert bench.title() == "Nothing answers at 127.0.0.1:9093"


def test_success_ends_the_trouble(bench: Bench) -> None:
    bench.says(*REFUSED)
    bench.ear.all_is_well()
    assert bench.title() is None
    assert bench.title(is_waiting=True) is None


def test_an_old_complaint_counts_only_while_something_waits(bench: Bench) -> None:
    bench.says(*REFUSED)
    bench.now += 31
    assert bench.title(is_waiting=False) is None
    assert bench.title(is_waiting=True) is not None


def test_a_new_complaint_after_a_long_silence_begins_anew(bench: Bench) -> None:
    bench.says(*UNTRUSTED)
    bench.now += 60
    bench.says(*REFUSED)
    trouble = bench.ear.trouble(is_waiting=True)
    assert trouble is not None
    assert (trouble.error.title, trouble.since, trouble.count) == ("Nothing answers at 127.0.0.1:9093", 1060.0, 1)


def test_when_nothing_is_confirmed_for_long_that_is_said(bench: Bench) -> None:
    assert bench.title(is_waiting=True) is None
    bench.now += 31
    trouble = bench.ear.trouble(is_waiting=True)
    assert trouble is not None
    assert isinstance(trouble.error, BrokerBusy)
    assert trouble.since == 1000.0
    bench.ear.all_is_well()
    assert bench.title(is_waiting=True) is None


def test_a_refused_sign_in_is_raised_at_once_and_closes_the_gate(bench: Bench) -> None:
    with pytest.raises(SignInRefused, match="User name or password is wrong"):
        bench.says(*WRONG)
    assert bench.ear.is_refused
    with pytest.raises(SignInRefused):
        bench.ear.check()
    with pytest.raises(SignInRefused):
        bench.gate.check()


def test_a_refusal_of_one_client_reaches_the_others_but_not_later_ones(bench: Bench) -> None:
    other = bench.another_ear()
    with pytest.raises(SignInRefused):
        bench.says(*WRONG)
    with pytest.raises(SignInRefused, match="User name or password is wrong"):
        other.check()
    later = bench.another_ear()
    later.check()


def test_a_fatal_error_is_raised(bench: Bench) -> None:
    with pytest.raises(KafkaException):
        bench.says(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "Broker: Out of order sequence number", fatal=True)


def test_a_client_that_is_being_closed_is_not_listened_to(bench: Bench) -> None:
    bench.ear.deafen()
    bench.says(*WRONG)
    bench.says(*REFUSED)
    assert bench.title() is None
    bench.gate.check()


def test_the_log_is_listened_to(bench: Bench) -> None:
    bench.callbacks["logger"].info("FAIL [x] [thrd:y]: " + AT + "Connection setup timed out in state CONNECT")
    assert bench.title() == "127.0.0.1:9093 does not answer"


def test_a_look_at_the_port_makes_the_cause_precise() -> None:
    bench = Bench(lambda host, port: TlsRefused(f"The certificate of {host}:{port} has expired"))
    bench.says(*UNTRUSTED)
    assert bench.title() in {
        "The certificate of 127.0.0.1:9093 cannot be trusted",
        "The certificate of 127.0.0.1:9093 has expired",
    }
    eventually(lambda: not bench.looks.is_looking("127.0.0.1:9093"), timeout_s=5, what="the look is over")
    assert bench.title() == "The certificate of 127.0.0.1:9093 has expired"


def test_no_secret_gets_into_log_or_error(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench.says(KafkaError._TRANSPORT, AT + "Connect to geheim failed: geheim")
    bench.callbacks["logger"].info("FAIL [x] [thrd:y]: " + AT + "Connect to geheim failed")
    trouble = bench.ear.trouble(is_waiting=True)
    assert trouble is not None
    assert "geheim" not in str(trouble.error) + caplog.text
    assert "***" in str(trouble.error)


def test_a_flapping_link_fills_no_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(15):
        for ear in (bench.ear, bench.another_ear()):
            ear.make(lambda config: bench.callbacks.update(config), {})
            bench.says(*REFUSED)
            bench.says(KafkaError._TRANSPORT, AT + "Disconnected: connection closed by peer")
        bench.now += 4
    assert len(caplog.records) == 2


def test_one_fault_fills_no_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(100):
        bench.says(*REFUSED)
        bench.says(*DOWN)
        bench.now += 0.1
    assert len(caplog.records) == 1


def test_a_call_that_never_returns_is_left_behind() -> None:
    release = threading.Event()
    with pytest.raises(NoContact, match="does not answer"):
        within(0.05, lambda: release.wait(20), doing="commit")
    release.set()
    assert within(5, lambda: 7, doing="commit") == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0, doing="commit")
