"""What S3 servers and boto3 say, as errors for people. No server is needed."""

from __future__ import annotations

import gzip
import inspect
import json
import re
import string
import subprocess
import sys
from pathlib import Path

import boto3.exceptions
import botocore.exceptions
import botocore.parsers
import pytest
from botocore.exceptions import ClientError

from openmsi_desktop.core.errors import NeedsYou, RetryableError
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket import errors
from openmsi_desktop.streaming.sinks.bucket.causes import CAUSES
from openmsi_desktop.streaming.sinks.bucket.codes import BY_CODE, BY_LIBRARY, caused, translated
from openmsi_desktop.streaming.sinks.bucket.doubts import Doubts

LAB = Bucket(name="lab", bucket="openmsi", endpoint_url="s3.example.org:9000", access_key_id="me", credential="lab-key")

AMAZON = """AccessControlListNotSupported AccessDenied AccountProblem AllAccessDisabled AuthorizationHeaderMalformed BadDigest
BucketAlreadyExists BucketAlreadyOwnedByYou BucketNotEmpty ConditionalRequestConflict CredentialsNotSupported EntityTooLarge
EntityTooSmall ExpiredToken IllegalLocationConstraintException IncompleteBody InsufficientStorage InternalError
InvalidAccessKeyId InvalidArgument InvalidBucketName InvalidBucketState InvalidDigest InvalidEncryptionAlgorithmError
InvalidLocationConstraint InvalidObjectState InvalidPart InvalidPartOrder InvalidPayer InvalidRange InvalidRequest
InvalidSecurity InvalidStorageClass InvalidToken InvalidURI KeyTooLongError MalformedXML MaxMessageLengthExceeded
MetadataTooLarge MethodNotAllowed MissingContentLength MissingSecurityHeader NoSuchBucket NoSuchKey NoSuchUpload
NoSuchVersion NotImplemented NotSignedUp OperationAborted PermanentRedirect PreconditionFailed Redirect RequestTimeTooSkewed
RequestTimeout ServiceUnavailable SignatureDoesNotMatch SlowDown TemporaryRedirect TokenRefreshRequired TooManyBuckets
TooManyParts UserKeyMustBeSpecified XAmzContentSHA256Mismatch"""
"""docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, those that can meet us."""

VERSITYGW = """AccessForbidden BadRequest DirectoryObjectContainsData ExistingObjectIsDirectory InvalidChunkSizeError
InvalidPartNumber KeyTooLongError MalformedTrailerError MissingRequestBodyError NotModified ObjectParentIsFile QuotaExceeded
RequestHeaderSectionTooLarge UnexpectedContent VersioningNotConfigured XAdminAccessDenied"""
"""Its s3err package, v1.8.0."""

MINIO = (
    "XMinioStorageFull XMinioServerNotInitialized XMinioAdminBucketQuotaExceeded XMinioInvalidObjectName SlowDownWrite"
)


