"""One gate per connection: a refused sign-in is not tried again for 30 s, by none of its clients.

Gates of other processes are heard of by their notes. Accounts get locked after a few wrong passwords; and a wrong one does not become right within seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from openmsi_desktop.streaming.kafka.errors import NoContact, SignInRefused
from openmsi_desktop.streaming.kafka.refusals import Refusals

PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Texts, not the exception: its traceback would keep the refused client alive."""

    title: str
    advice: str
    code: str
    until: float

    def error(self) -> SignInRefused:
        return SignInRefused(self.title, self.advice, code=self.code)


_NOT_YET = ("The broker has not answered yet", "Nothing is lost; it is tried again by itself.")


class SignInGate:
    """Thread-safe. Until a sign-in has succeeded, one client at a time may try it; the others wait for its verdict."""

    def __init__(self, *, monotonic: Callable[[], float], notes: Refusals | None = None) -> None:
        """notes: where processes that share a data folder tell each other; None: there is no other."""
        self._monotonic = monotonic
        self._notes = notes
        self._changed = threading.Condition()  # guards everything below
        self._refusal: _Refusal | None = None
        self._is_proven = False
        self._is_tried = False
        self._no_contact = _NOT_YET
        self.refusals = 0
        """How many sign-ins were refused. Clients made before the last one are of no use. Read without the lock."""

    def enter(self, timeout_s: float) -> bool:
        """Before contact is made: wait for one's turn. True if the caller is the one who tries: it must then call one of
        passed(), refused() and left().

        Raises:
            SignInRefused: it was refused less than 30 s ago.
            NoContact: another client has been trying for timeout_s.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._rest_s() > 0 or self._is_proven or not self._is_tried, timeout_s)
            self._check()
            if self._is_proven:
                return False
            if self._is_tried:
                raise NoContact(*self._no_contact, code="no-contact")
            self._is_tried = True
            return True

    def check(self) -> None:
        """Before a client is made. Raises SignInRefused within 30 s after a refusal."""
        with self._changed:
            self._check()

    @property
    def is_proven(self) -> bool:
        """Whether the last sign-in was accepted."""
        with self._changed:
            return self._is_proven

    @property
    def is_refused(self) -> bool:
        """Whether the last sign-in was refused."""
        with self._changed:
            return self._refusal is not None

    def passed(self) -> None:
        with self._changed:
            self._is_proven, self._is_tried, self._refusal = True, False, None
            self._changed.notify_all()

    def refused(self, error: SignInRefused) -> None:
        with self._changed:
            self._is_proven = self._is_tried = False
            self._refusal = _Refusal(error.title, error.advice, error.code, self._monotonic() + PAUSE_S)
            self.refusals += 1
            self._changed.notify_all()
        if self._notes is not None:
            self._notes.note(error)

    def left(self, error: NoContact | None) -> None:
        """The trial ended without a verdict. error: why, if it is known."""
        with self._changed:
            self._is_tried = False
            self._no_contact = (error.title, error.advice) if error else _NOT_YET
            self._changed.notify_all()

    def last_refusal(self) -> SignInRefused:
        """For a client that finds itself of no use."""
        with self._changed:
            return self._refusal.error() if self._refusal else SignInRefused("The broker refused the sign-in")

    @property
    def pause_s(self) -> float:
        """Seconds until a sign-in may be tried again; 0: it may."""
        with self._changed:
            self._read_notes()
            return max(self._rest_s(), 0)

    def _read_notes(self) -> None:
        """Take over what another process was told."""
        if self._notes is None or self._is_proven or self._rest_s() > 0:
            return
        last = self._notes.last()
        if last is not None and last[1] < PAUSE_S:
            error, age_s = last
            self._refusal = _Refusal(error.title, error.advice, error.code, self._monotonic() + PAUSE_S - age_s)

    def _rest_s(self) -> float:
        return 0 if self._refusal is None else self._refusal.until - self._monotonic()

    def _check(self) -> None:
        self._read_notes()
        if self._refusal is not None and self._rest_s() > 0:
            raise self._refusal.error()
