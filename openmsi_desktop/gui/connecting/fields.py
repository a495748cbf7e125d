"""What the form of a connection asks <-> a Connection of the settings. Knows no widgets.

Properties that the form has no field for stay what they are, in :attr:`Fields.more`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from openmsi_desktop.settings import Connection, KafkaValue
from openmsi_desktop.settings_values import secret_advice
from openmsi_desktop.streaming.kafka.config import main_name, why_unsafe
from openmsi_desktop.streaming.kafka.property_names import NAMES, what_was_meant

USUAL_PORT = 9092
OAUTH, KERBEROS = "OAUTHBEARER", "GSSAPI"
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", OAUTH, KERBEROS)


class Security(StrEnum):
    """How a connection is secured, in the order in which it is offered."""

    NAME_ENCRYPTED = "SASL_SSL"
    CERTIFICATE = "SSL, certificate"
    ENCRYPTED = "SSL"
    NAME = "SASL_PLAINTEXT"
    NONE = "PLAINTEXT"

    @property
    def is_encrypted(self) -> bool:
        return self not in (Security.NAME, Security.NONE)

    @property
    def signs_in(self) -> bool:
        return self in (Security.NAME, Security.NAME_ENCRYPTED)


class SecretKind(StrEnum):
    """What the one secret of a connection is."""

    NONE = ""
    PASSWORD = "password"
    CLIENT_SECRET = "client secret"
    KEY_PASSWORD = "key password"


@dataclass(frozen=True, slots=True)
class Fields:
    """One form. Texts are as a person typed them, without blanks at their ends. user, token_endpoint and so on count only where the
    kinds of security and sign-in ask for them."""

    name: str = ""
    servers: tuple[tuple[str, str], ...] = (("", str(USUAL_PORT)),)
    """Host and port."""
    security: Security = Security.NAME_ENCRYPTED
    mechanism: str = MECHANISMS[0]
    user: str = ""
    client_id: str = ""
    token_endpoint: str = ""
    scope: str = ""
    principal: str = ""
    keytab: str = ""
    service: str = ""
    certificate: str = ""
    key: str = ""
    ca_file: str = ""
    """Empty: the certificates of the system."""
    more: Mapping[str, KafkaValue] = field(default_factory=dict)

    @property
    def secret_kind(self) -> SecretKind:
        """Which secret goes with these kinds of security and sign-in."""
        if self.security is Security.CERTIFICATE:
            return SecretKind.KEY_PASSWORD
        if not self.security.signs_in or self.mechanism == KERBEROS:
            return SecretKind.NONE
        return SecretKind.CLIENT_SECRET if self.mechanism == OAUTH else SecretKind.PASSWORD

    @property
    def has_own_tokens(self) -> bool:
        """The tokens of OAUTHBEARER come from somewhere the form does not know."""
        return self.more.get("sasl.oauthbearer.method", "oidc") != "oidc" or any(
            name.startswith("sasl.oauthbearer.metadata") for name in self.more
        )

    def connection(self, credential: str) -> Connection:
        """For the settings. credential: name of the secret; kept only where one is needed.

        Raises:
            ValueError: something is empty that must not be (pydantic's), or a property is a secret.
        """
        kafka: dict[str, KafkaValue] = {"bootstrap.servers": ",".join(_address(h, p) for h, p in self.servers)}
        kafka["security.protocol"] = self.security.value.partition(",")[0]
        for name, text in self._properties().items():
            if text:
                kafka[name] = text
        kafka |= dict(self.more)
        return Connection(
            name=self.name, kafka=kafka, credential=credential if self.secret_kind is not SecretKind.NONE else ""
        )

    def _properties(self) -> dict[str, str]:
        own: dict[str, str] = {}
        if self.security.is_encrypted:
            own["ssl.ca.location"] = self.ca_file
        if self.security is Security.CERTIFICATE:
            own |= {"ssl.certificate.location": self.certificate, "ssl.key.location": self.key}
        if self.security.signs_in:
            own["sasl.mechanism"] = self.mechanism
            own |= {_NAMES[key]: getattr(self, key) for key in _of_mechanism(self.mechanism)}
            if self.mechanism == OAUTH and not self.has_own_tokens:
                own["sasl.oauthbearer.method"] = "oidc"
        return own

    def changed(self, properties: Mapping[str, str]) -> Fields:
        """With these properties instead, as the fix of a test has them."""
        made = self.connection("")
        changed = fields_of(made.model_copy(update={"kafka": {**made.kafka, **properties}}))
        kept = {key: getattr(self, key) for key in _NAMES if not getattr(changed, key)}
        own = {"sasl.mechanism", "sasl.oauthbearer.method", *_NAMES.values()} - {*self.more, *properties}
        mechanism = changed.mechanism if changed.security.signs_in else self.mechanism
        more = {name: value for name, value in changed.more.items() if name not in own}
        return replace(changed, name=self.name, mechanism=mechanism, more=more, **kept)


_NAMES = {
    "user": "sasl.username",
    "client_id": "sasl.oauthbearer.client.id",
    "token_endpoint": "sasl.oauthbearer.token.endpoint.url",
    "scope": "sasl.oauthbearer.scope",
    "principal": "sasl.kerberos.principal",
    "keytab": "sasl.kerberos.keytab",
    "service": "sasl.kerberos.service.name",
    "certificate": "ssl.certificate.location",
    "key": "ssl.key.location",
    "ca_file": "ssl.ca.location",
}
"""Field -> the property it stands for."""


def _of_mechanism(mechanism: str) -> tuple[str, ...]:
    if mechanism == OAUTH:
        return ("client_id", "token_endpoint", "scope")
    return ("principal", "keytab", "service") if mechanism == KERBEROS else ("user",)


def fields_of(connection: Connection) -> Fields:
    """A connection of the settings, in a form."""
    left = {main_name(name): value for name, value in connection.kafka.items()}
    servers = tuple(map(split_address, filter(None, re.split(r"[,\s]+", str(left.pop("bootstrap.servers", ""))))))
    protocol = str(left.pop("security.protocol", "PLAINTEXT")).upper()
    has_certificate = "ssl.certificate.location" in left
    security = Security.CERTIFICATE if protocol == "SSL" and has_certificate else _security(protocol)
    own = ["ca_file"] if security.is_encrypted else []
    own += ["certificate", "key"] if security is Security.CERTIFICATE else []
    mechanism = MECHANISMS[0]
    if security.signs_in:
        mechanism = str(left.pop("sasl.mechanism", KERBEROS)).upper()  # what librdkafka takes if nobody says
        own += _of_mechanism(mechanism)
        if mechanism == OAUTH and not Fields(more=left).has_own_tokens:
            left.pop("sasl.oauthbearer.method", None)
    texts = {key: str(left.pop(_NAMES[key], "")) for key in own}
    return Fields(
        name=connection.name,
        servers=servers or Fields().servers,
        security=security,
        mechanism=mechanism,
        more=left,
        **texts,
    )


def _security(protocol: str) -> Security:
    return Security(protocol) if protocol in tuple(Security) else Security.NONE


def split_address(text: str) -> tuple[str, str]:
    """``host:port``, also with a scheme before it or without the port -> host and port."""
    text = re.sub(r"^(plaintext|ssl|sasl_plaintext|sasl_ssl)://", "", text.strip(), flags=re.IGNORECASE)
    found = re.fullmatch(r"\[(?P<six>[^\]]+)\](?::(?P<port6>\d*))?|(?P<host>[^:]*)(?::(?P<port>\d*))?", text)
    if found is None:  # an IPv6 address without brackets, or a mistake that is told at the field
        return text, str(USUAL_PORT)
    return found["six"] or found["host"] or "", found["port6"] or found["port"] or str(USUAL_PORT)


def _address(host: str, port: str) -> str:
    return f"[{host}]:{port}" if ":" in host and "/" not in host else f"{host}:{port}"


class Mistake(StrEnum):
    """What may be wrong with a line of free properties."""

    FORM = "form"
    """no ``key = value``"""
    UNKNOWN = "unknown"
    SECRET = "secret"
    UNSAFE = "unsafe"
    ABOVE = "above"
    """It has a field of its own."""
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class BadLine:
    """number: counted from 1. text: an end of a sentence from the library's side, such as what was meant."""

    number: int
    key: str
    mistake: Mistake
    text: str = ""


def as_lines(more: Mapping[str, KafkaValue]) -> str:
    """Free properties, one in each line."""
    return "\n".join(
        f"{name} = {str(value).lower() if isinstance(value, bool) else value}" for name, value in more.items()
    )


def parse_lines(text: str, before: Mapping[str, KafkaValue]) -> tuple[dict[str, KafkaValue], list[BadLine]]:
    """The properties in a text, and the lines that cannot be used. before: those that keep their type if they say the same."""
    out: dict[str, KafkaValue] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        name = main_name(key)
        if mistake := _mistake(key, name, equals, value, out):
            bad.append(BadLine(number, key or line, *mistake))
            continue
        old = before.get(name)
        out[name] = old if old is not None and as_lines({name: old}) == f"{name} = {value}" else value
    return out, bad


def _mistake(
    key: str, name: str, equals: str, value: str, out: Mapping[str, KafkaValue]
) -> tuple[Mistake, str] | tuple[Mistake] | None:
    if not equals or not key or not value:
        return (Mistake.FORM,)
    if secret_advice(key):
        return (Mistake.SECRET,)
    if name in ("bootstrap.servers", "security.protocol", "sasl.mechanism"):
        return (Mistake.ABOVE,)
    if reason := why_unsafe(key, value):
        return Mistake.UNSAFE, reason
    if key not in NAMES:
        return Mistake.UNKNOWN, what_was_meant(key)
    return (Mistake.TWICE,) if name in out else None
