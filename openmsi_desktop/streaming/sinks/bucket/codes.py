"""The tables: what S3 servers and the library botocore say -> causes. Imports neither of them.

S3's codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, those of versitygw, MinIO and Ceph from their
sources. A new one is put into the table here; a test names those of botocore that are missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.causes import CAUSES, Cause
from openmsi_desktop.streaming.sinks.bucket.errors import StoreError

_BY_CAUSE = {
    "access-key-unknown": "InvalidAccessKeyId",
    "secret-wrong": "SignatureDoesNotMatch AuthFailure",
    "session-expired": "ExpiredToken InvalidToken TokenRefreshRequired ExpiredTokenException InvalidSecurity",
    "account-closed": "AccountProblem AllAccessDisabled NotSignedUp UserSuspended InvalidPayer AccountSuspended BillingDisabled",
    "clock": "RequestTimeTooSkewed RequestExpired",
    "wrong-region": "AuthorizationHeaderMalformed PermanentRedirect Redirect 301 307 308 TemporaryRedirect "
    "IllegalLocationConstraintException InvalidLocationConstraint IncorrectEndpoint InvalidRegion UnsupportedOperation",
    "bucket-missing": "NoSuchBucket NoSuchAccessPoint InvalidAccessPoint InvalidAccessPointAliasError EndpointNotFound",
    "other-addressing": "SecondLevelDomainForbidden PathStyleDomainForbidden VirtualHostDomainRequired",
    "bucket-name": "InvalidBucketName",
    "denied": "AccessDenied AccessForbidden 403 401 UnauthorizedAccess UnauthorizedAccessError CredentialsNotSupported "
    "AccessControlListNotSupported InvalidBucketAclWithObjectOwnership XAdminAccessDenied Forbidden",
    "encryption-key": "KMS.DisabledException KMS.NotFoundException KMS.AccessDeniedException KMS.InvalidKeyUsageException "
    "KMS.KMSInvalidStateException InvalidEncryptionAlgorithmError XMinioInvalidEncryptionParameters KMS.ThrottlingException "
    "EncryptionTypeMismatch",
    "quota": "QuotaExceeded XMinioAdminBucketQuotaExceeded XMinioBucketQuotaExceeded StorageQuotaExceeded CapExceeded "
    "storage_cap_exceeded TooManyBuckets",
    "store-full": "InsufficientStorage XMinioStorageFull InsufficientCapacity InsufficientVolumeSpace 507",
    "slow-down": "SlowDown SlowDownRead SlowDownWrite TooManyRequests TooManyRequestsException Throttling "
    "ThrottlingException ThrottledException RequestLimitExceeded BandwidthLimitExceeded RequestThrottled "
    "RequestThrottledException PriorRequestNotComplete EC2ThrottledException LimitExceededException 429 "
    "ProvisionedThroughputExceededException TransactionInProgressException Busy",
    "unavailable": "ServiceUnavailable 503 502 504 ServerNotInitialized XMinioServerNotInitialized BadGateway ReadOnly "
    "GatewayTimeout ServiceFailure XMinioObjectExistsAsDirectoryRetry NotReady XMinioReadQuorum XMinioWriteQuorum",
    "server-error": "InternalError 500 InternalServerError InternalFailure XMinioBackendDown ClientDisconnected",
    "too-slow": "RequestTimeout RequestTimeoutException 408 OperationTimedOut XMinioOperationTimedOut",
    "object-missing": "NoSuchKey NoSuchVersion 404 XMinioObjectNotFound DeleteMarker",
    "exists-already": "PreconditionFailed 412 304 NotModified ObjectAlreadyExists",
    "conflict": "ConditionalRequestConflict OperationAborted 409 InvalidBucketState Conflict IdempotencyParameterMismatch",
    "upload-gone": "NoSuchUpload InvalidPart InvalidPartOrder InvalidPartNumber EntityTooSmall InvalidWriteOffset",
    "damaged-on-the-way": "BadDigest InvalidDigest XAmzContentSHA256Mismatch XAmzContentChecksumMismatch IncompleteBody "
    "InvalidChunkSizeError MalformedTrailerError UnexpectedContent RequestBodyTooShort XMinioContentChecksumMismatch "
    "BadChunkSize",
    "key-too-long": "KeyTooLongError KeyTooLong",
    "key-refused": "InvalidURI ObjectParentIsFile DirectoryObjectContainsData ExistingObjectIsDirectory InvalidObjectName "
    "XMinioInvalidObjectName XMinioParentIsObject XMinioObjectExistsAsDirectory ErrDirectoryNotEmpty InvalidPrefix "
    "XMinioInvalidResourceName KeyUnsupported",
    "too-large": "EntityTooLarge MaxMessageLengthExceeded RequestEntityTooLarge 413 TooManyParts MetadataTooLarge "
    "RequestHeaderSectionTooLarge MaxPostPreDataLengthExceededError",
    "locked": "InvalidObjectState ObjectLocked ObjectNotInActiveTierError ObjectAlreadyInActiveTierError "
    "RestoreAlreadyInProgress InvalidStorageClass",
    "not-supported": "NotImplemented 501 MethodNotAllowed 405 XNotImplemented UnsupportedMediaType "
    "UnsupportedArgument NoSuchTagSet VersioningNotConfigured NoSuchBucketPolicy NoSuchLifecycleConfiguration "
    "NoSuchObjectLockConfiguration ObjectLockConfigurationNotFoundError OwnershipControlsNotFoundError "
    "NoSuchCORSConfiguration NoSuchWebsiteConfiguration ServerSideEncryptionConfigurationNotFoundError "
    "NoSuchPublicAccessBlockConfiguration ReplicationConfigurationNotFoundError RequestIsNotMultiPartContent",
    "not-understood": "InvalidRequest InvalidArgument MalformedXML BadRequest 400 MissingContentLength MissingSecurityHeader "
    "MissingRequestBodyError MissingAttachment InvalidRange InvalidTag InvalidPolicyDocument MalformedACLError "
    "MalformedPOSTRequest MalformedPolicy AuthorizationQueryParametersError InvalidRedirectLocation WebsiteRedirect "
    "BucketAlreadyExists BucketAlreadyOwnedByYou BucketNotEmpty UserKeyMustBeSpecified UnresolvableGrantByEmailAddress "
    "AmbiguousGrantByEmailAddress InvalidSOAPRequest InvalidTargetBucketForLogging NoLoggingStatusForKey NoSuchAnnotation "
    "AnnotationLimitExceeded AnnotationNameTooLong InvalidAnnotationName CrossLocationLoggingProhibited "
    "InlineDataTooLarge IncorrectNumberOfFilesInPostRequest InvalidAddressingHeader MissingSecurityElement "
    "ExpiredPresignRequest RequestTorrentOfBucketError ConnectionClosedByRequester DeviceNotActiveError "
    "InvalidHttpMethod InvalidHostHeader InvalidHttpRequest XAdminInvalidArgument XAdminInvalidRequest 411 416",
}
BY_CODE: dict[str, str] = {code: cause for cause, codes in _BY_CAUSE.items() for code in codes.split()}
"""S3 code (or status, where there is no code) -> cause."""

_BY_LIBRARY = {
    "no-contact": "EndpointConnectionError ConnectionError HTTPClientError",
    "no-answer": "ConnectTimeoutError",
    "too-slow": "ReadTimeoutError",
    "cut-off": "ConnectionClosedError ResponseStreamingError IncompleteReadError",
    "proxy": "ProxyConnectionError",
    "tls-failed": "SSLError",
    "keys-missing": "NoCredentialsError NoAuthTokenError",
    "keys-unreadable": "PartialCredentialsError CredentialRetrievalError TokenRetrievalError UnknownTokenProviderError "
    "ProfileNotFound ConfigParseError ConfigNotFound InvalidConfigError InfiniteLoopConfigError UnknownCredentialError "
    "RefreshWithMFAUnsupportedError MetadataRetrievalError InvalidIMDSEndpointError InvalidIMDSEndpointModeError SSOError "
    "SSOTokenLoadError UnauthorizedSSOTokenError LoginError LoginRefreshRequired LoginInsufficientPermissions "
    "LoginTokenLoadError LoginAuthorizationCodeError InvalidSTSRegionalEndpointsConfigError",
    "damaged-on-the-way": "ChecksumError FlexibleChecksumError AwsChunkedWrapperError",
    "wrong-region": "NoRegionError InvalidRegionError UnknownRegionError EndpointVariantError UnknownEndpointError "
    "UnknownFIPSEndpointError BaseEndpointResolverError ServiceNotInRegionError InvalidS3UsEast1RegionalEndpointConfigError",
    "bucket-name": "InvalidDNSNameError InvalidHostLabelError UnsupportedS3ArnError UnsupportedS3ControlArnError "
    "UnsupportedS3AccesspointConfigurationError UnsupportedOutpostResourceError InvalidS3AddressingStyleError",
    "not-s3": "ResponseParserError",
    "library-part-missing": "MissingDependencyException MD5UnavailableError",
    "library": "BotoCoreError ClientError EventStreamError DataNotFoundError UnknownServiceError ApiVersionNotFoundError "
    "UnknownSignatureVersionError MissingParametersError ValidationError ParamValidationError UnknownKeyError RangeError "
    "UnknownParameterError AliasConflictParameterError UnknownServiceStyle PaginationError OperationNotPageableError "
    "UnseekableStreamError WaiterError InvalidExpressionError WaiterConfigError UnknownClientMethodError "
    "UnsupportedSignatureVersionError UnsupportedS3ConfigurationError InvalidEndpointDiscoveryConfigurationError "
    "UnsupportedS3ControlConfigurationError InvalidRetryConfigurationError InvalidMaxRetryAttemptsError "
    "InvalidRetryModeError StubResponseError StubAssertionError UnStubbedResponseError UndefinedModelAttributeError "
    "MissingServiceIdError CapacityNotAvailableError InvalidProxiesConfigError InvalidDefaultsMode "
    "InvalidEndpointConfigurationError EndpointProviderError EndpointResolutionError UnknownEndpointResolutionBuiltInName "
    "InvalidChecksumConfigError UnsupportedServiceProtocolsError Boto3Error ResourceLoadException NoVersionFound "
    "UnknownAPIVersionError ResourceNotExistsError RetriesExceededError S3TransferFailedError S3UploadFailedError "
    "DynamoDBOperationNotSupportedError DynamoDBNeedsConditionError DynamoDBNeedsKeyConditionError "
    "InvalidCrtTransferConfigError",
}
BY_LIBRARY: dict[str, str] = {name: cause for cause, names in _BY_LIBRARY.items() for name in names.split()}
"""Name of an exception of botocore or boto3 -> cause."""

_BY_TEXT = (
    ("tls-failed", "unable to get local issuer|self.signed|unable to get issuer", "authority-unknown"),
    ("tls-failed", "doesn't match|Hostname mismatch|IP address mismatch", "certificate-of-another-name"),
    ("tls-failed", "certificate has expired", "certificate-expired"),
    ("tls-failed", "not yet valid", "certificate-not-yet-valid"),
    ("tls-failed", "WRONG_VERSION_NUMBER|wrong version number|RECORD_LAYER_FAILURE|record layer failure", "lacks-tls"),
    ("tls-failed", "CERTIFICATE_VERIFY_FAILED", "certificate-refused"),
    ("tls-failed", "No such file|Is a directory|Permission denied|NO_CERTIFICATE|invalid path|PEM", "file-unusable"),
    ("tls-failed", "UNEXPECTED_EOF|EOF occurred", "cut-off"),
    ("no-contact", "Name or service not known|getaddrinfo|NameResolution|name resolution|nodename", "name-unknown"),
    ("no-contact", "refused", "port-refused"),
    ("no-contact", "recursion", "wrong-region"),  # botocore follows a redirection that leads nowhere
    ("denied", "Request has expired", "clock"),
    ("not-understood", "has expired|timestamp", "clock"),
    ("denied", "cap exceeded|quota", "quota"),
    ("not-understood", "[Rr]equest.{0,20}header.{0,40}not implemented|not supported|unsupported", "not-supported"),
    ("not-understood", "<html|<!DOCTYPE", "not-s3"),
)
"""Cause, what is said besides, and the cause that it shows."""

_DOING = {
    "put_object": ("write into", "s3:PutObject"),
    "create_multipart_upload": ("write into", "s3:PutObject"),
    "upload_part": ("write into", "s3:PutObject"),
    "complete_multipart_upload": ("write into", "s3:PutObject"),
    "abort_multipart_upload": ("end uploads to", "s3:AbortMultipartUpload"),
    "list_multipart_uploads": ("list the uploads of", "s3:ListBucketMultipartUploads"),
    "list_parts": ("list the uploads of", "s3:ListMultipartUploadParts"),
    "get_object": ("read from", "s3:GetObject"),
    "head_object": ("read from", "s3:GetObject"),
    "get_object_attributes": ("read from", "s3:GetObject"),
    "copy_object": ("copy within", "s3:GetObject and s3:PutObject"),
    "delete_object": ("delete from", "s3:DeleteObject"),
    "list_objects_v2": ("list", "s3:ListBucket"),
    "head_bucket": ("look at", "s3:ListBucket"),
    "list_buckets": ("see the list with", "s3:ListAllMyBuckets"),
    "get_bucket_versioning": ("ask about versions of", "s3:GetBucketVersioning"),
    "list_object_versions": ("list the versions of", "s3:ListBucketVersions"),
}


def translated(error: BaseException, described: Bucket, *, operation: str = "", key: str = "") -> StoreError:
    """What an exception of boto3 means. operation: boto3's name of what was called; key: of the object, if there is one."""
    if isinstance(error, StoreError):
        return error
    answer = getattr(error, "response", None)
    if isinstance(answer, Mapping) and isinstance(answer.get("Error"), Mapping):
        told = answer["Error"]
        status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        s3_code, said = str(told.get("Code") or status or ""), str(told.get("Message") or "")
        cause = BY_CODE.get(s3_code) or _by_status(status)
        if not operation.startswith("head_") and _is_web_page(s3_code, status, answer):
            cause = "not-s3"
        if cause == "object-missing" and not key:
            cause = "bucket-missing"
        region = str(told.get("Region") or "") or _region_in(said)
    else:
        names = [kind.__name__ for kind in type(error).__mro__]
        s3_code, said, status, region = names[0], _words(error), 0, ""
        cause = next((BY_LIBRARY[name] for name in names if name in BY_LIBRARY), "")
        if not cause:
            cause = "no-contact" if isinstance(error, OSError) else "unknown"
    found = CAUSES[_closer(cause, said)]
    code = next(name for name, known in CAUSES.items() if known is found)
    return _worded(
        found,
        described,
        code=code,
        s3_code=s3_code,
        status=status,
        said=said,
        region=region,
        operation=operation,
        key=key,
    )


