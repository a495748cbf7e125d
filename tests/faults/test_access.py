"""Certificates, passwords, tokens and rights change while files are sent (F16, F17, F18)."""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest
from faults.oracle import judge, read_topic
from faults.traffic import Instrument, Traffic
from servers.certificates import Certificates
from servers.kafka import Kafka
from servers.program import Program
from servers.proxy import Network, Toxiproxy

TLS_MOST_S, SIGN_IN_MOST_S, PAUSE_S = 10.0, 15.0, 30.0


def properties(**values: str) -> list[str]:
    """Options for librdkafka's properties; underscores stand for dots."""
    return [part for name, value in values.items() for part in ("--kafka", f"{name.replace('_', '.')}={value}")]


# -- certificates


@pytest.fixture
def doors(kafka: Kafka, toxiproxy: Toxiproxy) -> Iterator[Network]:
    """The way to the broker's TLS, which may be led to a listener with another certificate."""
    with Network(toxiproxy, kafka.doors("PROXIEDSSL")) as there:
        yield there


@pytest.mark.parametrize(
    ("listener", "title"),
    [("EXPIRED", "has expired"), ("BADNAME", "belongs to another name")],
    ids=["expired", "wrong name"],
)
def test_a_bad_certificate_is_named_and_a_good_one_is_enough(
    listener: str,
    title: str,
    kafka: Kafka,
    doors: Network,
    program: Program,
    certificates: Certificates,
    tmp_path: Path,
    judged: Callable[..., None],
) -> None:
    traffic = Traffic(kafka, program, tmp_path, listener="PROXIEDSSL")
    traffic.start(*properties(security_protocol="SSL", ssl_ca_location=str(certificates.authority)))
    doors.lead_to(kafka.ports(listener))
    took = traffic.wait_for_task(title, timeout_s=60)
    traffic.wait_for_task(title, timeout_s=60, where="reader")
    doors.lead_to(kafka.ports("PROXIEDSSL"))
    recovery, verdict = traffic.recover()
    judged("F16", f"the certificate {title}", 1, verdict, recovery_s=recovery, note=f"said after {took:.1f} s")
    assert took <= TLS_MOST_S
    assert traffic.problems() == []


def test_a_new_authority_is_taken_from_its_file_without_a_restart(
    kafka: Kafka,
    doors: Network,
    program: Program,
    certificates: Certificates,
    tmp_path: Path,
    judged: Callable[..., None],
) -> None:
    authority = tmp_path / "authority.pem"
    shutil.copy(certificates.authority, authority)
    traffic = Traffic(kafka, program, tmp_path, listener="PROXIEDSSL")
    traffic.start(*properties(security_protocol="SSL", ssl_ca_location=str(authority)))
    doors.lead_to(kafka.ports("OTHERCA"))
    took = traffic.wait_for_task("signed by an unknown authority", timeout_s=60)
    shutil.copy(certificates.other_authority, authority)
    traffic.retry()
    recovery, verdict = traffic.recover(timeout_s=90, settle_s=120)
    judged("F16", "the authority is replaced", 1, verdict, recovery_s=recovery, note=f"said after {took:.1f} s")
    assert took <= TLS_MOST_S
    assert traffic.problems() == []


# -- passwords and tokens


