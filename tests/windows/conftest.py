"""Tests of what only Windows does. Elsewhere they are not even collected, but for those of the documentation."""

from __future__ import annotations

import sys

collect_ignore_glob = [] if sys.platform == "win32" else ["test_[!p]*.py"]
