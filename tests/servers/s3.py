"""A real S3 server on this computer: versitygw, which keeps objects as files.

    with S3(folder, binary) as s3:
        bucket = s3.create_bucket()
        s3.client().put_object(Bucket=bucket, Key="a", Body=b"1")
        keys = s3.user(bucket, "s3:PutObject")

What it does and what it does not, compared with Amazon's: keys are paths, so "a" and "a/b" cannot both be objects, and no
part of a key may have more than 255 bytes; no lifecycle rules. Source: github.com/versity/versitygw, wiki.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import ssl
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servers.kafka import free_port
from servers.parts import eventually

REGION = "us-east-1"
_START_S = 15.0


@dataclass(frozen=True, slots=True)
class Keys:
    """How somebody signs in."""

    access_key_id: str
    secret: str


ROOT = Keys("rootkey", "rootsecret12345678")
"""May do everything."""


def client(endpoint: str, keys: Keys = ROOT, *, verify: Path | None = None, **config: Any) -> Any:
    """A plain boto3 client with short times and one attempt. config: for botocore's Config."""
    import boto3
    from botocore.config import Config

    usual: dict[str, Any] = {
        "connect_timeout": 3,
        "read_timeout": 10,
        "retries": {"total_max_attempts": 1},
        "s3": {"addressing_style": "path"},
        "proxies": {},
    }
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret,
        verify=str(verify) if verify else None,
        config=Config(**(usual | config)),
    )


class S3:
    """The running server; stops when it is left. Its log is versitygw.log in ``folder``."""

    def __init__(
        self,
        folder: Path,
        binary: Path,
        *,
        certificate: Path | None = None,
        authority: Path | None = None,
        domain: str = "",
    ) -> None:
        """certificate: PEM file with key and chain; with it the server speaks TLS only. authority: for our own clients.

        domain: with its port; requests to BUCKET.domain are for that bucket (addressing "virtual").
        """
        self._folder = folder.resolve()
        self._binary = binary.resolve()
        self._certificate = certificate
        self._authority = authority
        self._domain = domain
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._policies: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> Self:
        for part in ("data", "iam", "versions"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def endpoint(self) -> str:
        """Its address, as settings have it."""
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self._port}"

    @property
    def data(self) -> Path:
        """Folder with a folder for each bucket."""
        return self._folder / "data"

    @property
    def port(self) -> int:
        """On 127.0.0.1."""
        return self._port

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, readonly: bool = False) -> None:
        """Start it, again at the same port with the same objects. readonly: it takes no writes."""
        tls = ["--cert", str(self._certificate), "--key", str(self._certificate)] if self._certificate else []
        command = [
            str(self._binary), "--port", f"127.0.0.1:{self._port}", "--region", REGION,
            "--iam-dir", str(self._folder / "iam"), "--iam-cache-disable", "--health", "/health", "--keep-alive",
            *tls, *(["--virtual-domain", self._domain] if self._domain else []),
            *(["--readonly"] if readonly else []),
            "posix", "--versioning-dir", str(self._folder / "versions"), str(self._folder / "data"),
        ]  # fmt: skip
        keys = {"ROOT_ACCESS_KEY": ROOT.access_key_id, "ROOT_SECRET_KEY": ROOT.secret}
        with open(self._folder / "versitygw.log", "ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | keys, cwd=self._folder
            )
        try:
            eventually(self._answers, timeout_s=_START_S, what="versitygw answers", every_s=0.02)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """At once, as a loss of power to the program would."""
        if self._process is not None:
            self.resume()
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self) -> None:
        """In order."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
        self._process = None

    def restart(self, *, readonly: bool = False) -> None:
        """Kill and start."""
        self.kill()
        self.start(readonly=readonly)

    def pause(self) -> None:
        """It keeps its connections and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """After pause()."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)

    def client(self, keys: Keys = ROOT, **config: Any) -> Any:
        """See :func:`client`. Close it, or leave it to a ``with closing(…)``."""
        return client(self.endpoint, keys, verify=self._authority, **config)

    def create_bucket(self, name: str | None = None, *, versioned: bool = False) -> str:
        """A new bucket, empty. versioned: it keeps what is overwritten."""
        name = name or f"bucket-{next(self._numbers)}"
        root = self.client()
        try:
            root.create_bucket(Bucket=name)
            if versioned:
                root.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        finally:
            root.close()
        return name

    def delete_bucket(self, name: str) -> None:
        """With everything in it."""
        root = self.client()
        try:
            for upload in root.list_multipart_uploads(Bucket=name).get("Uploads", []):
                root.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
            for key in self.keys(name):
                root.delete_object(Bucket=name, Key=key)
            root.delete_bucket(Bucket=name)
        finally:
            root.close()

    def keys(self, bucket: str) -> list[str]:
        """Of all objects, sorted."""
        root = self.client()
        try:
            pages = root.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            return sorted(item["Key"] for page in pages for item in page.get("Contents", []))
        finally:
            root.close()

    def content(self, bucket: str, key: str) -> bytes:
        """Of one object."""
        root = self.client()
        try:
            body: bytes = root.get_object(Bucket=bucket, Key=key)["Body"].read()
        finally:
            root.close()
        return body

    def user(self, bucket: str = "", *actions: str, name: str | None = None) -> Keys:
        """Somebody new who may do these things (``s3:PutObject``) in this bucket, and nothing else."""
        keys = Keys(name or f"user-{next(self._numbers)}", f"secret-{next(self._numbers)}")
        self._admin("create-user", "-a", keys.access_key_id, "-s", keys.secret, "-r", "user")
        if actions:
            self.allow(keys, bucket, *actions)
        return keys

    def allow(self, keys: Keys, bucket: str, *actions: str) -> None:
        """More rights for somebody in this bucket."""
        mine = {"Effect": "Allow", "Principal": {"AWS": [keys.access_key_id]}, "Action": list(actions)}
        mine["Resource"] = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        self._policies.setdefault(bucket, []).append(mine)
        self._write_policy(bucket)

    def forbid(self, keys: Keys, bucket: str) -> None:
        """Take away what somebody may do there."""
        mine = [keys.access_key_id]
        self._policies[bucket] = [p for p in self._policies.get(bucket, []) if p["Principal"]["AWS"] != mine]
        self._write_policy(bucket)

    def change_secret(self, keys: Keys, secret: str) -> Keys:
        """The old one counts no more."""
        self._admin("update-user", "-a", keys.access_key_id, "-s", secret)
        return Keys(keys.access_key_id, secret)

    def _write_policy(self, bucket: str) -> None:
        root = self.client()
        try:
            if statements := self._policies[bucket]:
                policy = {"Version": "2012-10-17", "Statement": statements}
                root.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
            else:
                root.delete_bucket_policy(Bucket=bucket)
        finally:
            root.close()

    def _admin(self, *arguments: str) -> None:
        command = [str(self._binary), "admin", "--access", ROOT.access_key_id, "--secret", ROOT.secret]
        command += ["--allow-insecure", "--endpoint-url", self.endpoint, *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "versitygw.log").read_text()[-2000:]
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=anyone)
        try:
            with urllib.request.build_opener(*handlers).open(f"{self.endpoint}/health", timeout=1) as answer:
                answer.read()
        except OSError:
            return False
        return True
