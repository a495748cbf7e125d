"""A connection's librdkafka properties: ours, the user's, and those that would make delivery unsafe. Asks no broker."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.streaming.kafka.types import USUAL_CHUNK_BYTES

Value = str | int | float | bool
Properties = dict[str, Value]

QUEUE_KBYTES = 65_536
"""What a producer holds in memory until the broker has it, in kilobytes."""

BATCH_BYTES = USUAL_CHUNK_BYTES
"""Small messages travel together up to this size; a chunk of the usual size travels alone."""

SLOWEST_BYTES_PER_S = 109_000
"""A line of 1 Mbit/s, less what the protocols take. On one as slow as that everything still works."""

_MOST_IN_FLIGHT = 5
_PATIENCE_S = 25
_LARGEST_ANSWER_BYTES = 6_000_000

_BOTH: Properties = {
    "client.id": "openmsi-desktop",
    "socket.connection.setup.timeout.ms": 10_000,
    "socket.keepalive.enable": True,
    # also what a connection has to last before the pauses begin anew: a link that flaps would never get there with more
    "reconnect.backoff.max.ms": 1_000,
    "allow.auto.create.topics": False,  # a mistyped name must not become a topic
}
_PRODUCER: Properties = {
    "acks": "all",
    "enable.idempotence": True,
    "queue.buffering.max.kbytes": QUEUE_KBYTES,
    "linger.ms": 5,
    "message.max.bytes": 100_000_000,  # the topic decides
}
_CONSUMER: Properties = {
    # A frozen broker closes no connection: only this tells. Until then a whole answer has to be there.
    "socket.timeout.ms": 1000 * _LARGEST_ANSWER_BYTES // SLOWEST_BYTES_PER_S,
    "auto.offset.reset": "error",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": False,
    "fetch.queue.backoff.ms": 10,
    # a broker answers one connection in order: whatever else is asked waits behind a held fetch
    "fetch.wait.max.ms": 200,
    "fetch.max.bytes": 3_145_728,
    "queued.max.messages.kbytes": 16_384,
}

_OTHER_NAMES = {
    "request.required.acks": "acks",
    "metadata.broker.list": "bootstrap.servers",
    "max.in.flight": "max.in.flight.requests.per.connection",
    "message.send.max.retries": "retries",
    "delivery.timeout.ms": "message.timeout.ms",
    "queue.buffering.max.ms": "linger.ms",
    "sasl.mechanisms": "sasl.mechanism",
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
}
"""librdkafka's second names for a property."""


def _number(value: Value) -> float:
    try:
        return float(value)
    except ValueError:
        return 0


def _is_true(value: Value) -> bool:
    return str(value).lower() in ("true", "1", "t")


