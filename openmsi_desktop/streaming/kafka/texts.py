"""The table of what librdkafka says in words: a pattern and the cause that it reveals, most specific first."""

from __future__ import annotations

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.streaming.kafka.codes import TLS, Cause, Weight
from openmsi_desktop.streaming.kafka.errors import NoContact, RightDenied, SignInRefused, TlsRefused, WrongSecurity
from openmsi_desktop.streaming.kafka.sentences import NO_BROKER, NO_TLS, OUR_CERTIFICATE, RESUMES, SAFE

BY_TEXT: tuple[tuple[str, Cause], ...] = (
    (
        r"Failed to resolve",
        Cause(
            NoContact,
            "The name {host} is not known",
            f"This computer's network does not know a computer of that name. {SAFE} Check the spelling of the address, "
            "the network cable, and whether you have to be in a certain network or VPN.",
        ),
    ),
    (
        r"Connect to .* failed: Connection refused",
        Cause(
            NoContact,
            "Nothing answers at {server}",
            f"The computer is there, but no broker listens at that port. {SAFE} Check the port of the connection; the "
            "broker may also be switched off, or starting.",
        ),
    ),
    (
        r"Connect to .* failed",
        Cause(NoContact, "Cannot connect to {server}", f"{SAFE} Check the network and the address. Detail: {{detail}}"),
    ),
    (
        r"setup timed out in state CONNECT",
        Cause(
            NoContact,
            "{server} does not answer",
            f"Nothing came back from that address. {SAFE} A firewall may swallow the connection, or the computer is off.",
        ),
    ),
    (
        r"setup timed out in state",
        Cause(
            NoContact,
            "{server} accepts connections but says nothing",
            f"The broker may be frozen or overloaded, or the port belongs to another program. {SAFE}",
        ),
    ),
    (
        # the others are questions of ours, with a time limit of their own
        r"Timed out (?!ListOffsets|OffsetFetch|OffsetCommit)\w+Request",
        Cause(
            NoContact,
            "{server} has stopped answering",
            f"The broker is frozen or overloaded, or the network swallows its answers. {SAFE}",
        ),
    ),
    (
        r"Invalid response size|wrong version number",
        Cause(WrongSecurity, *NO_BROKER, Weight.CERTAIN),
    ),
    (
        r"connecting to a PLAINTEXT broker listener",
        Cause(WrongSecurity, *NO_TLS, Weight.CERTAIN),
    ),
    (
        r"mechanism handshake failed: .*not valid in current SASL state",
        Cause(
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
            SignInRefused,
            "The broker does not offer this kind of sign-in",
            f"It offers: {{offered}}. {RESUMES} Set sasl.mechanism to one of these.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Failed to acquire SASL OAUTHBEARER token: (?P<offered>.*)",
        Cause(
            SignInRefused,
            "No token could be had for the sign-in",
            f"{RESUMES} Check the sasl.oauthbearer properties of the connection. Detail: {{offered}}",
            Weight.CERTAIN,
        ),
    ),
    (
        r"(?i)invalid credentials|Invalid username or password",
        Cause(
            SignInRefused,
            "User name or password is wrong",
            f"The broker refused the sign-in. {RESUMES} Check sasl.username and store the password again. It is tried at "
            "most every 30 s, so that the account is not locked.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"alert bad certificate|alert certificate (unknown|required|expired|revoked)|alert unknown ca",
        Cause(TlsRefused, *OUR_CERTIFICATE, Weight.CERTAIN),
    ),
    (r"certificate verify failed", TLS),
    (
        r"SSL handshake failed|SSL connection closed",
        Cause(
            NoContact,
            "{server} broke off the secure connection",
            f"{SAFE} Perhaps that port wants a sign-in too (security.protocol SASL_SSL). Detail: {{detail}}",
            worth_a_look=True,
        ),
    ),
    (
        r"Disconnected|Receive failed|Send failed|closed by peer",
        Cause(
            NoContact,
            "{server} closed the connection",
            f"The broker may be restarting. If it lasts, the port may want TLS or a sign-in. {SAFE}",
            worth_a_look=True,
        ),
    ),
    (
        r"No provider for SASL mechanism (?P<offered>\S+?):",
        Cause(
            SettingsError,
            "Sign-in by {offered} is not possible",
            "Set sasl.mechanism to what the broker offers of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"ssl\.(?P<offered>[a-z.]+) failed",
        Cause(
            SettingsError,
            "The file of ssl.{offered} cannot be used",
            "It does not exist, may not be read, or is not in PEM form. Correct ssl.{offered} of the connection.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"sasl\.username and sasl\.password must be set",
        Cause(
            SettingsError,
            "User name or password is missing",
            "Set sasl.username, and name the credential that holds the password (--credential, in settings: credential).",
            Weight.CERTAIN,
        ),
    ),
    (
        r'No such configuration property: "(?P<offered>[^"]*)"',
        Cause(
            SettingsError,
            "{offered} is not a property of a connection",
            "Correct its name, or take it out. The names are librdkafka's.",
            Weight.CERTAIN,
        ),
    ),
    (
        r"Failed to acquire idempotence PID.*Cluster authorization failed",
        Cause(
            RightDenied,
            "The account may not send safely",
            f"Without the right IdempotentWrite on the cluster, chunks could arrive twice or in another order. {RESUMES} "
            "Ask the broker's administrators for the right to write to the topic, or for IdempotentWrite.",
            Weight.CERTAIN,
        ),
    ),
)
