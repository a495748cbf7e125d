"""Dialogs and windows beside the main one; each module is loaded when something of it is used for the first time.

A start shows none of them, and they would be a third of what it loads.
"""

from __future__ import annotations

import sys
from importlib.util import LazyLoader, find_spec, module_from_spec
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """For ``from openmsi_desktop.gui.dialogs import drop``. GUI thread: loading is not safe on several."""
    if f"{__name__}.{name}" in sys.modules:
        return sys.modules[f"{__name__}.{name}"]
    spec = find_spec(f"{__name__}.{name}") if name.isidentifier() and not name.startswith("_") else None
    if spec is None or spec.loader is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    spec.loader = LazyLoader(spec.loader)
    module = globals()[name] = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)  # only prepares it
    return module
