"""The connection test: one stage after the other, each with a time limit, an event when it is over, and a plain cause.

Runs on the caller's thread, which must not be one that draws windows; a stage that cannot be interrupted goes on on a
thread of its own that is left behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openmsi_desktop.core.advice import of_a_test
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import Emit, Notice, Stage, StageEvent
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connection_test import reach
from openmsi_desktop.streaming.connection_test.found import Found, fix_for, sends_password_in_clear, stage_of
from openmsi_desktop.streaming.connection_test.topics import TopicTest, TopicUse
from openmsi_desktop.streaming.connections import ConnectionBroker
from openmsi_desktop.streaming.kafka.broker import Cluster, KafkaBroker, NoContact, SignInRefused
from openmsi_desktop.streaming.kafka.config import Properties, main_name, servers, signs_in, uses_tls
from openmsi_desktop.streaming.kafka.gate import PAUSE_S
from openmsi_desktop.streaming.kafka.port import View, offered
from openmsi_desktop.streaming.receiving.aside import Errand, Stopped

STAGE_S = 9.5
"""No stage takes longer."""
_ASK = 0.9  # of that: what is asked inside a stage gives its own reason before the stage is given up
_LOOK_S = 0.02
_EXPIRES_SOON_S = 30 * 86_400.0
_PER_TOPIC = (Stage.TOPICS, Stage.WRITE, Stage.READ, Stage.CLOCK)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the test ended. error: the first thing that keeps the connection from working; None if nothing does."""

    stages: tuple[StageEvent, ...]
    error: OpenMSIError | None
    was_stopped: bool = False

    @property
    def warnings(self) -> tuple[Notice, ...]:
        return tuple(notice for stage in self.stages for notice in stage.warnings)


class _TooLong(Exception):
    pass


