"""The kinds of tasks, as the journal calls them."""

from __future__ import annotations

WATCH = "watch"
"""Sends what appears in a folder."""
DOWNLOAD = "download"
"""Rebuilds the files of topics in a folder, and may hand them to buckets and processors too."""
TRANSFER = "transfer"
"""Hands the files of topics to a bucket first of all; there is no folder."""
PROCESS = "process"
"""Hands the files of topics to a program or a Python class first of all; there is no folder."""
ONE_OFF = "one-off"
"""Sends files once, by hand."""

READERS = frozenset({DOWNLOAD, TRANSFER, PROCESS})
"""Those that receive files; the others send them."""
