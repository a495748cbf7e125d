"""The staged test of a bucket: one small object is put there, read back, compared and deleted."""

from __future__ import annotations

from collections.abc import Sequence

from openmsi_desktop.core.events import BUCKET_STAGES, Stage
from openmsi_desktop.gui.connecting.report import step_lines
from openmsi_desktop.gui.connecting.steps import Line, stage_name
from openmsi_desktop.gui.connecting.tester import Outcome
from openmsi_desktop.gui.sinks.bucket_tester import BucketRequest
from openmsi_desktop.gui.staged_test_view import StagedTestView


class BucketTestView(StagedTestView[BucketRequest]):
    """GUI thread."""

    def stages_in_order(self) -> Sequence[Stage]:
        return BUCKET_STAGES

    def lines(self, request: BucketRequest | None) -> Sequence[Line]:
        return [Line(stage, "", str(number), stage_name(stage)) for number, stage in enumerate(BUCKET_STAGES, start=1)]

    def details(self, request: BucketRequest) -> str:
        known = request.bucket.model_dump(exclude={"credential"})
        shown = ", ".join(f"{name} = {value}" for name, value in known.items() if value)
        return "\n".join([f"Bucket {request.bucket.bucket}: {shown}", "", *step_lines(self.stages)])

    def words_before(self) -> str:
        return self.tr("A test takes a few seconds. It stores one small object, reads it back and deletes it again.")

    def words_for_good(self, outcome: Outcome, warnings: int) -> tuple[str, str]:
        if warnings:
            return self.tr("This bucket works, with %n warning(s)", "", warnings), ""
        return self.tr("This bucket works"), ""