def caused(code: str, described: Bucket, *, detail: str = "", operation: str = "", key: str = "") -> StoreError:
    """An error of a known cause."""
    return _worded(CAUSES[code], described, code=code, said=detail, operation=operation, key=key)


def _worded(
    cause: Cause,
    described: Bucket,
    *,
    code: str,
    s3_code: str = "",
    status: int = 0,
    said: str = "",
    region: str = "",
    operation: str = "",
    key: str = "",
) -> StoreError:
    host, server = place(described)
    doing, right = _DOING.get(operation, ("use", "for it"))
    words = {
        "host": host,
        "server": server,
        "bucket": f'"{described.bucket}"',
        "key": f'"{_shortened(key)}"',
        "doing": doing,
        "right": right,
        "region": f": {region}" if region else "",
        "credential": described.credential or "NAME",
        "code": s3_code,
        "detail": _sentence(said),
    }
    return cause.kind(
        cause.title.format(**words),
        re.sub(" {2,}", " ", cause.advice.format(**words)).strip(),
        scope=cause.scope,
        code=code,
        s3_code=s3_code,
        status=status,
        detail=region or said,
        path=key or None,
    )


def place(described: Bucket) -> tuple[str, str]:
    """Host, and host with port, of a bucket's server; as people are told."""
    if not described.endpoint_url:
        return f"s3.{described.region or 'us-east-1'}.amazonaws.com", "Amazon S3"
    address = described.endpoint_url if "://" in described.endpoint_url else f"https://{described.endpoint_url}"
    parts = urlsplit(address)
    return parts.hostname or address, parts.netloc.rpartition("@")[2] or address


