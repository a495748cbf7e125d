"""Causes that are found out in two ways: by librdkafka's words, and by our own look at an address. One set of words for both.

Also the two promises that stand in many pieces of advice.
"""

from __future__ import annotations

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.errors import NoContact, TlsRefused, WrongSecurity

SAFE = "Nothing is lost; it is tried again by itself."
RESUMES = "Nothing is lost, and it goes on by itself once this is put right."

Known = tuple[str, type[OpenMSIError], str, str]
"""Code, class, title, advice; {server} is host:port, {host} the host alone."""

NAME_UNKNOWN: Known = (
    "name-unknown",
    NoContact,
    "The name {host} is not known",
    (
        f"This computer's network does not know a computer of that name. {SAFE} Check the spelling of the address, "
        "the network cable, and whether you have to be in a certain network or VPN."
    ),
)
PORT_REFUSED: Known = (
    "port-refused",
    NoContact,
    "Nothing answers at {server}",
    (
        f"The computer is there, but no broker listens at that port. {SAFE} Check the port of the connection; the "
        "broker may also be switched off, or starting."
    ),
)
NO_ANSWER: Known = (
    "no-answer",
    NoContact,
    "{server} does not answer",
    f"Nothing came back from that address. {SAFE} A firewall may swallow the connection, or the computer is off.",
)
SILENT: Known = (
    "silent",
    NoContact,
    "{server} accepts connections but says nothing",
    f"The broker may be frozen or overloaded, or the port belongs to another program. {SAFE}",
)
CLOSED: Known = (
    "closed",
    NoContact,
    "{server} closed the connection",
    f"The broker may be restarting. If it lasts, the port may want TLS or a sign-in. {SAFE}",
)
NO_TLS: Known = (
    "lacks-tls",
    WrongSecurity,
    "{server} does not speak TLS",
    (
        f"The connection asks for TLS, that port has none. {RESUMES} Use the broker's TLS port, or set security.protocol to "
        "PLAINTEXT (with sign-in: SASL_PLAINTEXT)."
    ),
)
NO_BROKER: Known = (
    "not-a-broker",
    WrongSecurity,
    "{server} is not a Kafka broker",
    f"Something else answers there, for example a web server. {RESUMES} Check host and port of the connection.",
)
CONTROLLER: Known = (
    "controller",
    WrongSecurity,
    "{server} is not for clients",
    f"Something of Kafka answers there, perhaps a controller. {RESUMES} Check the port of the connection.",
)
OUR_CERTIFICATE: Known = (
    "own-certificate-refused",
    TlsRefused,
    "{server} does not accept our certificate",
    (
        f"It asks for a client certificate, and there is none, or it has expired, or an authority signed it that the broker "
        f"does not know. {RESUMES} Check ssl.certificate.location and ssl.key.location."
    ),
)


def about(server: str, known: Known) -> OpenMSIError:
    """The error, with the server's address (host:port) filled in."""
    code, kind, title, advice = known
    host = server.rpartition(":")[0].strip("[]")
    return kind(title.format(server=server, host=host), advice.format(server=server, host=host), code=code)
