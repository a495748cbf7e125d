"""Well-known S3 servers, and addresses as people type them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.address import address_of
from openmsi_desktop.streaming.sinks.bucket.presets import AMAZON, OTHER, PRESETS, preset_of


def described(endpoint: str = "", bucket: str = "lab", **more: str) -> Bucket:
    return Bucket.model_validate({"name": "b", "bucket": bucket, "endpoint_url": endpoint} | more)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_preset_makes_an_address_and_knows_it_again(preset: type) -> None:
    from openmsi_desktop.streaming.sinks.bucket.presets import Preset

    assert isinstance(preset, Preset)
    filled = {field.name: field.example for field in preset.fields}
    url = preset.endpoint_url(**filled)
    assert address_of(described(url)).endpoint_url == url
    if preset is not AMAZON:
        assert preset.filled(url) == filled
    expected = preset if preset.endpoint != "https://{host}" or preset.id in url else OTHER
    assert preset_of(described(url)) is expected
    for field in preset.fields:
        with pytest.raises(SettingsError, match=field.label):
            preset.endpoint_url(**(filled | {field.name: " "}))
        with pytest.raises(SettingsError, match=field.label):
            preset.endpoint_url(**(filled | {field.name: "a b/c"}))


def test_region_comes_from_the_field_or_from_the_preset() -> None:
    by_id = {preset.id: preset for preset in PRESETS}
    assert by_id["wasabi"].region_of(region="eu-central-1") == "eu-central-1"
    assert by_id["cloudflare"].region_of(account="x") == "auto"


@pytest.mark.parametrize(
    ("typed", "endpoint", "first"),
    [
        ("", "", "virtual"),
        ("s3.example.org", "https://s3.example.org", "path"),
        ("http://s3.example.org:9000/", "http://s3.example.org:9000", "path"),
        ("https://lab.s3.eu-central-1.amazonaws.com", "https://s3.eu-central-1.amazonaws.com", "virtual"),
        ("https://lab.s3.example.org", "https://s3.example.org", "virtual"),
        ("https://s3.example.org/lab", "https://s3.example.org", "path"),
        ("https://gate.example.org/s3/lab/", "https://gate.example.org/s3", "path"),
        ("http://127.0.0.1:7070", "http://127.0.0.1:7070", "path"),
        ("http://[::1]:7070", "http://[::1]:7070", "path"),
    ],
)
def test_addresses_as_people_type_them(typed: str, endpoint: str, first: str) -> None:
    address = address_of(described(typed))
    assert (address.endpoint_url, address.addressings[0]) == (endpoint, first)
    assert address_of(described(typed, addressing="virtual")).addressings == ("virtual",)


def test_proxies_are_for_what_is_far() -> None:
    near = [
        address_of(described(url)).is_near for url in ("http://localhost:1", "http://192.168.1.5:1", "http://store:1")
    ]
    far = [address_of(described(url)).is_near for url in ("", "https://s3.example.org", "https://8.8.8.8")]
    assert all(near) and not any(far)


def test_names_with_dots_are_not_put_before_the_servers_name() -> None:
    assert address_of(described(bucket="openmsi.lab")).addressings[0] == "path"


def test_presets_need_no_library() -> None:
    code = "import sys, openmsi_desktop.streaming.sinks.bucket.presets; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