def _is_web_page(s3_code: str, status: int, answer: Mapping[str, Any]) -> bool:
    """Whether an error came without S3's error document, from something that is no S3 server."""
    if not s3_code.isdigit():
        return False
    kind = str(answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", ""))
    # 500 is what botocore makes of an answer 200 that it does not understand
    return status in (200, 400, 404, 405) or ("html" in kind and status in (401, 403, 500))


def _by_status(status: int) -> str:
    if str(status) in BY_CODE:
        return BY_CODE[str(status)]
    if status >= 500:
        return "server-error"
    return "not-understood" if 400 <= status < 500 else "not-s3"


def _closer(cause: str, said: str) -> str:
    return next((to for of, pattern, to in _BY_TEXT if of == cause and re.search(pattern, said)), cause)


def _words(error: BaseException) -> str:
    """What it says, with what it came from: the cause is often only there."""
    said, seen = [str(error)], error.__cause__ or error.__context__
    while seen is not None and len(said) < 4:
        said.append(str(seen))
        seen = seen.__cause__ or seen.__context__
    inner = getattr(error, "kwargs", None)
    if isinstance(inner, Mapping) and inner.get("error") is not None:
        said.insert(1, str(inner["error"]))
    return " ".join(said)


def _region_in(said: str) -> str:
    found = re.search(r"expecting '([a-z0-9-]+)'|expecting \"([a-z0-9-]+)\"", said)
    return next((part for part in found.groups() if part), "") if found else ""


def _shortened(key: str, most: int = 80) -> str:
    return key if len(key) <= most else f"{key[: most // 2]}…{key[-most // 2 :]}"


def _sentence(said: str, most: int = 300) -> str:
    said = " ".join(said.split())[:most].strip()
    return said if not said or said.endswith((".", "!", "?")) else said + "."
