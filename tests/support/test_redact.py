"""Secrets are taken out of texts: those that are known whatever they look like, others by what stands before them."""

from __future__ import annotations

import base64
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmsi_desktop.support.redact import HIDDEN, Redactor

PLANTED = "Tr0ub4dor-3"


@pytest.mark.parametrize(
    "text",
    [
        f'"sasl.password" = "{PLANTED}"',
        f"sasl.password={PLANTED}",
        f"sasl.password: '{PLANTED}'",
        f'{{"password": "{PLANTED}", "user": "inst"}}',
        f'sasl.jaas.config=org.apache.kafka.Login required username="inst" password="{PLANTED}";',
        f"export OPENMSI_SECRET_LAB={PLANTED}",
        f"--password {PLANTED}",
        f"--sasl-password={PLANTED}",
        f"https://inst:{PLANTED}@idp.example.org/token",
        f"Authorization: Bearer {PLANTED}",
        f"ssl.key.password = {PLANTED}",
        f"aws_secret_access_key = {PLANTED}",
        f"client_secret={PLANTED}&grant_type=client_credentials",
        f"passphrase: {PLANTED}",
        f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{PLANTED}\nmore\n-----END ENCRYPTED PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{PLANTED}\nthe end of the log cut it off",
        f"token eyJhbGciOiJIUzI1NiJ9.{base64.urlsafe_b64encode(PLANTED.encode()).decode()}.abcdefghijk",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    hidden = Redactor()(text)
    assert PLANTED not in hidden
    assert base64.urlsafe_b64encode(PLANTED.encode()).decode() not in hidden
    assert HIDDEN in hidden


@pytest.mark.parametrize(
    "text",
    [
        'ssl.key.location = "/etc/lab/key.pem"',
        'kafka = { "bootstrap.servers" = "kafka.example.org:9093", "sasl.username" = "inst" }',
        "sasl.oauthbearer.token.endpoint.url = https://idp.example.org/token",
        "2026-11-21 14:00:00 INFO watching /data/run_01/a.xy: 12 chunks of 524288 bytes",
    ],
)
def test_what_a_helper_needs_stays(text: str) -> None:
    assert Redactor()(text) == text


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=4, max_size=40), st.data())
def test_a_known_secret_is_hidden_in_every_form(secret: str, data: st.DataObject) -> None:
    form = data.draw(
        st.sampled_from(
            [
                secret,
                json.dumps(secret, ensure_ascii=False)[1:-1],
                urllib.parse.quote(secret, safe=""),
                base64.b64encode(secret.encode()).decode(),
            ]
        )
    )
    text = f"begin<{form}>end"
    hidden = Redactor([secret])(text)
    assert f"<{form}>" not in hidden or HIDDEN in form
