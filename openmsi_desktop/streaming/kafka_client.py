"""What producer, consumer and topic look-up have in common: their callbacks, and what those have said so far."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.broker_errors import SignInRefused
from openmsi_desktop.streaming.kafka_errors import Finding, Weight, listen_to_log, understand
from openmsi_desktop.streaming.kafka_types import Trouble

_FORGET_AFTER_S = 30.0

logger = logging.getLogger(__name__)


class Ear:
    """Hears a client's error callback and log, and folds them into one present trouble.

    Belongs to the client's thread: librdkafka hands both over inside poll().
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        diagnose: Callable[[Finding], OpenMSIError | None] = lambda finding: None,
        refused: Callable[[SignInRefused], None] = lambda error: None,
    ) -> None:
        self._monotonic = monotonic
        self._diagnose = diagnose
        self._refused = refused
        self._finding: Finding | None = None
        self._since = self._last = 0.0
        self._count = 0
        self.fatal: OpenMSIError | None = None

    def callbacks(self) -> dict[str, Any]:
        """What to add to a client's configuration."""
        log = logging.Logger("librdkafka")  # noqa: LOG001  of this client alone
        log.addHandler(_Forward(self._hear_log))
        return {"error_cb": self.hear, "logger": log}

    def hear(self, error: KafkaError) -> None:
        """Called by librdkafka, as error_cb. Raises a refused sign-in, so that the client stops at once."""
        finding = understand(error.code(), error.str())
        if error.fatal():
            self.fatal = finding.error
        self._take(finding)

    def _hear_log(self, line: str) -> None:
        if (finding := listen_to_log(line)) is not None:
            self._take(finding)

    def _take(self, finding: Finding) -> None:
        now, known = self._monotonic(), self.present()
        if known is None or self._finding is None or finding.weight > self._finding.weight:
            self._finding, self._since, self._count = (
                finding,
                known.since if known else now,
                self._count if known else 0,
            )
            logger.debug("%s", finding.error)
        elif finding.weight == self._finding.weight:
            self._finding = finding
        self._last = now
        self._count += 1
        if isinstance(finding.error, SignInRefused):
            self._refused(finding.error)
            raise finding.error

    def present(self) -> Trouble | None:
        """The trouble that was heard of within the last 30 s and is not over."""
        if self._finding is None or self._monotonic() - self._last > _FORGET_AFTER_S:
            return None
        error = self._diagnose(self._finding) if self._finding.worth_a_look else None
        return Trouble(error or self._finding.error, self._since, self._count)

    @property
    def finding(self) -> Finding | None:
        return self._finding

    @property
    def is_certain(self) -> bool:
        """Whether a person has to act, whatever else answers."""
        return self._finding is not None and self._finding.weight is Weight.CERTAIN

    def all_is_well(self) -> None:
        """Something worked: what was heard before is over."""
        self._finding, self._count = None, 0


class _Forward(logging.Handler):
    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__()
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(record.getMessage())


def make(kind: Callable[[dict[str, Any]], Any], properties: Mapping[str, Any], ear: Ear) -> Any:
    """A client of the library.

    Raises:
        SettingsError: the library does not take the properties.
    """
    try:
        return kind(dict(properties) | ear.callbacks())
    except KafkaException as error:
        raise explained(error) from error


def explained(error: KafkaException, *, topic: str = "") -> OpenMSIError:
    """A library exception as one of ours."""
    cause = error.args[0]
    return understand(cause.code(), cause.str(), topic=topic).error
