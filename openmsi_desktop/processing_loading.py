"""Finds the class that settings name, in whatever environment this runs. Python 3.9 and nothing else."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from importlib.metadata import entry_points
from typing import Any

ENTRY_POINTS = ("openmsi_desktop.processors", "openmsi_desktop.sinks")
"""Groups in which an installed package may name its classes."""


class Unusable(Exception):
    """The class cannot work with any file. ``advice``: a sentence on what to do."""

    def __init__(self, title: str, advice: str) -> None:
        super().__init__(title)
        self.advice = advice


def load(what: str) -> Any:
    """The class named ``module:Class``, ``/folder/file.py:Class``, or by an entry point of an installed package.

    A module is looked for in the current folder first. Importing runs somebody's code, so anything may be raised.

    Raises:
        Unusable: there is no such entry point, or no such name in the module.
    """
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    module_name, colon, attributes = what.rpartition(":")
    if not colon:
        return _entry_point(what)
    item: Any = _from_file(module_name) if module_name.endswith(".py") else importlib.import_module(module_name)
    for attribute in attributes.split("."):
        if not hasattr(item, attribute):
            known = ", ".join(_classes_of(item)) or "no class at all"
            raise Unusable(f"there is no {attribute} in {module_name}", f"There is {known}.")
        item = getattr(item, attribute)
    return item


def _from_file(path: str) -> Any:
    path = os.path.abspath(os.path.expanduser(path))
    folder, name = os.path.split(path)
    if folder not in sys.path:
        sys.path.insert(0, folder)  # so that it finds the modules beside it, as when it is run
    spec = importlib.util.spec_from_file_location(name[: -len(".py")], path)
    if spec is None or spec.loader is None or not os.path.exists(path):
        raise Unusable(f"there is no file {path}", "Correct its path.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses, pickle and others look there
    spec.loader.exec_module(module)
    return module


def _entry_point(name: str) -> Any:
    found = entry_points()
    known = {}
    for group in reversed(ENTRY_POINTS):
        # before 3.10 it is a dict
        entries: Any = found.select(group=group) if hasattr(found, "select") else found.get(group, ())
        known.update({entry.name: entry for entry in entries})
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise Unusable(
            "no installed package has a class of this name", f"Installed are: {names}. Or write module:Class."
        )
    return known[name].load()


def _classes_of(module: Any) -> list[str]:
    own = getattr(module, "__name__", None)
    return [name for name, item in vars(module).items() if isinstance(item, type) and item.__module__ == own]
