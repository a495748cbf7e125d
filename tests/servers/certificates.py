"""A certificate authority of our own and the certificates of the test broker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Paths of PEM files. The server and client files hold a key and its certificate chain together."""

    authority: Path
    other_authority: Path
    server: Path
    server_other_name: Path
    server_expired: Path
    server_of_other_authority: Path
    client: Path
    client_expired: Path
    client_of_other_authority: Path


def make_certificates(folder: Path) -> Certificates:
    """Issue everything into ``folder``. The client's common name is "carol"."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, other = trustme.CA(), trustme.CA()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    last_week = yesterday - timedelta(days=7)

    def public(name: str, ca: trustme.CA) -> Path:
        ca.cert_pem.write_to_path(str(folder / name))
        return folder / name

    def private(name: str, certificate: trustme.LeafCert) -> Path:
        key = load_pem_private_key(certificate.private_key_pem.bytes(), None)
        # Kafka's PEM store reads PKCS#8 keys only
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / name).write_bytes(pem + b"".join(part.bytes() for part in certificate.cert_chain_pems))
        return folder / name

    here = ("localhost", "127.0.0.1")
    return Certificates(
        authority=public("authority.pem", authority),
        other_authority=public("other-authority.pem", other),
        server=private("server.pem", authority.issue_cert(*here)),
        server_other_name=private("server-other-name.pem", authority.issue_cert("kafka.other.example")),
        server_expired=private(
            "server-expired.pem", authority.issue_cert(*here, not_before=last_week, not_after=yesterday)
        ),
        server_of_other_authority=private("server-other-authority.pem", other.issue_cert(*here)),
        client=private("client.pem", authority.issue_cert("carol@lab.example", common_name="carol")),
        client_expired=private(
            "client-expired.pem",
            authority.issue_cert("dave@lab.example", common_name="dave", not_before=last_week, not_after=yesterday),
        ),
        client_of_other_authority=private("client-other.pem", other.issue_cert("eve@lab.example", common_name="eve")),
    )
