"""After a kill: which of the renames that were begun happened? Finishes or forgets each; needs no spool file.

An intent names the content by its hash, so the disk can be asked. Run before anything else is decided.
"""

from __future__ import annotations

from dataclasses import replace

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.published import Intent, Publication
from openmsi_desktop.core.topic_path import split as split_path
from openmsi_desktop.core.tree import InTheWay
from openmsi_desktop.streaming.sinks.placing import Look, Placer
from openmsi_desktop.streaming.sinks.publishing import OWN_COPY, dispose, is_same, sync


def recover(placer: Placer) -> None:
    """End every intent that is left over: what arrived is recorded as delivered, the rest did not happen.

    Raises:
        OSError: the target cannot be read or flushed; nothing is recorded then.
    """
    intents = placer.published.intents()
    if not intents:
        return
    rows: list[Publication] = []
    arrived: list[Intent] = []
    for intent in intents:
        row = _arrived(placer, intent)
        if row is not None:
            rows.append(row)
            arrived.append(intent)
        rows.extend(_lying_aside(placer, intent))
    folders = {split_path(name)[0] for i in intents for name in (i.local, i.source) if placer.tree.stat(name)}
    sync(placer.tree, [intent.local for intent in arrived], folders)
    for intent in intents:
        _clean(placer, intent, has_arrived=intent in arrived)
    placer.published.record(rows, done=intents)


def _arrived(placer: Placer, intent: Intent) -> Publication | None:
    try:
        there = placer.tree.stat(intent.local)
    except InTheWay:
        return None
    if there is None or not placer.holds(intent.local, there, intent.sha512, intent.size):
        return None
    looked = placer.tree.fingerprint(intent.local, there)
    return Publication(*intent.key, intent.local, True, intent.sha512, looked, intent.order)


def _lying_aside(placer: Placer, intent: Intent) -> list[Publication]:
    """Versions of other paths that were moved aside for this one."""
    there = placer.tree.stat(intent.aside) if intent.aside else None
    if there is None:
        return []
    own = placer.published.of(*intent.key)
    rows: list[Publication] = []
    for row in placer.published.at(intent.local):
        if row.key == intent.key or placer.look(row) is Look.UNCHANGED:
            continue
        if not placer.holds(intent.aside, there, row.sha512, row.looked.size):
            continue
        # our older version was moved aside only because others counted on it: the first of them gets it
        inherits = own is not None and own.is_ours and own.sha512 == row.sha512 and not rows
        looked = placer.tree.fingerprint(intent.aside, there)
        rows.append(replace(row, local=intent.aside, is_ours=row.is_ours or inherits, looked=looked))
    return rows


def _clean(placer: Placer, intent: Intent, *, has_arrived: bool) -> None:
    tree = placer.tree
    own = placer.published.of(*intent.key)
    there = tree.stat(intent.source)
    if there is not None and not placer.holds(intent.source, there, intent.sha512, intent.size):
        if has_arrived:  # names were exchanged: this is what had the name before
            same = own is not None and (
                is_same(there, own.looked) or placer.holds(intent.source, there, own.sha512, own.looked.size)
            )
            expected = Fingerprint.of(there) if same else None
            dispose(placer, intent.source, intent.local, expected=expected, topic=intent.topic)
        else:
            tree.remove(intent.source)  # half a copy, or no longer what was verified: it is read from the topic again
    elif there is not None and intent.source.endswith(OWN_COPY):
        tree.remove(intent.source)
    if (
        has_arrived
        and intent.old
        and own is not None
        and own.local == intent.old
        and placer.look(own) is Look.UNCHANGED
    ):
        tree.remove(intent.old)
