"""boto3 and its clients, set up in our way."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from typing import Any

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.address import address_of
from openmsi_desktop.streaming.sinks.bucket.codes import caused, translated

_making = threading.Lock()  # botocore's sessions are for one thread at a time


def make_client(
    described: Bucket,
    secret: str | None,
    *,
    connections: int = 10,
    connect_s: float = 5.0,
    read_s: float = 60.0,
    attempts: int = 1,
    clock: Any = None,
    addressing: str = "",
    region: str = "",
) -> Any:
    """boto3's client for a bucket. Contacts nobody. clock: a :class:`~openmsi_desktop.streaming.sinks.bucket.clock.Clock`.

    addressing, region: instead of those of the settings, or the likeliest.

    Raises:
        SettingsError: boto3 is not installed, or the address cannot be one.
        StoreRefused: the file with the authority's certificate is not there, or no keys can be found.
    """
    address = address_of(described)
    check_library()
    check_ca_file(described)
    from botocore.config import Config

    from openmsi_desktop.streaming.sinks.bucket.clock import Clock, keep_time

    config = Config(
        region_name=region or described.region or "us-east-1",
        connect_timeout=connect_s,
        read_timeout=read_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=max(connections, 1),
        tcp_keepalive=True,
        proxies={} if address.is_near else None,
        signature_version="s3v4",
        ignore_configured_endpoint_urls=True,
        # every body that is sent has a checksum of our own; others would be computed besides
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={
            "addressing_style": addressing or address.addressings[0],
            "payload_signing_enabled": False,
            "us_east_1_regional_endpoint": "regional",
        },
    )
    try:
        with _making:
            client = _session(bool(described.access_key_id)).client(
                "s3",
                endpoint_url=address.endpoint_url or None,
                aws_access_key_id=described.access_key_id or None,
                aws_secret_access_key=secret if described.access_key_id else None,
                verify=described.ca_file or None,
                config=config,
            )
    except Exception as error:
        raise translated(error, described) from error
    keep_time(client, clock or Clock())
    return client


def check_library() -> None:
    """Whether boto3 is there.

    Raises:
        SettingsError: it is not; the advice says how to get it.
    """
    try:
        import boto3  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            "boto3 is not installed",
            "This program needs it for S3 buckets, and for nothing else. Install it with: pip install 'openmsi-desktop[s3]'. "
            "Until then files for buckets wait.",
            code="library-missing",
        ) from error


def check_ca_file(described: Bucket) -> None:
    """Whether it can be read, if there is one.

    Raises:
        StoreRefused: it cannot.
    """
    if described.ca_file and not os.access(described.ca_file, os.R_OK):
        raise caused("file-unusable", described, detail=described.ca_file)


def _session(has_keys: bool) -> Any:
    return _own_session() if has_keys else _usual_session()


@lru_cache(maxsize=1)
def _own_session() -> Any:
    """Knows nothing of profiles and files of the AWS command line: a bucket of the settings has its own keys."""
    import boto3
    from botocore.session import Session

    nothing: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.Session(botocore_session=Session(session_vars=nothing))


def _usual_session() -> Any:
    """As every program with boto3 finds its keys; anew each time, for they may have changed."""
    import boto3

    return boto3.Session()
