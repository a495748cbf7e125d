"""What producer, consumer and topic look-up have in common: how a client is made, and who hears what it complains of."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.streaming.kafka.causes import Finding, Weight, closing_of, listen_to_log, understand
from openmsi_desktop.streaming.kafka.config import Value, secrets_of
from openmsi_desktop.streaming.kafka.errors import BrokerBusy, NoContact, SignInRefused
from openmsi_desktop.streaming.kafka.gate import SignInGate
from openmsi_desktop.streaming.kafka.looks import PortLooks
from openmsi_desktop.streaming.kafka.types import Trouble

_FORGET_AFTER_S = 30.0
_REPEAT_LOG_S = 60.0
STALLED_S = 30.0
_STALLED = (
    "The broker confirms nothing",
    "It may be overloaded, lack the copies it needs, or the network is very slow. Nothing is lost; it goes on by itself.",
)

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Notebook:
    """What the clients of a connection complain of, for the log: each thing at most once a minute. Thread-safe.

    A link that comes and goes has two complaints in turn, and every client has them.
    """

    def __init__(self, name: str, *, monotonic: Callable[[], float]) -> None:
        self._name = name
        self._monotonic = monotonic
        self._guard = threading.Lock()  # protects _written
        self._written: dict[str, float] = {}

    def write(self, title: str) -> None:
        """Log this, unless it was logged within the last minute."""
        now = self._monotonic()
        with self._guard:
            self._written = {what: at for what, at in self._written.items() if now - at <= _REPEAT_LOG_S}
            if title in self._written:
                return
            self._written[title] = now
        logger.info("%s: %s", self._name, title)


class Ear:
    """Hears a client's error callback and log, and folds them into one present trouble.

    Belongs to the client's thread: librdkafka hands both over inside poll(). A refused sign-in is raised from there, so
    that the client can be closed before it tries again.
    """

    def __init__(
        self,
        name: str,
        *,
        gate: SignInGate,
        looks: PortLooks,
        notebook: Notebook,
        monotonic: Callable[[], float],
        hears_closings: bool = False,
    ) -> None:
        self._name = name
        self._gate = gate
        self._looks = looks
        self._notebook = notebook
        self._monotonic = monotonic
        self._hears_closings = hears_closings
        self._secrets: tuple[str, ...] = ()
        self._born_after = gate.refusals
        self._finding: Finding | None = None
        self._since = self._last = 0.0
        self._count = 0
        self._is_deaf = False
        self._waiting_since: float | None = None

    def make(self, kind: Callable[[dict[str, Any]], Any], properties: Mapping[str, Value], **callbacks: Any) -> Any:
        """A client of the library that is heard here. callbacks: more of the library's, by their names there.

        Raises:
            SettingsError: the library does not take the properties.
        """
        self._secrets = secrets_of(properties)
        log = logging.Logger("librdkafka")  # noqa: LOG001  of this client alone
        log.addHandler(_Forward(self._hear_log))
        try:
            return kind(dict(properties) | {"error_cb": self._hear, "logger": log, **callbacks})
        except KafkaException as error:
            found = self.explain(error)
            raise SettingsError(found.title, found.advice, code=found.code) from None
        except (ValueError, TypeError) as error:
            text = self._without_secrets(str(error))
            raise SettingsError(
                "The settings of the connection do not work",
                f"Correct its properties. The library says: {text}",
                code="settings",
            ) from None

    @property
    def is_refused(self) -> bool:
        """Whether a sign-in of the connection was refused since this client was made, by whichever client."""
        return self._gate.refusals != self._born_after

    def check(self) -> None:
        """Before the client is used. Raises SignInRefused if it is of no use any more."""
        if self.is_refused:
            raise self._gate.last_refusal()

    def deafen(self) -> None:
        """The client is being closed: nothing it says matters any more."""
        self._is_deaf = True

    def explain(self, error: KafkaException, *, topic: str = "", doing: str = "use") -> OpenMSIError:
        """A library exception as one of ours."""
        cause = error.args[0]
        return understand(cause.code(), self._without_secrets(cause.str()), topic=topic, doing=doing).error

    def heard(self) -> Finding | None:
        """The heaviest of what was heard since the last success."""
        return self._finding

    def trouble(self, *, is_waiting: bool) -> Trouble | None:
        """What keeps the client from working. is_waiting: something is to be done; else old complaints are forgotten."""
        now = self._monotonic()
        if not is_waiting:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        if self._finding is not None and (is_waiting or self._is_recent()):
            error = self._looks.verdict(self._finding.server) if self._finding.worth_a_look else None
            return Trouble(error or self._finding.error, self._since, self._count)
        if self._waiting_since is not None and now - self._waiting_since > STALLED_S:
            return Trouble(BrokerBusy(*_STALLED), self._waiting_since)
        return None

    def all_is_well(self) -> None:
        """Something worked: what was heard before is over."""
        self._finding = self._waiting_since = None

    def _is_recent(self) -> bool:
        return self._monotonic() - self._last <= _FORGET_AFTER_S

    def _hear(self, error: KafkaError) -> None:
        if error.fatal() and not self._is_deaf:
            raise KafkaException(error)
        self._take(understand(error.code(), self._without_secrets(error.str())))

    def _hear_log(self, line: str) -> None:
        if self._is_deaf:
            return
        text = self._without_secrets(line)
        logger.debug("%s: %s", self._name, text)
        finding = listen_to_log(text)
        if finding is None and self._hears_closings:
            finding = closing_of(text)
        if finding is not None:
            self._take(finding)

    def _take(self, finding: Finding) -> None:
        if self._is_deaf:
            return
        now = self._monotonic()
        if self._finding is None or not self._is_recent():
            self._finding, self._since, self._count = finding, now, 0
        elif finding.weight >= self._finding.weight:
            self._finding = finding
        self._last = now
        self._count += 1
        if finding.weight is not Weight.FAINT:
            self._notebook.write(finding.error.title)
        if isinstance(finding.error, SignInRefused):
            self._gate.refused(finding.error)
            raise finding.error

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class _Forward(logging.Handler):
    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__()
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(record.getMessage())


def within(timeout_s: float, call: Callable[[], T], *, doing: str) -> T:
    """Call something that cannot be given a time limit, on a thread of its own.

    Raises:
        NoContact: it has not come back within timeout_s. It goes on in the background.
    """
    result: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(call())
        except BaseException as error:  # noqa: BLE001  handed to the caller
            failure.append(error)

    thread = threading.Thread(target=run, name=doing, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise NoContact(
            "The broker does not answer", f"It did not answer within {timeout_s:g} s ({doing}).", code="no-contact"
        )
    if failure:
        raise failure[0]
    return result[0]
