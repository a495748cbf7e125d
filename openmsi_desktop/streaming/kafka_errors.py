"""What librdkafka says -> what a person can use. Holds the table of its error codes; opens no connection.

The decisive word often comes as free text, to the error callback or only to the log, and the code says less than the
text. So the texts are looked at first, most specific first, then the codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from confluent_kafka import KafkaError

from openmsi_desktop.core.errors import OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.streaming.broker_errors import (
    BrokerBusy,
    ClockRefused,
    GroupChanged,
    MessageTooLarge,
    NoContact,
    ProducerBroken,
    RightDenied,
    SignInRefused,
    TlsRefused,
    TopicMissing,
    Withdrawn,
    WrongSecurity,
)

_SAFE = "Nothing is lost; it is tried again by itself."
_RESUMES = "Nothing is lost, and it goes on by itself once this is put right."


class Weight(IntEnum):
    """How much a finding explains. A heavier one is not displaced by a lighter one."""

    FAINT = 0
    """Says only that something is wrong."""
    NETWORK = 1
    """Explains it, but another address may still answer."""
    CERTAIN = 2
    """A person has to act, whatever the network does."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One utterance of librdkafka, understood. server: host:port it is about, empty if none.

    worth_a_look: the same words have several causes that a look at the port tells apart.
    """

    error: OpenMSIError
    weight: Weight
    server: str = ""
    worth_a_look: bool = False


@dataclass(frozen=True, slots=True)
class _Cause:
    kind: type[OpenMSIError]
    title: str
    advice: str
    weight: Weight = Weight.NETWORK
    worth_a_look: bool = False


_CONTACT = _Cause(
    NoContact, "No contact to the broker", f"{_SAFE} Check the network and the address of the connection."
)
_BUSY = _Cause(
    BrokerBusy,
    "The broker is busy",
    f"It answers, but cannot do this at the moment ({{code}}). {_SAFE} If it lasts, tell the broker's administrators.",
)
_GROUP = _Cause(GroupChanged, "The group shares out its partitions anew", _SAFE)
_REFUSED = _Cause(
    SignInRefused,
    "The broker refused the sign-in",
    f"{_RESUMES} Check user name, password and mechanism of the connection. It is tried at most every 30 s, so that the "
    "account is not locked. The broker says: {detail}",
    Weight.CERTAIN,
)
_TLS = _Cause(
    TlsRefused,
    "The certificate of {server} cannot be trusted",
    f"It may be signed by an authority that this connection does not know, be made out to another name, or have expired. "
    f"{_RESUMES} Check ssl.ca.location, or ask the broker's administrators. Detail: {{detail}}",
    Weight.CERTAIN,
    worth_a_look=True,
)
_RIGHT = _Cause(
    RightDenied,
    "The account may not do this",
    f"{_RESUMES} Ask the broker's administrators for the right. The broker says: {{detail}}",
    Weight.CERTAIN,
)
_MISSING = _Cause(
    TopicMissing,
    "The topic {topic} does not exist",
    f"{_RESUMES} Check the spelling, or ask the broker's administrators to create it; it is not created by this program.",
    Weight.CERTAIN,
)
_TOO_LARGE = _Cause(
    MessageTooLarge,
    "A chunk is larger than the topic {topic} allows",
    "The file cannot be sent like this; nothing of it is lost. Choose a smaller --chunk-size (in settings: chunk_size), or "
    "ask the broker's administrators to raise max.message.bytes of the topic.",
    Weight.CERTAIN,
)
_BROKEN = _Cause(
    ProducerBroken,
    "The connection for sending has to be made anew",
    f"The broker and this program disagree on what was sent last ({{code}}). {_SAFE} What was not acknowledged is sent again.",
)
_WITHDRAWN = _Cause(Withdrawn, "Taken back before it was sent", _SAFE)
_SETTINGS = _Cause(
    SettingsError,
    "The settings of the connection do not work",
    "Correct the connection's properties. The library says: {detail}",
    Weight.CERTAIN,
)
_DAMAGED = _Cause(
    RetryableError,
    "A message arrived damaged at the broker, or from it",
    f"{_SAFE} If it repeats, a device on the way alters data: tell your network's administrators. Detail: {{detail}}",
)
_POSITION = _Cause(RetryableError, "A position does not exist on the topic", f"{_SAFE} Detail: {{detail}}")
_UNEXPECTED = _Cause(
    RetryableError,
    "The broker gave an unexpected answer",
    f"{_SAFE} If it lasts, show this to the broker's administrators: {{code}} {{detail}}",
)

_BY_CODE: tuple[tuple[_Cause, str], ...] = (
    (
        _CONTACT,
        (
            "_TRANSPORT _RESOLVE _ALL_BROKERS_DOWN _TIMED_OUT _TIMED_OUT_QUEUE _WAIT_COORD _WAIT_CACHE "
            "_UNKNOWN_BROKER _NODE_UPDATE _DESTROY_BROKER _INTR NETWORK_EXCEPTION BROKER_NOT_AVAILABLE REQUEST_TIMED_OUT "
            "REBOOTSTRAP_REQUIRED"
        ),
    ),
    (
        _BUSY,
        (
            "LEADER_NOT_AVAILABLE NOT_LEADER_FOR_PARTITION REPLICA_NOT_AVAILABLE NOT_ENOUGH_REPLICAS "
            "NOT_ENOUGH_REPLICAS_AFTER_APPEND _ISR_INSUFF COORDINATOR_LOAD_IN_PROGRESS COORDINATOR_NOT_AVAILABLE "
            "NOT_COORDINATOR NOT_CONTROLLER KAFKA_STORAGE_ERROR LOG_DIR_NOT_FOUND FENCED_LEADER_EPOCH UNKNOWN_LEADER_EPOCH "
            "OFFSET_NOT_AVAILABLE UNSTABLE_OFFSET_COMMIT THROTTLING_QUOTA_EXCEEDED PREFERRED_LEADER_NOT_AVAILABLE "
            "ELIGIBLE_LEADERS_NOT_AVAILABLE ELECTION_NOT_NEEDED STALE_BROKER_EPOCH STALE_CTRL_EPOCH LISTENER_NOT_FOUND "
            "REASSIGNMENT_IN_PROGRESS CONCURRENT_TRANSACTIONS FETCH_SESSION_ID_NOT_FOUND INVALID_FETCH_SESSION_EPOCH "
            "_QUEUE_FULL _RETRY _IN_PROGRESS _PREV_IN_PROGRESS"
        ),
    ),
    (
        _GROUP,
        (
            "ILLEGAL_GENERATION UNKNOWN_MEMBER_ID REBALANCE_IN_PROGRESS MEMBER_ID_REQUIRED FENCED_MEMBER_EPOCH "
            "STALE_MEMBER_EPOCH UNRELEASED_INSTANCE_ID FENCED_INSTANCE_ID _ASSIGN_PARTITIONS _REVOKE_PARTITIONS "
            "_ASSIGNMENT_LOST _MAX_POLL_EXCEEDED _FENCED GROUP_ID_NOT_FOUND GROUP_SUBSCRIBED_TO_TOPIC NON_EMPTY_GROUP "
            "_UNKNOWN_GROUP GROUP_MAX_SIZE_REACHED INCONSISTENT_GROUP_PROTOCOL _EXISTING_SUBSCRIPTION"
        ),
    ),
    (
        _REFUSED,
        (
            "_AUTHENTICATION SASL_AUTHENTICATION_FAILED UNSUPPORTED_SASL_MECHANISM ILLEGAL_SASL_STATE "
            "UNACCEPTABLE_CREDENTIAL DELEGATION_TOKEN_AUTH_DISABLED DELEGATION_TOKEN_EXPIRED DELEGATION_TOKEN_NOT_FOUND "
            "DELEGATION_TOKEN_OWNER_MISMATCH DELEGATION_TOKEN_REQUEST_NOT_ALLOWED INVALID_PRINCIPAL_TYPE "
            "PRINCIPAL_DESERIALIZATION_FAILURE"
        ),
    ),
    (_TLS, "_SSL"),
    (
        _RIGHT,
        (
            "TOPIC_AUTHORIZATION_FAILED GROUP_AUTHORIZATION_FAILED CLUSTER_AUTHORIZATION_FAILED "
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED DELEGATION_TOKEN_AUTHORIZATION_FAILED SECURITY_DISABLED POLICY_VIOLATION "
            "TOPIC_DELETION_DISABLED"
        ),
    ),
    (_MISSING, "UNKNOWN_TOPIC_OR_PART UNKNOWN_TOPIC_ID INCONSISTENT_TOPIC_ID _UNKNOWN_TOPIC _UNKNOWN_PARTITION"),
    (_TOO_LARGE, "MSG_SIZE_TOO_LARGE RECORD_LIST_TOO_LARGE INVALID_MSG_SIZE"),
    (
        _BROKEN,
        (
            "OUT_OF_ORDER_SEQUENCE_NUMBER DUPLICATE_SEQUENCE_NUMBER UNKNOWN_PRODUCER_ID INVALID_PRODUCER_EPOCH "
            "INVALID_PRODUCER_ID_MAPPING PRODUCER_FENCED INVALID_TXN_STATE TRANSACTION_ABORTABLE "
            "TRANSACTION_COORDINATOR_FENCED INVALID_TRANSACTION_TIMEOUT _FATAL _GAPLESS_GUARANTEE _INCONSISTENT _STATE "
            "_DESTROY"
        ),
    ),
    (_WITHDRAWN, "_PURGE_QUEUE _PURGE_INFLIGHT"),
    (
        _SETTINGS,
        (
            "_INVALID_ARG _NOT_CONFIGURED _UNKNOWN_PROTOCOL _NOT_IMPLEMENTED _CONFLICT _CRIT_SYS_RESOURCE INVALID_CONFIG "
            "INVALID_REQUIRED_ACKS INVALID_SESSION_TIMEOUT INVALID_GROUP_ID INVALID_REGULAR_EXPRESSION UNSUPPORTED_ASSIGNOR "
            "UNSUPPORTED_COMPRESSION_TYPE UNSUPPORTED_FOR_MESSAGE_FORMAT UNSUPPORTED_VERSION _UNSUPPORTED_FEATURE "
            "TOPIC_EXCEPTION"
        ),
    ),
    (_DAMAGED, "INVALID_MSG INVALID_RECORD _BAD_MSG _BAD_COMPRESSION _UNDERFLOW _PARTIAL"),
    (_POSITION, "OFFSET_OUT_OF_RANGE _AUTO_OFFSET_RESET _NO_OFFSET _LOG_TRUNCATION _PARTITION_EOF"),
    (
        _UNEXPECTED,
        (
            "UNKNOWN INVALID_REQUEST TOPIC_ALREADY_EXISTS INVALID_PARTITIONS INVALID_REPLICATION_FACTOR "
            "INVALID_REPLICA_ASSIGNMENT DUPLICATE_RESOURCE RESOURCE_NOT_FOUND NO_REASSIGNMENT_IN_PROGRESS "
            "OPERATION_NOT_ATTEMPTED OFFSET_METADATA_TOO_LARGE INVALID_COMMIT_OFFSET_SIZE FEATURE_UPDATE_FAILED "
            "DUPLICATE_VOTER VOTER_NOT_FOUND INCONSISTENT_VOTER_SET INVALID_VOTER_KEY INVALID_REGISTRATION "
            "INVALID_UPDATE_VERSION UNKNOWN_CONTROLLER_ID UNSUPPORTED_ENDPOINT_TYPE MISMATCHED_ENDPOINT_TYPE "
            "INVALID_RECORD_STATE INVALID_SHARE_SESSION_EPOCH SHARE_SESSION_NOT_FOUND SHARE_SESSION_LIMIT_REACHED "
            "FENCED_STATE_EPOCH STREAMS_INVALID_TOPOLOGY STREAMS_INVALID_TOPOLOGY_EPOCH STREAMS_TOPOLOGY_FENCED "
            "TELEMETRY_TOO_LARGE UNKNOWN_SUBSCRIPTION_ID _APPLICATION _FAIL _FS _INVALID_DIFFERENT_RECORD _INVALID_TYPE "
            "_KEY_DESERIALIZATION _KEY_SERIALIZATION _VALUE_DESERIALIZATION _VALUE_SERIALIZATION _NOENT _NOOP _OUTDATED "
            "_READ_ONLY"
        ),
    ),
)


def _resolve(table: Iterable[tuple[_Cause, str]]) -> dict[int, _Cause]:
    """An older library lacks some names: those are skipped."""
    return {
        code: cause
        for cause, names in table
        for name in names.split()
        if isinstance(code := getattr(KafkaError, name, None), int)
    }


_CODES: Mapping[int, _Cause] = _resolve(_BY_CODE) | {
    KafkaError._MSG_TIMED_OUT: _Cause(
        BrokerBusy,
        "The broker did not confirm a chunk in time",
        f"It may be overloaded, lack the copies it needs, or the network is very slow. {_SAFE}",
    ),
    KafkaError.INVALID_TIMESTAMP: _Cause(
        ClockRefused,
        "The broker finds the time of a message impossible",
        f"This computer's clock is probably wrong. Set it right; {_SAFE[0].lower()}{_SAFE[1:]}",
    ),
}
_NOT_FOR_CLIENTS = {KafkaError._UNSUPPORTED_FEATURE, KafkaError.UNSUPPORTED_VERSION}
_FAINT_CODES = {KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._MSG_TIMED_OUT, KafkaError._WAIT_COORD}

_TEXTS: tuple[tuple[str, _Cause], ...] = (
    (
        r"Failed to resolve",
        _Cause(
            NoContact,
            "The name {host} is not known",
            f"This computer's network does not know a computer of that name. {_SAFE} Check the spelling of the address, "
            "the network cable, and whether you have to be in a certain network or VPN.",
        ),
    ),
    (
        r"Connect to .* failed: Connection refused",
        _Cause(
            NoContact,
            "Nothing answers at {server}",
            f"The computer is there, but no broker listens at that port. {_SAFE} Check the port of the connection; the "
            "broker may also be switched off, or starting.",
        ),
    ),
    (
        r"Connect to .* failed",
        _Cause(
            NoContact, "Cannot connect to {server}", f"{_SAFE} Check the network and the address. Detail: {{detail}}"
        ),
    ),
    (
        r"setup timed out in state CONNECT",
        _Cause(
            NoContact,
            "{server} does not answer",
            f"Nothing came back from that address. {_SAFE} A firewall may swallow the connection, or the computer is off.",
        ),
    ),
    (
        r"setup timed out in state",
        _Cause(
            NoContact,
            "{server} accepts connections but says nothing",
            f"The broker may be frozen or overloaded, or the port belongs to another program. {_SAFE}",
        ),
    ),
    (
        # the others are questions of ours, with a time limit of their own
        r"Timed out (?!ListOffsets|OffsetFetch|OffsetCommit)\w+Request",
        _Cause(
            NoContact,
            "{server} has stopped answering",
            f"The broker is frozen or overloaded, or the network swallows its answers. {_SAFE}",
        ),
    ),
    (
        r"Invalid response size|wrong version number",
        _Cause(
            WrongSecurity,
            "{server} is not a Kafka broker",
            f"Something else answers there, for example a web server. {_RESUMES} Check host and port of the connection.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"connecting to a PLAINTEXT broker listener",
        _Cause(
            WrongSecurity,
            "{server} does not speak TLS",
            f"The connection asks for TLS, that port has none. {_RESUMES} Use the broker's TLS port, or set "
            "security.protocol to PLAINTEXT (with sign-in: SASL_PLAINTEXT).",
            Weight.CERTAIN,
        ),
    ),
    (
        r"mechanism handshake failed: .*not valid in current SASL state",
        _Cause(
            WrongSecurity,
            "{server} wants no sign-in",
            f"The connection gives a user name, but that port takes none. {_RESUMES} Use the broker's port for sign-in, or "
            "set security.protocol to PLAINTEXT or SSL.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Unsupported SASL mechanism: broker's supported mechanisms: (?P<offered>.*)",
        _Cause(
            SignInRefused,
            "The broker does not offer this kind of sign-in",
            f"It offers: {{offered}}. {_RESUMES} Set sasl.mechanism to one of these.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Failed to acquire SASL OAUTHBEARER token: (?P<offered>.*)",
        _Cause(
            SignInRefused,
            "No token could be had for the sign-in",
            f"{_RESUMES} Check the sasl.oauthbearer properties of the connection. Detail: {{offered}}",
            Weight.CERTAIN,
        ),
    ),
    (
        r"(?i)invalid credentials|Invalid username or password",
        _Cause(
            SignInRefused,
            "User name or password is wrong",
            f"The broker refused the sign-in. {_RESUMES} Check sasl.username and store the password again. It is tried at "
            "most every 30 s, so that the account is not locked.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"alert bad certificate|alert certificate (unknown|required|expired|revoked)|alert unknown ca",
        _Cause(
            TlsRefused,
            "The broker does not accept our certificate",
            f"It asks for a client certificate, and there is none, or it has expired, or an authority signed it that the "
            f"broker does not know. {_RESUMES} Check ssl.certificate.location and ssl.key.location.",
            Weight.CERTAIN,
        ),
    ),
    (r"certificate verify failed", _TLS),
    (
        r"SSL handshake failed|SSL connection closed",
        _Cause(
            NoContact,
            "{server} broke off the secure connection",
            f"{_SAFE} Perhaps that port wants a sign-in too (security.protocol SASL_SSL). Detail: {{detail}}",
            worth_a_look=True,
        ),
    ),
    (
        r"Disconnected|Receive failed|Send failed|closed by peer",
        _Cause(
            NoContact,
            "{server} closed the connection",
            f"The broker may be restarting. If it lasts, the port may want TLS or a sign-in. {_SAFE}",
            worth_a_look=True,
        ),
    ),
    (
        r"No provider for SASL mechanism (?P<offered>\S+?):",
        _Cause(
            SettingsError,
            "Sign-in by {offered} is not possible",
            "Set sasl.mechanism to what the broker offers of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"ssl\.(?P<offered>[a-z.]+) failed",
        _Cause(
            SettingsError,
            "The file of ssl.{offered} cannot be used",
            "It does not exist, may not be read, or is not in PEM form. Correct ssl.{offered} of the connection.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"sasl\.username and sasl\.password must be set",
        _Cause(
            SettingsError,
            "User name or password is missing",
            "Set sasl.username, and name the credential that holds the password (--credential, in settings: credential).",
            Weight.CERTAIN,
        ),
    ),
    (
        r'No such configuration property: "(?P<offered>[^"]*)"',
        _Cause(
            SettingsError,
            "{offered} is not a property of a connection",
            "Correct its name, or take it out. The names are librdkafka's.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Failed to acquire idempotence PID.*Cluster authorization failed",
        _Cause(
            RightDenied,
            "The account may not send safely",
            f"Without the right IdempotentWrite on the cluster, chunks could arrive twice or in another order. {_RESUMES} "
            "Ask the broker's administrators for the right to write to the topic, or for IdempotentWrite.",
            Weight.CERTAIN,
        ),
    ),
)
_RULES = tuple((re.compile(pattern), cause) for pattern, cause in _TEXTS)
_RIGHTS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "The account may not {doing} the topic {topic}",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "The account may not use this consumer group",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "The account lacks a right on the cluster",
}
_STATE = re.compile(r"\s*\(after \d+ ?ms in state (?P<state>\w+)[^)]*\)")
_SERVER = re.compile(r"^(?:\w+: )?(?:\w+://)?(?P<server>(?:\[[0-9a-fA-F:.%]+\]|[\w.-]+):\d+)(?:/(?:bootstrap|\d+))?: ")
_LOG_HEAD = re.compile(r"^.*?\]: (?=\S)")
_IDLE = re.compile(r"closed by peer.*in state UP")


def understand(code: int, text: str, *, topic: str = "", doing: str = "use") -> Finding:
    """The meaning of an error code with its text.

    topic, doing: what the caller was about, as in "may not [write to] the topic [xrd]".
    """
    cause, offered = _CODES.get(code, _UNEXPECTED), ""
    for pattern, candidate in _RULES:
        if found := pattern.search(text):
            cause, offered = candidate, found.groupdict().get("offered") or ""
            break
    title = _RIGHTS.get(code, cause.title) if cause is _RIGHT else cause.title
    clean = _STATE.sub("", text).strip()
    at = _SERVER.search(clean)
    server = at["server"] if at else ""
    words = {
        "server": server or "the broker",
        "host": server.rsplit(":", 1)[0] or "of the broker",
        "topic": f'"{topic}"' if topic else "",
        "doing": doing,
        "detail": (clean[at.end() :] if at else clean).removeprefix("Broker: ")[:300],
        "code": str(KafkaError(code).name()),
        "offered": _STATE.sub("", offered).strip(),
    }
    error = cause.kind(_tidy(title.format_map(words)), _tidy(cause.advice.format_map(words)))
    is_faint = cause is _CONTACT and code in _FAINT_CODES
    return Finding(error, Weight.FAINT if is_faint else cause.weight, server, cause.worth_a_look)


def explain(error: KafkaError, *, topic: str = "", doing: str = "use") -> OpenMSIError:
    """The error to raise for what the library reports."""
    return understand(error.code(), error.str(), topic=topic, doing=doing).error


def says_nothing(error: KafkaError) -> bool:
    """Whether a code only means "it took too long"; what was heard before tells more."""
    return error.code() in _FAINT_CODES


def listen_to_log(line: str) -> Finding | None:
    """What a line of librdkafka's log reveals about the connection; None for the ordinary ones."""
    text = _LOG_HEAD.sub("", line, count=1)
    if _IDLE.search(text) or not any(pattern.search(text) for pattern, _ in _RULES):
        return None
    return understand(KafkaError._TRANSPORT, text)


def is_no_broker(error: KafkaError) -> bool:
    """Whether something answers in Kafka's words that is not for clients, such as a controller."""
    return error.code() in _NOT_FOR_CLIENTS


def closing_of(line: str) -> Finding | None:
    """A connection that was closed while it was up: idle ones are, but so are those that should have signed in."""
    text = _LOG_HEAD.sub("", line, count=1)
    return understand(KafkaError._TRANSPORT, text) if _IDLE.search(text) else None


def mapped_codes() -> frozenset[int]:
    """Every code the table knows."""
    return frozenset(_CODES)


def _tidy(text: str) -> str:
    """No double blanks where a word is empty."""
    return " ".join(text.split())
