"""What a rule is called in the list: short, in the words of the form."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from openmsi_desktop.core.rules import Decision, Why
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
        return _tr("Skip: %1").replace("%1", decision.pattern)
    if why is Why.DEFAULT:
        return _tr("temporary or system file (%1)").replace("%1", decision.pattern)
    simple = {
        Why.REGISTRIES: _tr("records of OpenMSIStream"),
        Why.NO_INCLUDE: _tr("not in “Only”"),
        Why.SUBFOLDER: _tr("in a sub-folder"),
        Why.SMALL: _tr("too small"),
        Why.BIG: _tr("too big"),
        Why.OLD: _tr("too old"),
        Why.MARKER: _tr("marker file"),
        Why.SPOOL: _tr("unfinished download"),
    }
    return simple.get(why, decision.rule)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Preview", text)
