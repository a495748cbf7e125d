"""What a rule is called in the list: short, in the words of the form."""

from __future__ import annotations

from openmsi_desktop.core.rules import Decision, Why
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.preview.judging import Row, Verdict


def reason(row: Row) -> str:
    """Why a file stays, or has to be looked at; empty for one that goes."""
    if row.verdict is Verdict.GO:
        return ""
    return of_rule(row.decision) if row.decision is not None else row.reason


def of_rule(decision: Decision) -> str:
    """A rule as the form calls it."""
    why = decision.why
    if why is Why.EXCLUDE:
        return tr("Skip: %1").replace("%1", decision.pattern)
    if why is Why.DEFAULT:
        return tr("temporary or system file (%1)").replace("%1", decision.pattern)
    simple = {
        Why.REGISTRIES: tr("records of OpenMSIStream"),
        Why.NO_INCLUDE: tr("not in “Only”"),
        Why.SUBFOLDER: tr("in a sub-folder"),
        Why.SMALL: tr("too small"),
        Why.BIG: tr("too big"),
        Why.OLD: tr("too old"),
        Why.MARKER: tr("marker file"),
        Why.SPOOL: tr("unfinished download"),
    }
    return simple.get(why, decision.rule)
