"""Causes and their words. In the words: {server} host:port, {host}, {bucket} in quotation marks, {key}, {doing} as in
"may not [write into]", {region}, {detail} what the server or the library says, {code} its name for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from openmsi_desktop.streaming.sinks.bucket.errors import (
    BucketMissing,
    ChecksumRefused,
    ClockRefused,
    KeyRefused,
    NoContact,
    NotSupported,
    ObjectMissing,
    PreconditionFailed,
    RightDenied,
    Scope,
    StoreBusy,
    StoreError,
    StoreRefused,
    UploadGone,
)

SAFE = "Nothing is lost; it is tried again by itself."
RESUMES = "Nothing is lost, and it goes on by itself once this is put right."
ALONE = "The file is safe here; other files are not held up."


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that can go wrong. scope: what it is about."""

    kind: type[StoreError]
    title: str
    advice: str
    scope: Scope = Scope.SINK


CAUSES: dict[str, Cause] = {
    # the way there
    "name-unknown": Cause(
        NoContact,
        "The name {host} is not known",
        f"This computer's network does not know a computer of that name. {SAFE} Check the address of the bucket, the network "
        "cable, and whether you have to be in a certain network or VPN.",
    ),
    "port-refused": Cause(
        NoContact,
        "Nothing answers at {server}",
        f"The computer is there, but no S3 server listens at that port. {SAFE} Check the address; the server may also be "
        "switched off, or starting.",
    ),
    "no-answer": Cause(
        NoContact,
        "{server} does not answer",
        f"Nothing came back from that address. {SAFE} A firewall may swallow the connection, or the server is off.",
    ),
    "no-contact": Cause(
        NoContact, "No contact to {server}", f"{SAFE} Check the network and the address of the bucket. {{detail}}"
    ),
    "too-slow": Cause(
        NoContact,
        "{server} did not answer in time",
        f"The connection came about, but the answer did not come. {SAFE} The server or the network may be overloaded.",
        Scope.DOUBT,
    ),
    "cut-off": Cause(
        NoContact,
        "The connection to {server} broke off",
        f"{SAFE} If it lasts: the port may want another scheme (https:// instead of http://), or something on the way ends "
        "long or big transfers.",
        Scope.DOUBT,
    ),
    "proxy": Cause(
        NoContact, "The proxy on the way to {server} does not answer", f"{SAFE} Check the proxy of this computer."
    ),
    # TLS
    "authority-unknown": Cause(
        StoreRefused,
        "The certificate of {server} is signed by an unknown authority",
        f"{RESUMES} Give the bucket the CA file with your authority's certificate (PEM), which the server's administrators "
        "can give you. If it has one, it is the wrong one.",
    ),
    "certificate-of-another-name": Cause(
        StoreRefused,
        "The certificate of {server} belongs to another name",
        f'It is not made out to "{{host}}". {RESUMES} Use the name that the server\'s administrators give you, exactly. If the '
        "name of the bucket stands in front of it, let it stand in the path.",
    ),
    "certificate-expired": Cause(
        StoreRefused,
        "The certificate of {server} has expired",
        f"The server's administrators have to renew it. If it is still valid, this computer's clock is wrong. {RESUMES}",
    ),
    "certificate-not-yet-valid": Cause(
        StoreRefused,
        "The certificate of {server} is not valid yet",
        f"Probably this computer's clock is behind: set it right. {RESUMES}",
    ),
    "certificate-refused": Cause(
        StoreRefused,
        "The certificate of {server} cannot be trusted",
        f"{{detail}} {RESUMES} Ask the server's administrators.",
    ),
    "wants-tls": Cause(
        StoreRefused,
        "{server} wants TLS",
        f"The address begins with http://, and that port is encrypted. {RESUMES} Let the address begin with https://.",
    ),
    "lacks-tls": Cause(
        StoreRefused,
        "{server} does not speak TLS",
        f"The address begins with https://, and that port is not encrypted. {RESUMES} Use the server's TLS port, or http:// if "
        "the network can be trusted.",
    ),
    "tls-failed": Cause(
        StoreRefused,
        "No secure connection to {server} comes about",
        f"{{detail}} {RESUMES} Ask the server's administrators.",
    ),
    "file-unusable": Cause(
        StoreRefused,
        "The file with the authority's certificate cannot be used",
        f"{RESUMES} The CA file of the bucket has to be a PEM file that this program may read. {{detail}}",
    ),
    # signing in
    "access-key-unknown": Cause(
        StoreRefused,
        "{server} does not know the access key id",
        f"{RESUMES} Check the access key id and the address: the key may belong to another server, or have been deleted.",
    ),
    "secret-wrong": Cause(
        StoreRefused,
        "{server} does not accept the secret access key",
        f"The secret key does not fit the access key id. {RESUMES} Give the right one: openmsi-desktop secret set {{credential}}",
    ),
    "session-expired": Cause(
        StoreRefused,
        "The temporary keys for {server} have expired",
        f"{RESUMES} Get new ones where you got these, or use keys that do not expire.",
    ),
    "keys-missing": Cause(
        StoreRefused,
        "There are no keys for {server}",
        f"No access key id is set, and boto3 finds none on this computer (environment, ~/.aws, instance). {RESUMES} Give "
        "the bucket an access key id and its secret key.",
    ),
    "keys-unreadable": Cause(
        StoreRefused,
        "boto3 cannot get keys for {server}",
        f"What it says: {{detail}} {RESUMES} Check its profile, or give the bucket "
        "an access key id and its secret key.",
    ),
    "account-closed": Cause(
        StoreRefused,
        "The account cannot be used on {server}",
        f"The server says {{code}}: it may be suspended, or not paid for. {RESUMES} Ask whoever runs the server.",
    ),
    "clock": Cause(
        ClockRefused,
        "The clock of this computer is too wrong for {server}",
        f"Every request is signed with the time, and the server does not accept ours. {RESUMES} Set the clock. {{detail}}",
    ),
    "wrong-region": Cause(
        StoreRefused,
        "The bucket {bucket} is in another region",
        f"{RESUMES} Give it the bucket's region{{region}}. {{detail}}",
    ),
    # the bucket
    "bucket-missing": Cause(
        BucketMissing,
        "There is no bucket {bucket} on {server}",
        f"{RESUMES} Check the spelling, or have it created; this program creates no buckets.",
    ),
    "other-addressing": Cause(
        StoreRefused,
        "{server} wants buckets to be named in another way",
        f"It says {{code}}. {RESUMES} Let the bucket's name stand in the host name.",
    ),
    "bucket-name": Cause(
        StoreRefused,
        "No bucket can be called {bucket}",
        f"{RESUMES} Names have 3 to 63 small letters, digits, dots and hyphens. Correct it in the settings.",
    ),
    "denied": Cause(
        RightDenied,
        "The account may not {doing} {bucket}",
        f"{RESUMES} Ask whoever runs the bucket for the right {{right}}; docs/buckets.md has the whole list.",
        Scope.DOUBT,
    ),
    "encryption-key": Cause(
        StoreRefused,
        "The bucket's encryption key cannot be used",
        f"The server says {{code}}. {RESUMES} Ask whoever runs the bucket.",
    ),
    "quota": Cause(
        StoreRefused,
        "The bucket {bucket} has reached its limit",
        f"The server says {{code}}. {RESUMES} Make room, or have the limit raised.",
    ),
    "not-s3": Cause(
        StoreRefused,
        "{server} is not an S3 server",
        f"Something else answers there, for example a web site. {RESUMES} Check the address: some servers have one for people "
        "and another one for programs.",
    ),
    "store-full": Cause(
        StoreBusy, "The server has no space left", f"{SAFE} Tell whoever runs {{server}}, if they do not know."
    ),
    "slow-down": Cause(
        StoreBusy, "The server asks for fewer requests", f"{{server}} is busy and says {{code}}. {SAFE}"
    ),
    "unavailable": Cause(
        StoreBusy,
        "The server cannot take files at the moment",
        f"{{server}} says {{code}}. {SAFE} If it lasts, tell its people.",
    ),
    "server-error": Cause(
        StoreBusy,
        "The server made a mistake of its own",
        f"{{server}} says {{code}}. {SAFE} If it lasts, tell its people.",
        Scope.DOUBT,
    ),
    # one object
    "object-missing": Cause(
        ObjectMissing, "There is no object {key}", "It may have been deleted since. It is looked at again.", Scope.FILE
    ),
    "exists-already": Cause(
        PreconditionFailed,
        "Another object has the key {key} already",
        "It is not overwritten. What to do is decided anew, as the settings say.",
        Scope.FILE,
    ),
    "conflict": Cause(
        PreconditionFailed,
        "Somebody else is just writing {key}",
        f"{SAFE}",
        Scope.FILE,
    ),
    "upload-gone": Cause(
        UploadGone,
        "An upload that had begun is gone",
        "The server does not know it any more, or misses a part of it. The file is sent anew from its beginning.",
        Scope.FILE,
    ),
    "damaged-on-the-way": Cause(
        ChecksumRefused,
        "A file was damaged on its way to the bucket",
        "What arrived is not what was sent, so nothing of it was stored; it is tried again by itself. If that happens often, "
        "something on the way to {server} alters data.",
        Scope.FILE,
    ),
    "key-too-long": Cause(
        KeyRefused,
        "The key of the object is too long",
        f"{{server}} takes no key like {{key}}. {ALONE} Shorten the path, or the names that the bucket gives to objects.",
        Scope.FILE,
    ),
    "key-refused": Cause(
        KeyRefused,
        "The server cannot have an object {key}",
        f"It says {{code}}: some servers keep objects as files, so that a name cannot be a file and a folder at once. {ALONE} "
        "Rename one of the two, or let the bucket name its objects in another way.",
        Scope.FILE,
    ),
    "came-back-different": Cause(
        StoreRefused,
        "What came back is not what was stored",
        f"The server, or something on the way to it, alters data. {RESUMES} Show this to whoever runs {{server}}.",
    ),
    "too-large": Cause(
        KeyRefused,
        "The file is larger than the server takes",
        f"It says {{code}}. {ALONE}",
        Scope.FILE,
    ),
    "locked": Cause(
        KeyRefused,
        "The object {key} is locked or archived",
        f"The server says {{code}}. {ALONE} Whoever runs the bucket can change that.",
        Scope.FILE,
    ),
    "not-supported": Cause(
        NotSupported,
        "The server cannot do what was asked of it",
        f"It says {{code}}: {{detail}} {SAFE}",
        Scope.FILE,
    ),
    "not-understood": Cause(
        StoreRefused,
        "The server refuses the request",
        "It says {code}: {detail} The file is safe here, and is tried again by itself. Show this to whoever runs {server}.",
        Scope.DOUBT,
    ),
    "library": Cause(
        StoreRefused,
        "The S3 library cannot do what was asked of it",
        f"It says {{code}}: {{detail}} {RESUMES} If the settings of the bucket are right, please report it.",
        Scope.DOUBT,
    ),
    "library-part-missing": Cause(
        StoreRefused,
        "A part of the S3 library is missing",
        f"{{detail}} {RESUMES} Install it: pip install 'openmsi-desktop[s3]'; or let the best comparison that the store has be used.",
    ),
    "unknown": Cause(
        StoreBusy, "The server says something unexpected", f"It says {{code}}: {{detail}} {SAFE}", Scope.DOUBT
    ),
}
"""By the code that programs tell them by."""
