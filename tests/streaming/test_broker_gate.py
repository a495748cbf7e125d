"""A refused sign-in is tried once in 30 s, however many tasks use the connection."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from openmsi_desktop.streaming.kafka.errors import NoContact, SignInRefused
from openmsi_desktop.streaming.kafka.gate import SignInGate
from openmsi_desktop.streaming.kafka.refusals import Refusals


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


# processes that share a data folder


@pytest.fixture
def notes(tmp_path: Path, clock: Clock) -> Refusals:
    return Refusals(tmp_path / "refusals", ACCOUNT, wall_clock=clock)


ACCOUNT = {"bootstrap.servers": "lab:9092", "sasl.username": "inst", "sasl.password": "geheim"}


def test_what_one_process_was_refused_another_does_not_try(notes: Refusals, clock: Clock) -> None:
    one, other = SignInGate(monotonic=clock, notes=notes), SignInGate(monotonic=clock, notes=notes)
    one.enter(0)
    one.refused(WRONG)
    clock.now += 12
    assert other.pause_s == 18
    with pytest.raises(SignInRefused, match="User name or password is wrong. Check it."):
        other.enter(0)
    clock.now += 18
    assert other.pause_s == 0
    assert other.enter(0) is True


def test_who_is_let_in_does_not_care_for_others(notes: Refusals, clock: Clock) -> None:
    one, other = SignInGate(monotonic=clock, notes=notes), SignInGate(monotonic=clock, notes=notes)
    one.enter(0)
    one.passed()
    other.enter(0)
    other.refused(WRONG)
    assert one.enter(0) is False


def test_another_account_is_not_held_up(tmp_path: Path, notes: Refusals, clock: Clock) -> None:
    notes.note(WRONG)
    other = Refusals(tmp_path / "refusals", ACCOUNT | {"sasl.username": "other"}, wall_clock=clock)
    assert SignInGate(monotonic=clock, notes=other).enter(0) is True


def test_a_new_password_is_tried_at_once(notes: Refusals, clock: Clock) -> None:
    notes.note(WRONG)
    notes.forget()
    assert SignInGate(monotonic=clock, notes=notes).enter(0) is True


def test_a_note_holds_nothing_of_the_secret(tmp_path: Path, notes: Refusals) -> None:
    notes.note(WRONG)
    (file,) = (tmp_path / "refusals").iterdir()
    assert b"geheim" not in file.read_bytes()
    other = Refusals(tmp_path / "other", ACCOUNT | {"sasl.password": "another"})
    other.note(WRONG)
    assert [f.name for f in (tmp_path / "other").iterdir()] == [file.name], "not even as a digest"


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"at": "x", "title": "", "advice": "", "code": ""}', b"\xff"]
)
def test_a_note_that_cannot_be_read_stops_nobody(tmp_path: Path, notes: Refusals, clock: Clock, content: bytes) -> None:
    notes.note(WRONG)
    (file,) = (tmp_path / "refusals").iterdir()
    file.write_bytes(content)
    assert SignInGate(monotonic=clock, notes=notes).enter(0) is True


def test_a_clock_that_was_set_back_stops_nobody(notes: Refusals, clock: Clock) -> None:
    notes.note(WRONG)
    clock.now -= 5
    assert SignInGate(monotonic=clock, notes=notes).enter(0) is True


def test_where_no_note_can_be_left_only_the_own_process_knows(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("")
    gate = SignInGate(monotonic=clock, notes=Refusals(tmp_path / "file" / "refusals", ACCOUNT))
    gate.enter(0)
    gate.refused(WRONG)
    with pytest.raises(SignInRefused):
        gate.enter(0)