class ConnectionTest:
    """Tests one connection. To be run once."""

    def __init__(
        self,
        connection: Connection,
        broker: ConnectionBroker,
        *,
        uses: Sequence[TopicUse] = (),
        emit: Emit,
        limit_s: float = 60.0,
        stage_s: float = STAGE_S,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """broker: the one that streams over this connection too, if there is one: refused sign-ins count together.

        uses: the topics to test, and what for. limit_s: for all stages together; stage_s: for each.
        """
        self._broker = broker
        self._uses = tuple(uses)
        self._emit = emit
        self._now = now
        self._monotonic = monotonic
        self._end = monotonic() + limit_s
        self._stage_s = stage_s
        self._ask_s = _ASK * stage_s
        self._properties: Properties = {main_name(name): value for name, value in connection.kafka.items()}
        self._name = connection.name
        self._stop = threading.Event()
        self._done: list[StageEvent] = []
        self._error: OpenMSIError | None = None

        self._ready: Errand[KafkaBroker]
        self._kafka: KafkaBroker | None = None
        self._broken: OpenMSIError | None = None
        self._addresses: list[reach.Server] = []
        self._view: View | None = None
        self._cluster: Cluster | None = None
        self._offered: tuple[str, ...] = ()

    def run(self, stop: threading.Event) -> Verdict:
        """Test until the end, or until ``stop``. Every stage gets its event, also one that is not reached."""
        self._stop = stop
        self._ready = Errand(self._make_ready, name="get the secret")
        steps = (
            (Stage.NAME, self._find),
            (Stage.PORT, self._open),
            (Stage.TLS, self._secure),
            (Stage.SIGN_IN, self._enter),
        )
        goes_on = True
        for stage, step in steps:
            goes_on = self._stage(stage, step) if goes_on else self._skip(stage)
        for use in self._uses or (None,):
            self._topic(use, goes_on=goes_on)
        return Verdict(tuple(self._done), self._error, self._stop.is_set())

    def _topic(self, use: TopicUse | None, *, goes_on: bool) -> None:
        if not goes_on or self._kafka is None or self._cluster is None:
            for stage in _PER_TOPIC:
                self._skip(stage, use)
            return
        test = TopicTest(self._kafka, self._cluster, use, reached=self._addresses, limit_s=self._ask_s, now=self._now)
        is_there = self._stage(Stage.TOPICS, test.see, use)
        for stage, step in ((Stage.WRITE, test.write), (Stage.READ, test.read), (Stage.CLOCK, test.clock)):
            if is_there:
                self._stage(stage, step, use)
            else:
                self._skip(stage, use)

    def _stage(self, stage: Stage, step: Callable[[], Found], use: TopicUse | None = None) -> bool:
        """Take a step and tell of it; whether the next one may be taken."""
        begun = self._monotonic()
        limit_s = min(self._stage_s, self._end - begun)
        if self._stop.is_set() or limit_s <= 0:
            return self._skip(stage, use)
        try:
            found = self._within(limit_s, step, name=f"test: {stage.value}")
        except Stopped:
            return self._skip(stage, use)
        except _TooLong:
            error: OpenMSIError = self._too_long(stage, limit_s)
        except OpenMSIError as caught:
            error = caught
        else:
            self._tell(stage, use, found.ok, begun, found.title, found.advice, code=found.code, warnings=found.warnings)
            return found.ok is not False
        self._error = self._error or error
        fix = getattr(error, "fix", None) or fix_for(error.code, self._properties, offered=self._offered)
        self._tell(stage, use, False, begun, error.title, of_a_test(error.advice), code=error.code, fix=fix)
        return False

    def _within(self, limit_s: float, step: Callable[[], Found], *, name: str) -> Found:
        end = self._monotonic() + limit_s
        errand = Errand(step, name=name)
        while not errand.wait(_LOOK_S):
            if self._stop.is_set():
                raise Stopped
            if self._monotonic() > end:
                raise _TooLong
        return errand.result()

    def _too_long(self, stage: Stage, limit_s: float) -> OpenMSIError:
        if stage is Stage.SIGN_IN and self._waits_for_token():
            return _no_token()
        return NoContact(
            f"No answer within {limit_s:.0f} s" if limit_s >= 1 else "No answer in time",
            "The broker may be overloaded, or the network very slow. Check the network, and test again.",
            code="took-too-long",
        )

    def _waits_for_token(self) -> bool:
        mechanism = str(self._properties.get("sasl.mechanism", ""))
        return signs_in(self._properties) and mechanism.upper() == "OAUTHBEARER"

    def _skip(self, stage: Stage, use: TopicUse | None = None) -> bool:
        if self._stop.is_set():
            title, code = "Not reached: the test was stopped", "stopped"
        elif self._monotonic() >= self._end:
            title, code = "Not reached: the time was over", "no-time"
            self._error = self._error or NoContact("The time for the test is over", "Allow more time.", code=code)
        else:
            title, code = "Not reached", "not-reached"
        self._tell(stage, use, None, self._monotonic(), title, "", code=code)
        return False

    def _tell(
        self,
        stage: Stage,
        use: TopicUse | None,
        ok: bool | None,
        begun: float,
        title: str,
        advice: str,
        *,
        code: str,
        warnings: tuple[Notice, ...] = (),
        fix: dict[str, str] | None = None,
    ) -> None:
        event = StageEvent(
            stage=stage,
            ok=ok,
            seconds=round(self._monotonic() - begun, 3),
            title=title,
            advice=advice,
            code=code,
            topic=use.topic if use else None,
            warnings=warnings,
            fix=fix or {},
        )
        self._done.append(event)
        self._emit(event)

    # the stages

    def _find(self) -> Found:
        self._prepare(self._stage_s / 5)
        self._raise_broken(Stage.NAME)
        found = reach.each(servers(self._properties), reach.resolve, limit_s=self._ask_s * 2 / 3)
        good = {server: address for server, address in found.items() if isinstance(address, str)}
        if not good:
            raise next(error for error in found.values() if isinstance(error, OpenMSIError))
        self._addresses = list(good)
        hosts = {host: address for (host, _), address in good.items()}
        words = [host if reach.is_number(host) else f"{host} is {address}" for host, address in hosts.items()]
        return Found(", ".join(words), warnings=_notices(found.values()))

    def _open(self) -> Found:
        found = reach.each(
            self._addresses,
            lambda host, port: reach.see(host, port, self._properties, limit_s=self._ask_s),
            limit_s=self._stage_s,
        )
        seen = {server: view for server, view in found.items() if not isinstance(view, OpenMSIError)}
        if not seen:
            raise next(error for error in found.values() if isinstance(error, OpenMSIError))
        views = [view for view in seen.values() if view is not None]
        fitting = [view for view in views if view.error is None]
        self._view = next(iter(fitting or views), None)
        if self._view is not None and self._view.error is not None and _stage(self._view) is Stage.PORT:
            raise self._view.error
        self._addresses = list(seen)
        ports = sorted({port for _, port in seen})
        title = f"Port {ports[0]} is open" if len(ports) == 1 else f"Ports {', '.join(map(str, ports))} are open"
        return Found(title, warnings=_notices(found.values()))

    def _secure(self) -> Found:
        self._raise_broken(Stage.TLS)
        view = self._view
        if view is not None and view.error is not None and _stage(view) is Stage.TLS:
            raise view.error
        if not uses_tls(self._properties):
            return Found("Not used: the connection is not encrypted", ok=None, code="not-used")
        if view is None or view.tls is None:
            return Found("Could not be looked at", ok=None, code="not-looked-at")
        if view.tls.valid_until is None:
            unchecked = Notice(
                code="certificate-unchecked",
                title="The broker's certificate is not checked",
                advice="Anybody on the way could pretend to be the broker. Take enable.ssl.certificate.verification out.",
            )
            return Found(view.tls.version, warnings=(unchecked,))
        date = f"{view.tls.valid_until.astimezone():%Y-%m-%d}"
        warnings: tuple[Notice, ...] = ()
        if view.tls.valid_until.timestamp() - self._now() < _EXPIRES_SOON_S:
            warnings = (
                Notice(
                    code="certificate-expires-soon",
                    title=f"The broker's certificate is valid only until {date}",
                    advice="After that nothing can be sent. Tell the broker's administrators to renew it.",
                ),
            )
        return Found(f"{view.tls.version}, certificate valid until {date}", warnings=warnings)

    def _enter(self) -> Found:
        self._prepare(self._ask_s)
        self._raise_broken(Stage.SIGN_IN)
        if self._broken is not None:  # learnt too late for its own stage
            raise self._broken
        if self._view is not None and self._view.error is not None:
            self._offered = self._view.mechanisms
            raise self._view.error
        if self._kafka is None:
            raise NeedsYou(
                "The keyring does not answer",
                "Perhaps it shows a window that asks for its password: look for it, unlock the keyring, and try again.",
                code="secret-missing",
            )
        pause_s = self._kafka.pause_s
        try:
            self._cluster = self._kafka.cluster(self._ask_s)
        except NoContact as error:
            if self._waits_for_token():
                raise _no_token() from error
            raise
        except SignInRefused as error:
            if pause_s > 0:
                raise _not_tried_again(error, pause_s) from error
            if error.code == "mechanism-not-offered":
                self._offered = offered(*self._addresses[0], self._properties)
            raise
        warnings: tuple[Notice, ...] = ()
        if sends_password_in_clear(self._properties):
            warnings = (
                Notice(
                    code="password-in-clear",
                    title="The password crosses the network unencrypted",
                    advice="Use security.protocol SASL_SSL, or the mechanism SCRAM-SHA-512, if the broker offers them.",
                ),
            )
        return Found(self._let_in(), warnings=warnings)

    def _let_in(self) -> str:
        if not signs_in(self._properties):
            has_certificate = uses_tls(self._properties) and "ssl.certificate.location" in self._properties
            return "Let in by our certificate" if has_certificate else "Let in, no user name is needed"
        name, mechanism = (str(self._properties.get(key, "")) for key in ("sasl.username", "sasl.mechanism"))
        return f"Signed in as {name} ({mechanism})" if name else f"Signed in ({mechanism})"

    def _prepare(self, patience_s: float) -> None:
        """Fetch the secret, which may have to wait for a person, and see whether the library takes the properties."""
        if self._kafka is not None or self._broken is not None or not self._ready.wait(patience_s):
            return
        try:
            self._kafka = self._ready.result()
            self._properties = dict(self._kafka.properties)
        except OpenMSIError as error:  # told at its stage
            self._broken = error

    def _make_ready(self) -> KafkaBroker:
        kafka = self._broker.kafka()
        kafka.check_properties()
        return kafka

    def _raise_broken(self, stage: Stage) -> None:
        if self._broken is not None and stage_of(self._broken.code) is stage:
            raise self._broken


def _not_tried_again(error: SignInRefused, pause_s: float) -> SignInRefused:
    return SignInRefused(
        error.title,
        f"So the broker said {PAUSE_S - pause_s:.0f} s ago, when files were to be sent or read, or to another test. So that "
        f"the account is not locked, this test did not sign in once more: if it was corrected, test again in {pause_s:.0f} s. "
        f"{error.advice}",
        code=error.code,
    )


def _no_token() -> SignInRefused:
    return SignInRefused(
        "No token came for the sign-in",
        "The broker can be reached, but nobody supplied the token that OAUTHBEARER needs. Check the sasl.oauthbearer "
        "properties of the connection, and whether the identity provider can be reached.",
        code="no-token",
    )


def _stage(view: View) -> Stage:
    return stage_of(view.error.code if view.error else "")


def _notices(found: object) -> tuple[Notice, ...]:
    """Of several addresses those that do not work: the others are enough."""
    errors = [error for error in found if isinstance(error, OpenMSIError)]  # type: ignore[attr-defined]
    return tuple(
        Notice(code=error.code, title=error.title, advice="Another address of the connection works. Correct this one.")
        for error in errors
    )