def secret(folder: Path, text: str) -> dict[str, str]:
    """Where the programs find the secret "lab", as systemd provides it; may be written again while they run."""
    folder.mkdir(exist_ok=True)
    (folder / "lab").write_text(text)
    return {"CREDENTIALS_DIRECTORY": str(folder), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def test_a_changed_password_is_asked_for_again_and_the_account_is_not_locked(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    kafka.set_password("dora", "first")
    traffic = Traffic(kafka, program, tmp_path, listener="REAUTH", reads=False)
    kafka.allow("dora", "WRITE", "DESCRIBE", topic=traffic.topic)
    sign_in = properties(security_protocol="SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-512", sasl_username="dora")
    traffic.start(*sign_in, "--credential", "lab", env=secret(tmp_path / "secrets", "first"))
    refused_before = kafka.refused_sign_ins()
    kafka.set_password("dora", "second")
    took = traffic.wait_for_task("User name or password is wrong", timeout_s=60)
    wrong_s = seconds(2, 95)
    time.sleep(wrong_s)  # the fault itself
    refused = kafka.refused_sign_ins() - refused_before
    secret(tmp_path / "secrets", "second")
    traffic.retry()
    recovery, verdict = traffic.recover()
    note = f"said after {took:.1f} s; {refused} attempts in {took + wrong_s:.0f} s"
    judged("F17", "the password is changed", 1, verdict, recovery_s=recovery, note=note)
    assert took <= SIGN_IN_MOST_S
    assert 1 <= refused <= 1 + (took + wrong_s) // PAUSE_S
    assert traffic.problems() == []


class TokenServer:
    """Issues unsigned tokens that live for ``lifetime_s`` seconds, as long as ``is_willing``."""

    def __init__(self, lifetime_s: float) -> None:
        self.is_willing = True
        server = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = {"error": "invalid_client"} if not server.is_willing else server.token(lifetime_s)
                text = json.dumps(body).encode()
                self.send_response(200 if server.is_willing else 401)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/token"
        self._thread = threading.Thread(target=self._http.serve_forever, name="tokens", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)

    def token(self, lifetime_s: float) -> dict[str, object]:
        """RFC 7519, section 6: an unsecured JWT."""
        now = int(time.time())
        claims = {"sub": "oda", "iat": now, "exp": now + round(lifetime_s)}
        parts = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in ({"alg": "none"}, claims)]
        return {"access_token": f"{parts[0].decode()}.{parts[1].decode()}.", "token_type": "bearer"}


def test_a_token_that_is_not_renewed_stops_sending_until_there_is_one(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    with TokenServer(lifetime_s=5) as tokens:
        traffic = Traffic(kafka, program, tmp_path, listener="REAUTH", reads=False)
        kafka.allow("oda", "WRITE", "DESCRIBE", topic=traffic.topic)
        sign_in = properties(
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="OAUTHBEARER",
            sasl_oauthbearer_method="oidc",
            sasl_oauthbearer_client_id="instrument",
            sasl_oauthbearer_token_endpoint_url=tokens.url,
        )
        traffic.start(*sign_in, "--credential", "lab", env=secret(tmp_path / "secrets", "the old one"))
        tokens.is_willing = False
        took = traffic.wait_for_task("No token could be had", timeout_s=60)
        tokens.is_willing = True
        secret(tmp_path / "secrets", "the new one")
        traffic.retry()
        recovery, verdict = traffic.recover()
    judged("F17", "the token expires", 1, verdict, recovery_s=recovery, note=f"said after {took:.1f} s")
    assert took <= SIGN_IN_MOST_S
    assert traffic.problems() == []


# -- rights


def test_a_right_that_is_withdrawn_stops_only_the_task_that_needs_it(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """Two folders, two topics, one account."""
    kafka.set_password("erin", "erins")
    folders = [Instrument(tmp_path / name) for name in ("left", "right")]
    topics = [kafka.create_topic(config={"message.timestamp.type": "LogAppendTime"}) for _ in folders]
    for topic in topics:
        kafka.allow("erin", "WRITE", "DESCRIBE", topic=topic)
    program.write_settings(
        {key: value for key, value in kafka.client("REAUTH", "erin", password="").items() if key != "sasl.password"},
        [
            {"name": i.written.root.name, "path": str(i.written.root), "topic": topic, "settle": {"quiet_s": 0.2}}
            for i, topic in zip(folders, topics, strict=True)
        ],
        credential="lab",
    )
    running = program.start("run", env=secret(tmp_path / "secrets", "erins"))

    def is_sent(which: int) -> None:
        path = folders[which].one()
        running.wait_for(event="file", path=path, state="sent", sha512=folders[which].written.last[path])

    is_sent(0)
    is_sent(1)
    kafka.forbid("erin", topic=topics[0])
    begun = time.time()
    late = folders[0].one()
    running.wait_until(
        lambda: any("may not" in e["title"] for e in running.find(event="task", state="waiting", task="left")),
        timeout_s=60,
        what="the task whose right is gone waits",
    )
    took = time.time() - begun
    for _ in range(3):
        is_sent(1)
    assert running.find(event="task", state="waiting", task="right") == []
    kafka.allow("erin", "WRITE", "DESCRIBE", topic=topics[0])
    begun = time.time()
    assert program.run("retry").process.returncode == 0
    running.wait_for(event="file", path=late, state="sent", timeout_s=60)
    recovery = time.time() - begun
    is_sent(0)
    assert running.stop() == 143, running.tell()
    verdicts = []
    for instrument, topic in zip(folders, topics, strict=True):
        said = [e for e in running.events if e.get("task") == instrument.written.root.name]
        verdicts.append(judge(instrument.written, read_topic(kafka.client(), topic, instrument.written), said=said))
        what = f"the right to write is withdrawn, the {'other' if len(verdicts) == 2 else 'same'} task"
        judged("F18", what, 1, verdicts[-1], recovery_s=recovery, note=f"said after {took:.1f} s")
    assert running.find(event="problem") == []
