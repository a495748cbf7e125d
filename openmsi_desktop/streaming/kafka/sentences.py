"""Sentences about connections that are needed in more than one place."""

from __future__ import annotations

SAFE = "Nothing is lost; it is tried again by itself."
RESUMES = "Nothing is lost, and it goes on by itself once this is put right."

# title and advice; {server} is host:port
NO_TLS = (
    "{server} does not speak TLS",
    (
        f"The connection asks for TLS, that port has none. {RESUMES} Use the broker's TLS port, or set security.protocol to "
        "PLAINTEXT (with sign-in: SASL_PLAINTEXT)."
    ),
)
NO_BROKER = (
    "{server} is not a Kafka broker",
    f"Something else answers there, for example a web server. {RESUMES} Check host and port of the connection.",
)
OUR_CERTIFICATE = (
    "{server} does not accept our certificate",
    (
        f"It asks for a client certificate, and there is none, or it has expired, or an authority signed it that the broker "
        f"does not know. {RESUMES} Check ssl.certificate.location and ssl.key.location."
    ),
)


def about(server: str, words: tuple[str, str]) -> tuple[str, str]:
    """Title and advice with the server's address filled in."""
    title, advice = words
    return title.format(server=server), advice.format(server=server)
