"""The test of a bucket, in stages: one small object is put there, read back, compared and deleted.

And the list of buckets, for choosing one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import BUCKET_STAGES, Emit, Notice, StageEvent
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.connection_test.found import Found
from openmsi_desktop.streaming.connection_test.staging import STAGE_S, Staging
from openmsi_desktop.streaming.connections import SecretOf
from openmsi_desktop.streaming.receiving.aside import Errand
from openmsi_desktop.streaming.sinks.bucket.abilities import CONTENT, Abilities, Probe
from openmsi_desktop.streaming.sinks.bucket.client import BucketClient, connect, in_words
from openmsi_desktop.streaming.sinks.bucket.codes import caused, place
from openmsi_desktop.streaming.sinks.bucket.errors import RightDenied, StoreError
from openmsi_desktop.streaming.sinks.bucket.reaching import Reaching

_ABOUT_THE_BUCKET = ("bucket-missing", "bucket-name", "wrong-region", "not-s3", "not-understood", "other-addressing")
_NOTEWORTHY_S = 60.0
_TIDYING_S = 2.0


@dataclass(frozen=True, slots=True)
class BucketVerdict:
    """How the test ended. error: the first thing that keeps the bucket from being used; None if nothing does.

    abilities: what the bucket can do, None if the test did not get so far. skew_s: how far the server's clock is ahead of
    ours, None if it never answered. region, addressing: those that worked.
    """

    stages: tuple[StageEvent, ...]
    error: OpenMSIError | None
    was_stopped: bool = False
    abilities: Abilities | None = None
    skew_s: float | None = None
    region: str = ""
    addressing: str = ""

    @property
    def warnings(self) -> tuple[Notice, ...]:
        return tuple(notice for stage in self.stages for notice in stage.warnings)


class BucketTest(Staging):
    """Tests one bucket. To be run once, on a thread that draws no windows."""

    def __init__(
        self,
        described: Bucket,
        secret_of: SecretOf,
        *,
        emit: Emit,
        limit_s: float = 60.0,
        stage_s: float = STAGE_S,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """limit_s: for all stages together; stage_s: for each."""
        super().__init__(emit=emit, limit_s=limit_s, stage_s=stage_s, monotonic=monotonic)
        self._described = described
        self._secret_of = secret_of
        self._now = now
        self._reaching = Reaching(described, limit_s=stage_s / 2, now=now)
        self._client: BucketClient | None = None
        self._probe: Probe | None = None
        self._is_tried = False
        self._of_the_bucket: StoreError | None = None
        self._may_list = False

    def run(self, stop: threading.Event) -> BucketVerdict:
        """Test until the end, or until ``stop``. Every stage gets its event, also one that is not reached."""
        self.begin(stop)
        reaching = self._reaching
        steps: tuple[Callable[[], Found], ...] = (
            *(reaching.find, reaching.open, reaching.secure, self._sign_in, self._bucket),
            *(self._put, self._get, self._checksum, self._delete, self._list, self._clock),
        )
        goes_on = True
        for stage, step in zip(BUCKET_STAGES, steps, strict=True):
            goes_on = self.stage(stage, step) if goes_on else self.skip(stage)
        self._tidy()
        client = self._client
        return BucketVerdict(
            tuple(self._done),
            self._error,
            self._stop.is_set(),
            self._probe.abilities() if self._probe is not None and self._is_tried else None,
            client.skew_s if client else None,
            client.region if client else "",
            client.addressing if client else "",
        )

    def fix_of(self, error: OpenMSIError) -> dict[str, str]:
        if error.code == "wrong-region" and isinstance(error, StoreError) and _is_name(error.detail):
            return {"region": error.detail}
        return super().fix_of(error)

    def _sign_in(self) -> Found:
        name = self._described.credential
        secret = self._secret_of(name) if name else None
        if self._described.access_key_id and not secret:
            raise NeedsYou(
                f'There is no secret "{name}"', "Store the secret access key under that name.", code="secret-missing"
            )
        self._client = client = connect(
            self._described, secret, connect_s=self._stage_s / 4, read_s=self._stage_s / 2, attempts=1, now=self._now
        )
        try:
            self._may_list = client.find_out()
        except StoreError as error:
            if error.code == "cut-off" and (wants_tls := self._reaching.wants_tls()):
                raise wants_tls from error
            if error.code not in _ABOUT_THE_BUCKET:
                raise
            self._of_the_bucket = error
        if not self._described.access_key_id:
            return Found("With keys that boto3 finds on this computer")
        return Found(f"{self._described.access_key_id} is let in")

    def _bucket(self) -> Found:
        if self._of_the_bucket is not None:
            raise self._of_the_bucket
        client = self._used()
        where = f" in {client.region}" if client.region else ""
        warnings: tuple[Notice, ...] = ()
        if self._described.region not in ("", client.region):
            warnings = (
                Notice(
                    code="other-region",
                    title=f"The bucket is in {client.region}, not in {self._described.region}",
                    advice="It works, with detours. Correct the region.",
                ),
            )
        fix = {"region": client.region} if warnings else {}
        return Found(f'"{client.bucket}" is there{where}', warnings=warnings, fix=fix)

    def _put(self) -> Found:
        self._probe = probe = Probe(self._used())
        probe.put()
        probe.try_conditions()
        if probe.abilities().puts_if_absent:
            return Found("A small object was stored. What is there cannot be overwritten by mistake")
        overwrites = Notice(
            code="no-conditional-put",
            title="The server cannot refuse to overwrite an object",
            advice="Before each file it is looked whether the key is free. If two computers store different files under one "
            "key in the same second, one of them may be lost: give each a folder of its own, or let the bucket keep versions.",
        )
        return Found("A small object was stored", warnings=(overwrites,))

    def _get(self) -> Found:
        probe = self._tried()
        try:
            content = probe.get()
        except RightDenied as error:
            advice = "It is not needed where the server compares checksums. Without it, objects that are there already cannot be "
            advice += "compared with files. The right is s3:GetObject."
            return Found("Not allowed", warnings=(Notice(code="may-not-read", title=error.title, advice=advice),))
        if content != CONTENT:
            raise caused("came-back-different", self._described)
        return Found("It came back as it was")

    def _checksum(self) -> Found:
        probe = self._tried()
        probe.try_checksums()
        can = probe.abilities()
        known = [name for name in ("SHA256", "CRC64NVME", "MD5") if name in can.checks]
        wanted = self._described.checksum.upper()
        warnings: tuple[Notice, ...] = ()
        if wanted in ("SHA256", "CRC64NVME") and wanted not in can.checks:
            instead = "Choose the best that the store has." if known or can.reads else "Nothing else can be had there."
            title = f"The server does not compare {wanted}"
            warnings = (Notice(code="checksum-not-compared", title=title, advice=instead),)
        elif not known:
            back = "Every object is read back and compared instead, which takes longer."
            lost = "Nor may objects be read back, so damage on the way would not be noticed. Ask for the right s3:GetObject."
            title = "The server does not compare checksums"
            warnings = (Notice(code="no-checksums", title=title, advice=back if can.reads else lost),)
        title = f"Damaged objects are refused ({', '.join(known)})" if known else "Damaged objects are not noticed"
        return Found(title, warnings=warnings)

    def _delete(self) -> Found:
        probe = self._tried()
        try:
            probe.delete()
        except RightDenied as error:
            advice = f"Nothing needs it. The test's object stays there: {probe.key}"
            return Found("Not allowed", warnings=(Notice(code="may-not-delete", title=error.title, advice=advice),))
        return Found("The small object was deleted")

    def _list(self) -> Found:
        probe = self._tried()
        probe.look_around()
        self._is_tried = True
        can = probe.abilities()
        kept = {True: "versions are kept", False: "no versions are kept", None: "whether versions are kept is not told"}
        versions = kept[can.is_versioned]
        if can.lists:
            return Found(f"The account may list the bucket; {versions}")
        return Found(f"The account may not list the bucket, and need not; {versions}", ok=None, code="may-not-list")

    def _clock(self) -> Found:
        client = self._used()
        skew_s = client.skew_s
        if skew_s is None:
            return Found("The server does not tell its time", ok=None, code="not-measurable")
        if abs(skew_s) < _NOTEWORTHY_S:
            return Found("Right to within a minute")
        advice = "Set it right."
        if client.is_clock_corrected:
            advice = "The server refuses it, so its own time is used for signing. Set the clock all the same: file dates are wrong."
        title = f"This computer's clock is wrong: {in_words(skew_s)[0].lower()}{in_words(skew_s)[1:].rstrip('.')}"
        return Found(title, code="clock-off", warnings=(Notice(code="clock-off", title=title, advice=advice),))

    def _used(self) -> BucketClient:
        assert self._client is not None  # the stage before made it
        return self._client

    def _tried(self) -> Probe:
        assert self._probe is not None
        return self._probe

    def _tidy(self) -> None:
        """Delete the object if that was not reached, and close connections; not longer than a moment."""
        probe, client = self._probe, self._client

        def tidy() -> None:
            if probe is not None:
                probe.__exit__()
            if client is not None:
                client.close()

        Errand(tidy, name="test: tidy up").wait(_TIDYING_S)


@dataclass(frozen=True, slots=True)
class BucketList:
    """Names of buckets. note: why there are none, one sentence; empty if there are."""

    names: tuple[str, ...]
    note: str = ""


def list_buckets(described: Bucket, secret_of: SecretOf, *, limit_s: float = STAGE_S) -> BucketList:
    """The buckets that the account sees; the bucket of ``described`` may be anything. May take limit_s.

    Raises:
        StoreError, NeedsYou, SettingsError: the server cannot be asked. That it may not be asked is only noted.
    """
    secret = secret_of(described.credential) if described.credential else None
    client = connect(described, secret, connect_s=limit_s / 4, read_s=limit_s / 2, attempts=1)
    try:
        answer = client.call("list_buckets")
    except StoreError as error:
        if isinstance(error, RightDenied) or error.code in ("not-supported", "not-understood", "bucket-missing"):
            return BucketList((), "The server does not list buckets for this account. Type the name of yours.")
        raise
    finally:
        client.close()
    names = tuple(bucket["Name"] for bucket in answer.get("Buckets", ()))
    return BucketList(names, "" if names else f"The account has no buckets on {place(described)[1]}.")


def _is_name(text: str) -> bool:
    return bool(text) and text.replace("-", "").isalnum()
