"""Causes and their words, and the table of librdkafka's error codes. The table of its texts is in texts.py.

A new code of the library is put into BY_CODE; a test names those that are missing.
In the words: {server} host:port, {host}, {topic} in quotation marks, {doing} as in "may not [write to]", {code} the
library's name, {detail} what it says, {offered} what the pattern found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from openmsi_desktop.core.errors import OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.streaming.kafka.errors import (
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
)
from openmsi_desktop.streaming.kafka.sentences import RESUMES, SAFE


class Weight(IntEnum):
    """How much a finding explains. A heavier one is not displaced by a lighter one."""

    FAINT = 0
    """Says only that something is wrong."""
    NETWORK = 1
    """Explains it, but another address may still answer."""
    CERTAIN = 2
    """A person has to act, whatever the network does."""


@dataclass(frozen=True, slots=True)
class Cause:
    """code: what programs tell it by, see docs/connection-test.md."""

    code: str
    kind: type[OpenMSIError]
    title: str
    advice: str
    weight: Weight = Weight.NETWORK
    worth_a_look: bool = False


CONTACT = Cause(
    "no-contact", NoContact, "No contact to the broker", f"{SAFE} Check the network and the address of the connection."
)
_BUSY = Cause(
    "busy",
    BrokerBusy,
    "The broker is busy",
    f"It answers, but cannot do this at the moment ({{code}}). {SAFE} If it lasts, tell the broker's administrators.",
)
_GROUP = Cause("group-changes", GroupChanged, "The group shares out its partitions anew", SAFE)
_REFUSED = Cause(
    "sign-in-refused",
    SignInRefused,
    "The broker refused the sign-in",
    f"{RESUMES} Check user name, password and mechanism of the connection. It is tried at most every 30 s, so that the "
    "account is not locked. The broker says: {detail}",
    Weight.CERTAIN,
)
TLS = Cause(
    "certificate-refused",
    TlsRefused,
    "The certificate of {server} cannot be trusted",
    f"It may be signed by an authority that this connection does not know, be made out to another name, or have expired. "
    f"{RESUMES} Check ssl.ca.location, or ask the broker's administrators. Detail: {{detail}}",
    Weight.CERTAIN,
    worth_a_look=True,
)
RIGHT = Cause(
    "right-denied",
    RightDenied,
    "The account may not do this",
    f"{RESUMES} Ask the broker's administrators for the right. The broker says: {{detail}}",
    Weight.CERTAIN,
)
_MISSING = Cause(
    "topic-missing",
    TopicMissing,
    "The topic {topic} does not exist",
    f"{RESUMES} Check the spelling, or ask the broker's administrators to create it; it is not created by this program.",
    Weight.CERTAIN,
)
_TOO_LARGE = Cause(
    "chunk-too-large",
    MessageTooLarge,
    "A chunk is larger than the topic {topic} allows",
    "The file cannot be sent like this; nothing of it is lost. Choose a smaller --chunk-size (in settings: chunk_size), or "
    "ask the broker's administrators to raise max.message.bytes of the topic.",
    Weight.CERTAIN,
)
_BROKEN = Cause(
    "producer-broken",
    ProducerBroken,
    "The connection for sending has to be made anew",
    f"The broker and this program disagree on what was sent last ({{code}}). {SAFE} What was not acknowledged is sent again.",
)
_WITHDRAWN = Cause("withdrawn", Withdrawn, "Taken back before it was sent", SAFE)
_SETTINGS = Cause(
    "settings",
    SettingsError,
    "The settings of the connection do not work",
    "Correct the connection's properties. The library says: {detail}",
    Weight.CERTAIN,
)
_NO_NAME = Cause(
    "topic-name",
    SettingsError,
    "{topic} cannot be the name of a topic",
    'Names of topics have letters, digits, ".", "_" and "-", and at most 249 of them. Correct the topic.',
    Weight.CERTAIN,
)
_DAMAGED = Cause(
    "damaged",
    RetryableError,
    "A message arrived damaged at the broker, or from it",
    f"{SAFE} If it repeats, a device on the way alters data: tell your network's administrators. Detail: {{detail}}",
)
_POSITION = Cause(
    "position-gone", RetryableError, "A position does not exist on the topic", f"{SAFE} Detail: {{detail}}"
)
UNEXPECTED = Cause(
    "unexpected",
    RetryableError,
    "The broker gave an unexpected answer",
    f"{SAFE} If it lasts, show this to the broker's administrators: {{code}} {{detail}}",
)

RIGHT_TITLES = {
    "TOPIC_AUTHORIZATION_FAILED": "The account may not {doing} the topic {topic}",
    "GROUP_AUTHORIZATION_FAILED": "The account may not use this consumer group",
    "CLUSTER_AUTHORIZATION_FAILED": "The account lacks a right on the cluster",
}
_LATE = Cause(
    "late",
    BrokerBusy,
    "The broker did not confirm a chunk in time",
    f"It may be overloaded, lack the copies it needs, or the network is very slow. {SAFE}",
)
_CLOCK = Cause(
    "clock-refused",
    ClockRefused,
    "The broker finds the time of a message impossible",
    f"This computer's clock is probably wrong: set it right. {SAFE}",
)

BY_CODE: tuple[tuple[Cause, str], ...] = (
    (
        CONTACT,
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
    (TLS, "_SSL"),
    (
        RIGHT,
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
    (_LATE, "_MSG_TIMED_OUT"),
    (_CLOCK, "INVALID_TIMESTAMP"),
    (_WITHDRAWN, "_PURGE_QUEUE _PURGE_INFLIGHT"),
    (
        _SETTINGS,
        (
            "_INVALID_ARG _NOT_CONFIGURED _UNKNOWN_PROTOCOL _NOT_IMPLEMENTED _CONFLICT _CRIT_SYS_RESOURCE INVALID_CONFIG "
            "INVALID_REQUIRED_ACKS INVALID_SESSION_TIMEOUT INVALID_GROUP_ID INVALID_REGULAR_EXPRESSION UNSUPPORTED_ASSIGNOR "
            "UNSUPPORTED_COMPRESSION_TYPE UNSUPPORTED_FOR_MESSAGE_FORMAT UNSUPPORTED_VERSION _UNSUPPORTED_FEATURE"
        ),
    ),
    (_NO_NAME, "TOPIC_EXCEPTION"),
    (_DAMAGED, "INVALID_MSG INVALID_RECORD _BAD_MSG _BAD_COMPRESSION _UNDERFLOW _PARTIAL"),
    (_POSITION, "OFFSET_OUT_OF_RANGE _AUTO_OFFSET_RESET _NO_OFFSET _LOG_TRUNCATION _PARTITION_EOF"),
    (
        UNEXPECTED,
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
