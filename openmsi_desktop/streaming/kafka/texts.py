"""The table of what librdkafka says in words: a pattern and the cause that it reveals, most specific first."""

from __future__ import annotations

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.streaming.kafka.codes import TLS, Cause, Weight
from openmsi_desktop.streaming.kafka.errors import NoContact, RightDenied, SignInRefused, WrongSecurity
from openmsi_desktop.streaming.kafka.sentences import (
    CLOSED,
    NAME_UNKNOWN,
    NO_ANSWER,
    NO_BROKER,
    NO_TLS,
    OUR_CERTIFICATE,
    PORT_REFUSED,
    RESUMES,
    SAFE,
    SILENT,
)

BY_TEXT: tuple[tuple[str, Cause], ...] = (
    (
        r"Failed to resolve",
        Cause(*NAME_UNKNOWN),
    ),
    (
        r"Connect to .* failed: Connection refused",
        Cause(*PORT_REFUSED),
    ),
    (
        r"Connect to .* failed",
        Cause(
            "cannot-connect",
            NoContact,
            "Cannot connect to {server}",
            f"{SAFE} Check the network and the address. Detail: {{detail}}",
        ),
    ),
    (
        r"setup timed out in state CONNECT",
        Cause(*NO_ANSWER),
    ),
    (
        r"setup timed out in state",
        Cause(*SILENT),
    ),
    (
        # the others are questions of ours, with a time limit of their own
        r"Timed out (?!ListOffsets|OffsetFetch|OffsetCommit)\w+Request",
        Cause(
            "stopped-answering",
            NoContact,
            "{server} has stopped answering",
            f"The broker is frozen or overloaded, or the network swallows its answers. {SAFE}",
        ),
    ),
    (
        r"Invalid response size|wrong version number",
        Cause(*NO_BROKER, Weight.CERTAIN),
    ),
    (
        r"connecting to a PLAINTEXT broker listener",
        Cause(*NO_TLS, Weight.CERTAIN),
    ),
    (
        r"mechanism handshake failed: .*not valid in current SASL state",
        Cause(
            "wants-no-sign-in",
            WrongSecurity,
            "{server} wants no sign-in",
            f"The connection gives a user name, but that port takes none. {RESUMES} Use the broker's port for sign-in, or "
            "set security.protocol to PLAINTEXT or SSL.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Unsupported SASL mechanism: broker's supported mechanisms: (?P<offered>.*)",
        Cause(
            "mechanism-not-offered",
            SignInRefused,
            "The broker does not offer this kind of sign-in",
            f"It offers: {{offered}}. {RESUMES} Set sasl.mechanism to one of these.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Failed to acquire SASL OAUTHBEARER token: (?P<offered>.*)",
        Cause(
            "no-token",
            SignInRefused,
            "No token could be had for the sign-in",
            f"{RESUMES} Check the sasl.oauthbearer properties of the connection. Detail: {{offered}}",
            Weight.CERTAIN,
        ),
    ),
    (
        r"(?i)invalid credentials|Invalid username or password",
        Cause(
            "wrong-password",
            SignInRefused,
            "User name or password is wrong",
            f"The broker refused the sign-in. {RESUMES} Check sasl.username and store the password again. It is tried at "
            "most every 30 s, so that the account is not locked.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"alert bad certificate|alert certificate (unknown|required|expired|revoked)|alert unknown ca",
        Cause(*OUR_CERTIFICATE, Weight.CERTAIN),
    ),
    (r"certificate verify failed", TLS),
    (
        r"SSL handshake failed|SSL connection closed",
        Cause(
            "broken-off",
            NoContact,
            "{server} broke off the secure connection",
            f"{SAFE} Perhaps that port wants a sign-in too (security.protocol SASL_SSL). Detail: {{detail}}",
            worth_a_look=True,
        ),
    ),
    (
        r"Disconnected|Receive failed|Send failed|closed by peer",
        Cause(
            *CLOSED,
            worth_a_look=True,
        ),
    ),
    (
        r"No provider for SASL mechanism (?P<offered>\S+?):",
        Cause(
            "mechanism-impossible",
            SettingsError,
            "Sign-in by {offered} is not possible",
            "Set sasl.mechanism to what the broker offers of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"ssl\.(?P<offered>[a-z.]+) failed",
        Cause(
            "file-unusable",
            SettingsError,
            "The file of ssl.{offered} cannot be used",
            "It does not exist, may not be read, or is not in PEM form. Correct ssl.{offered} of the connection.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"sasl\.username and sasl\.password must be set",
        Cause(
            "password-missing",
            SettingsError,
            "User name or password is missing",
            "Set sasl.username, and name the credential that holds the password (--credential, in settings: credential).",
            Weight.CERTAIN,
        ),
    ),
    (
        r'No such configuration property: "(?P<offered>[^"]*)"',
        Cause(
            "unknown-property",
            SettingsError,
            "{offered} is not a property of a connection",
            "{meant} Correct its name, or take it out. The names are librdkafka's.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Failed to acquire idempotence PID.*Cluster authorization failed",
        Cause(
            "idempotence-denied",
            RightDenied,
            "The account may not send safely",
            f"Without the right IdempotentWrite on the cluster, chunks could arrive twice or in another order. {RESUMES} "
            "Ask the broker's administrators for the right to write to the topic, or for IdempotentWrite.",
            Weight.CERTAIN,
        ),
    ),
)