def answered(code: str, status: int, message: str = "", **error: str) -> ClientError:
    told = {"Code": code, "Message": message, **error}
    return ClientError({"Error": told, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


def test_every_exception_of_the_library_is_known() -> None:
    modules = (botocore.exceptions, boto3.exceptions)
    kinds = [kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)]
    unknown = {
        kind.__name__
        for kind in kinds
        if issubclass(kind, Exception)
        and not issubclass(kind, Warning)
        and kind.__module__ in ("botocore.exceptions", "boto3.exceptions")
        and kind.__name__ not in BY_LIBRARY
    }
    assert not unknown, f"put these into codes.py: {sorted(unknown)}"
    assert botocore.parsers.ResponseParserError.__name__ in BY_LIBRARY


def test_every_code_of_servers_is_known() -> None:
    described = next((Path(botocore.exceptions.__file__).parent / "data" / "s3").glob("*/service-2.json.gz"))
    shapes = json.loads(gzip.decompress(described.read_bytes()))["shapes"]
    codes = {name for name, shape in shapes.items() if shape.get("exception")}
    codes |= set(f"{AMAZON} {VERSITYGW} {MINIO}".split())
    assert not codes - set(BY_CODE), f"put these into codes.py: {sorted(codes - set(BY_CODE))}"


def test_every_cause_is_used_and_can_be_worded() -> None:
    assert {*BY_CODE.values(), *BY_LIBRARY.values()} <= set(CAUSES)
    known = {"host", "server", "bucket", "key", "doing", "right", "region", "credential", "code", "detail"}
    for code, cause in CAUSES.items():
        for text in (cause.title, cause.advice):
            assert {field for _, field, _, _ in string.Formatter().parse(text) if field} <= known, code
        error = caused(code, LAB, detail="So it is", key="xrd/a.dat")
        assert isinstance(error, (RetryableError, NeedsYou)), code
        assert not error.title.endswith(".") and error.advice.endswith((".", "key")), code
        assert not re.search(r"[{}]|  ", f"{error}"), error
        keys = {"addressing", "checksum"} | {name for name in Bucket.model_fields if "_" in name}
        assert not keys & set(re.findall(r"\w+", error.advice)), "people who use the window see no names of settings"


@pytest.mark.parametrize(
    ("code", "status", "kind", "cause", "concerns_sink"),
    [
        ("InvalidAccessKeyId", 403, errors.StoreRefused, "access-key-unknown", True),
        ("NoSuchBucket", 404, errors.BucketMissing, "bucket-missing", True),
        ("SlowDown", 503, errors.StoreBusy, "slow-down", True),
        ("InsufficientStorage", 507, errors.StoreBusy, "store-full", True),
        ("KeyTooLongError", 400, errors.KeyRefused, "key-too-long", False),
        ("PreconditionFailed", 412, errors.PreconditionFailed, "exists-already", False),
        ("BadDigest", 400, errors.ChecksumRefused, "damaged-on-the-way", False),
        ("NoSuchUpload", 404, errors.UploadGone, "upload-gone", False),
        ("NewInThisYear", 503, errors.StoreBusy, "unavailable", True),
        ("NewInThisYear", 599, errors.StoreBusy, "server-error", True),
        ("NewInThisYear", 403, errors.RightDenied, "denied", True),
        ("NewInThisYear", 418, errors.StoreRefused, "not-understood", True),
    ],
)
def test_codes_become_errors(
    code: str, status: int, kind: type[errors.StoreError], cause: str, concerns_sink: bool
) -> None:
    error = translated(answered(code, status), LAB, operation="put_object", key="xrd/a.dat")
    assert (type(error), error.code, error.s3_code, error.status) == (kind, cause, code, status)
    assert errors.concerns_sink(error) == concerns_sink
    assert not errors.concerns_sink(ValueError("of ours"))


def test_words_name_what_is_meant() -> None:
    error = translated(answered("AccessDenied", 403), LAB, operation="put_object", key="xrd/a.dat")
    assert error.title == 'The account may not write into "openmsi"'
    assert "s3:PutObject" in error.advice and "Nothing is lost" in error.advice
    error = translated(answered("SignatureDoesNotMatch", 403), LAB)
    assert error.title == "s3.example.org:9000 does not accept the secret access key"
    assert error.advice.endswith("openmsi-desktop secret set lab-key")
    wrong = answered("AuthorizationHeaderMalformed", 400, "the region 'x' is wrong; expecting 'eu-central-1'")
    assert translated(wrong, LAB).advice.count("eu-central-1") == 2
    long = translated(answered("KeyTooLongError", 400), LAB, key="a" * 1000)
    assert len(str(long)) < 300


def test_a_refusal_of_one_file_does_not_stop_the_others() -> None:
    doubts = Doubts()
    assert doubts.concern_sink("put_object", "a"), "nothing has ever worked"
    doubts.is_well("put_object")
    assert not doubts.concern_sink("put_object", "a")
    assert not doubts.concern_sink("put_object", "a"), "the same file again says nothing new"
    assert not doubts.concern_sink("put_object", "b")
    assert doubts.concern_sink("put_object", "c"), "three files in a row"
    doubts.is_well("put_object")
    assert not doubts.concern_sink("put_object", "d")
    assert doubts.concern_sink("head_object", "d"), "another operation"


def test_without_boto3_it_is_said_how_to_get_it() -> None:
    program = """
import sys
sys.modules.update({"boto3": None, "botocore": None, "awscrt": None})
from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket import sink, trial
from openmsi_desktop.streaming.sinks.bucket.client import connect
try:
    connect(Bucket(name="lab", bucket="openmsi", access_key_id="me", credential="lab"), "secret")
except SettingsError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("boto3 is not installed. ") and "pip install 'openmsi-desktop[s3]'" in done.stdout, (
        done
    )
