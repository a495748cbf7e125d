"""The stages that every connection has: name, port, TLS, sign-in. Each finds something, or raises the cause."""

from __future__ import annotations

from collections.abc import Callable

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import Notice, Stage
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connection_test import reach
from openmsi_desktop.streaming.connection_test.found import Found, secured, sends_password_in_clear, stage_of
from openmsi_desktop.streaming.connections import ConnectionBroker
from openmsi_desktop.streaming.kafka.broker import Cluster, KafkaBroker, NoContact, SignInRefused
from openmsi_desktop.streaming.kafka.config import Properties, main_name, servers, signs_in, uses_tls
from openmsi_desktop.streaming.kafka.gate import PAUSE_S
from openmsi_desktop.streaming.kafka.port import View, offered
from openmsi_desktop.streaming.receiving.aside import Errand

_ASK = 0.9  # of a stage: what is asked inside it gives its own reason before the stage is given up


class Steps:
    """One after the other, in the order of their stages. What was learnt stays here for the later ones."""

    def __init__(
        self, connection: Connection, broker: ConnectionBroker, *, stage_s: float, now: Callable[[], float]
    ) -> None:
        """Begins to fetch the secret, which may have to wait for a person. stage_s: for each stage."""
        self._broker = broker
        self._stage_s = stage_s
        self._now = now
        self.ask_s = _ASK * stage_s
        """Seconds for one question to the broker."""
        self.properties: Properties = {main_name(name): value for name, value in connection.kafka.items()}
        self.kafka: KafkaBroker | None = None
        self.cluster: Cluster | None = None
        self.addresses: list[reach.Server] = []
        """Those that answered."""
        self.offered: tuple[str, ...] = ()
        """Kinds of sign-in that the broker has, where that matters."""
        self._broken: OpenMSIError | None = None
        self._view: View | None = None
        self._ready = Errand(self._make_ready, name="get the secret")

    def find(self) -> Found:
        """Are there computers of these names?"""
        self._prepare(self._stage_s / 5)
        self._raise_broken(Stage.NAME)
        found = reach.each(servers(self.properties), reach.resolve, limit_s=self.ask_s * 2 / 3)
        good = {server: address for server, address in found.items() if isinstance(address, str)}
        if not good:
            raise next(error for error in found.values() if isinstance(error, OpenMSIError))
        self.addresses = list(good)
        hosts = {host: address for (host, _), address in good.items()}
        words = [host if reach.is_number(host) else f"{host} is {address}" for host, address in hosts.items()]
        return Found(", ".join(words), warnings=_notices(found.values()))

    def open(self) -> Found:
        """Does a broker answer at the ports?"""
        found = reach.each(
            self.addresses,
            lambda host, port: reach.see(host, port, self.properties, limit_s=self.ask_s),
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
        self.addresses = list(seen)
        ports = sorted({port for _, port in seen})
        title = f"Port {ports[0]} is open" if len(ports) == 1 else f"Ports {', '.join(map(str, ports))} are open"
        return Found(title, warnings=_notices(found.values()))

    def secure(self) -> Found:
        """Is the connection secured as it should be?"""
        self._raise_broken(Stage.TLS)
        view = self._view
        if view is not None and view.error is not None and _stage(view) is Stage.TLS:
            raise view.error
        if not uses_tls(self.properties):
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
        return secured(
            view.tls.version,
            view.tls.valid_until.timestamp(),
            self._now(),
            whose="The broker's",
            advice="After that nothing can be sent. Tell the broker's administrators to renew it.",
        )

    def enter(self) -> Found:
        """Are we let in?"""
        self._prepare(self.ask_s)
        self._raise_broken(Stage.SIGN_IN)
        if self._broken is not None:  # learnt too late for its own stage
            raise self._broken
        if self._view is not None and self._view.error is not None:
            self.offered = self._view.mechanisms
            raise self._view.error
        if self.kafka is None:
            raise NeedsYou(
                "The keyring does not answer",
                "Perhaps it shows a window that asks for its password: look for it, unlock the keyring, and try again.",
                code="secret-missing",
            )
        pause_s = self.kafka.pause_s
        try:
            self.cluster = self.kafka.cluster(self.ask_s)
        except NoContact as error:
            if self.waits_for_token():
                raise no_token() from error
            raise
        except SignInRefused as error:
            if pause_s > 0:
                raise _not_tried_again(error, pause_s) from error
            if error.code == "mechanism-not-offered":
                self.offered = offered(*self.addresses[0], self.properties)
            raise
        warnings: tuple[Notice, ...] = ()
        if sends_password_in_clear(self.properties):
            warnings = (
                Notice(
                    code="password-in-clear",
                    title="The password crosses the network unencrypted",
                    advice="Use security.protocol SASL_SSL, or the mechanism SCRAM-SHA-512, if the broker offers them.",
                ),
            )
        return Found(self._let_in(), warnings=warnings)

    def _let_in(self) -> str:
        if not signs_in(self.properties):
            has_certificate = uses_tls(self.properties) and "ssl.certificate.location" in self.properties
            return "Let in by our certificate" if has_certificate else "Let in, no user name is needed"
        name, mechanism = (str(self.properties.get(key, "")) for key in ("sasl.username", "sasl.mechanism"))
        return f"Signed in as {name} ({mechanism})" if name else f"Signed in ({mechanism})"

    def waits_for_token(self) -> bool:
        """Whether somebody else has to supply a token for the sign-in."""
        mechanism = str(self.properties.get("sasl.mechanism", ""))
        return signs_in(self.properties) and mechanism.upper() == "OAUTHBEARER"

    def _prepare(self, patience_s: float) -> None:
        """Fetch the secret, which may have to wait for a person, and see whether the library takes the properties."""
        if self.kafka is not None or self._broken is not None or not self._ready.wait(patience_s):
            return
        try:
            self.kafka = self._ready.result()
            self.properties = dict(self.kafka.properties)
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


def no_token() -> SignInRefused:
    """Where a broker can be reached and a token cannot be had."""
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