_UNSAFE: dict[str, tuple[Callable[[Value], bool], str]] = {
    "acks": (
        lambda value: str(value).lower() not in ("all", "-1"),
        "A file is called sent only when every replica in step has it.",
    ),
    "enable.idempotence": (
        lambda value: not _is_true(value),
        "Without it a repeated attempt can put chunks into the topic twice and in another order.",
    ),
    "retries": (lambda value: _number(value) < 1, "A short fault of the network would fail every file on its way."),
    "max.in.flight.requests.per.connection": (
        lambda value: not 1 <= _number(value) <= 5,
        "More than five requests on their way at once can change the order of the chunks.",
    ),
    "message.timeout.ms": (
        lambda value: _number(value) < 1000,
        "0 would wait for ever without ever telling why, and under a second fails on any slow line.",
    ),
    "auto.offset.reset": (
        lambda value: str(value).lower() != "error",
        "Lost messages would be skipped without a word. Use --from (in settings: from) to choose where to begin.",
    ),
    "enable.auto.commit": (_is_true, "Positions are stored only after the files are safely on disk."),
    "enable.auto.offset.store": (_is_true, "Positions are stored only after the files are safely on disk."),
    "enable.partition.eof": (_is_true, "The reader does not use it."),
    "group.id": (lambda value: True, "Use --group (in settings: group) to share a topic with other computers."),
    "transactional.id": (lambda value: True, "Files are sent without transactions."),
    "group.instance.id": (lambda value: True, "A name that two computers share would throw one of them out."),
    "allow.auto.create.topics": (_is_true, "A mistyped name would become a topic."),
    "test.mock.num.brokers": (lambda value: True, "It would send the files to a broker that exists in memory only."),
}
_CALLBACKS = frozenset(
    (
        "error_cb",
        "logger",
        "stats_cb",
        "throttle_cb",
        "oauth_cb",
        "on_delivery",
        "on_commit",
        "default.topic.config",
    )
)
_TOKEN_SOURCES = (
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.metadata.authentication.type",
)
_SERVER = re.compile(
    r"(?:(?P<scheme>[a-z_]+)://)?(?P<host>\[[0-9a-f:.%]+\]|[^\s/:,]+)(?::(?P<port>\d+))?", re.IGNORECASE
)
_SCHEMES = {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"}


def main_name(name: str) -> str:
    """librdkafka's first name of a property that has two."""
    return _OTHER_NAMES.get(name, name)


def why_unsafe(name: str, value: Value) -> str | None:
    """Why a property may not have this value, as a sentence; None if it may."""
    if name in _CALLBACKS:
        return "It cannot be given as text."
    rule = _UNSAFE.get(main_name(name))
    return rule[1] if rule and rule[0](value) else None


def servers(properties: Mapping[str, Value]) -> list[tuple[str, int]]:
    """The addresses a connection begins with.

    Raises:
        SettingsError: there are none, or one cannot be an address.
    """
    text = str(properties.get("bootstrap.servers", ""))
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _SERVER.fullmatch(part)
        scheme = match["scheme"] if match else None
        if match is None or (scheme and scheme.lower() not in _SCHEMES) or not 0 < int(match["port"] or 9092) < 65536:
            raise SettingsError(
                f'"{part}" is not the address of a broker',
                "Write host:port, for example kafka.example.org:9092; several are separated by commas. "
                "TLS is chosen by security.protocol, not by https://.",
                code="address-malformed",
            )
        found.append((match["host"].strip("[]"), int(match["port"] or 9092)))
    if not found:
        raise SettingsError(
            "The connection names no broker",
            "Set bootstrap.servers (on the command line: --bootstrap) to host:port, for example kafka.example.org:9092.",
            code="address-missing",
        )
    return found


def connection_properties(given: Mapping[str, Value], *, secret: str | None) -> Properties:
    """What every client of a connection gets: the user's properties, checked, with the secret in its place.

    Raises:
        SettingsError: a property is unsafe, or two do not fit together.
    """
    for name, value in given.items():
        if reason := why_unsafe(name, value):
            raise SettingsError(
                f"{name} may not be {value}",
                f"{reason} Take the property {name} out of the connection's settings.",
                code="property-unsafe",
            )
    properties = {main_name(name): value for name, value in given.items()}
    servers(properties)
    if "sasl.username" in properties and "security.protocol" not in properties:
        raise SettingsError(
            "A user name is given, but no sign-in",
            "Set security.protocol to SASL_SSL (or to SASL_PLAINTEXT where the broker has no TLS), and sasl.mechanism to "
            "what the broker offers, often SCRAM-SHA-512 or PLAIN.",
            code="sign-in-not-chosen",
        )
    if _is_oauth(properties) and not any(properties.get(name) for name in _TOKEN_SOURCES):
        raise SettingsError(
            "The sign-in OAUTHBEARER has no source of tokens",
            "Set sasl.oauthbearer.method to oidc, and the other sasl.oauthbearer properties as your identity provider "
            "says.",
            code="token-source-missing",
        )
    if secret is not None:
        properties[_place_of_the_secret(properties)] = secret
    return properties


def _place_of_the_secret(properties: Mapping[str, Value]) -> str:
    if not signs_in(properties):
        return "ssl.key.password" if "ssl.key.location" in properties else "sasl.password"
    if _is_oauth(properties):
        return "sasl.oauthbearer.client.secret"
    return "sasl.password"


def _is_oauth(properties: Mapping[str, Value]) -> bool:
    return signs_in(properties) and str(properties.get("sasl.mechanism", "")).upper() == "OAUTHBEARER"


def signs_in(properties: Mapping[str, Value]) -> bool:
    """Whether the connection uses SASL."""
    return str(properties.get("security.protocol", "")).upper().startswith("SASL")


def uses_tls(properties: Mapping[str, Value]) -> bool:
    return str(properties.get("security.protocol", "")).upper().endswith("SSL")


def _common(connection: Mapping[str, Value]) -> Properties:
    slow: Properties = {"reconnect.backoff.ms": 500} if signs_in(connection) else {}  # time to close a refused client
    return _BOTH | slow


def producer_properties(
    connection: Mapping[str, Value],
    *,
    batch_bytes: int = BATCH_BYTES,
    chunk_bytes: int = BATCH_BYTES,
    is_single: bool = False,
) -> Properties:
    """batch_bytes: what the topics take at once, if that is less. chunk_bytes: size of the largest messages.

    is_single: no two messages travel together.
    """
    of_size: Properties = {"batch.size": batch_bytes, **_in_flight(max(BATCH_BYTES, chunk_bytes))}
    if is_single:
        of_size["batch.num.messages"] = 1
    return _common(connection) | _PRODUCER | of_size | dict(connection)


def _in_flight(request_bytes: int) -> Properties:
    """How many requests go out before the first answer, and how long that may take.

    A frozen broker closes no connection, only silence tells; so the time is as short as it can be with everything that
    is on its way getting through a slow line. Chunks of the usual size: 25 s.
    """
    usual = _MOST_IN_FLIGHT * BATCH_BYTES
    requests = max(2, min(_MOST_IN_FLIGHT, usual // request_bytes))
    patience_s = max(_PATIENCE_S, requests * request_bytes / SLOWEST_BYTES_PER_S)
    return {
        "max.in.flight.requests.per.connection": requests,
        "socket.timeout.ms": min(300_000, round(1000 * patience_s)),
    }


def consumer_properties(connection: Mapping[str, Value], *, group: str) -> Properties:
    return _common(connection) | _CONSUMER | dict(connection) | {"group.id": group}


def admin_properties(connection: Mapping[str, Value]) -> Properties:
    """For a short enquiry with a time limit of its own, which is over as soon as a sign-in is refused."""
    return _BOTH | dict(connection)


def is_secret(name: str) -> bool:
    """Whether a property's value must never be shown."""
    return any(
        part in name for part in ("password", "passphrase", "secret", "oauthbearer.config", ".pem", "assertion.claim")
    )


def secrets_of(properties: Mapping[str, Value]) -> tuple[str, ...]:
    """What must be struck out of the library's texts: the secrets, and the parts of those that consist of parts."""
    whole = [str(value) for name, value in properties.items() if is_secret(name) and value]
    parts = [part.partition("=")[2] for value in whole for part in value.split() if "=" in part]
    return tuple(sorted({*whole, *filter(None, parts)}, key=len, reverse=True))


def shown(properties: Mapping[str, Value]) -> str:
    """The properties for a log or a repr, secrets left out."""
    return ", ".join(f"{name}={'***' if is_secret(name) else value}" for name, value in sorted(properties.items()))
