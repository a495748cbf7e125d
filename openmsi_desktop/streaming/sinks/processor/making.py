"""A processor's settings -> what does its work. Loads only what is needed."""

from __future__ import annotations

from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks.processor.runner import Runner


def runner_of(described: Processor, *, trial: str = "") -> Runner:
    """trial: a folder for what a class of OpenMSIStream writes into its own output folder; empty: that folder."""
    if described.class_:
        from openmsi_desktop.streaming.sinks.processor.python_class import ClassRunner

        return ClassRunner(described, trial=trial)
    from openmsi_desktop.streaming.sinks.processor.program import ProgramRunner

    return ProgramRunner(described)
