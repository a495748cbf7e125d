"""A refused sign-in is tried once in 30 s, however many tasks use the connection."""

from __future__ import annotations

import threading

import pytest

from openmsi_desktop.streaming.kafka.errors import NoContact, SignInRefused
from openmsi_desktop.streaming.kafka.gate import SignInGate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> SignInGate:
    return SignInGate(monotonic=clock)


WRONG = SignInRefused("User name or password is wrong", "Check it.")


def test_the_first_one_tries_and_after_success_everybody_may(gate: SignInGate) -> None:
    assert gate.enter(0) is True
    gate.passed()
    assert gate.enter(0) is False
    assert gate.enter(0) is False


def test_after_a_refusal_nobody_tries_for_thirty_seconds(gate: SignInGate, clock: Clock) -> None:
    gate.enter(0)
    gate.refused(WRONG)
    clock.now += 29.5
    with pytest.raises(SignInRefused, match="User name or password is wrong. Check it."):
        gate.enter(0)
    with pytest.raises(SignInRefused):
        gate.check()
    clock.now += 0.5
    gate.check()
    assert gate.enter(0) is True


def test_after_the_pause_one_tries_again_not_all(gate: SignInGate, clock: Clock) -> None:
    gate.enter(0)
    gate.refused(WRONG)
    clock.now += 30
    assert gate.enter(0) is True
    with pytest.raises(NoContact):
        gate.enter(0)


def test_a_refusal_later_on_closes_it_again(gate: SignInGate) -> None:
    gate.enter(0)
    gate.passed()
    gate.refused(WRONG)
    with pytest.raises(SignInRefused):
        gate.check()
    assert gate.refusals == 1


def test_who_waits_for_a_trial_learns_its_verdict(gate: SignInGate) -> None:
    gate.enter(0)
    outcomes: list[object] = []

    def other() -> None:
        try:
            outcomes.append(gate.enter(10))
        except SignInRefused as error:
            outcomes.append(error.title)

    threads = [threading.Thread(target=other) for _ in range(3)]
    for thread in threads:
        thread.start()
    gate.refused(WRONG)
    for thread in threads:
        thread.join(5)
    assert outcomes == [WRONG.title] * 3


def test_after_a_trial_without_contact_the_next_one_tries(gate: SignInGate) -> None:
    gate.enter(0)
    gate.left(NoContact("Nothing answers at lab:9092"))
    assert gate.enter(0) is True
    with pytest.raises(NoContact, match="Nothing answers at lab:9092"):
        gate.enter(0)
