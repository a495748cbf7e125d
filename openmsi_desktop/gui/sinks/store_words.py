"""Well-known stores in the language of the windows. No widgets."""

from __future__ import annotations

from openmsi_desktop.gui.language import tr
from openmsi_desktop.streaming.sinks.bucket.presets import Preset, PresetField


def title_of(preset: Preset) -> str:
    """What people choose from. Names of products are nobody's language."""
    return tr("Another S3 server") if preset.id == "other" else preset.title


def label_of(field: PresetField) -> str:
    """What stands before the field."""
    return {"region": tr("Region"), "account": tr("Account id"), "host": tr("Address")}.get(field.name, field.label)


def note_of(preset: Preset) -> str:
    """What a person has to know about it."""
    notes = {
        "amazon": tr("The keys of a user (IAM) who may do nothing but write into this bucket are enough."),
        "minio": tr("The port is that for programs (usually 9000), not that of the web page."),
        "ceph": tr("The keys are those that radosgw-admin shows for your user."),
        "backblaze": tr("Use an application key made for this bucket (keyID and applicationKey), not the master key."),
        "cloudflare": tr("The keys are those of an R2 API token that may read and write objects."),
        "google": tr("Use an HMAC key of a service account (Settings, Interoperability)."),
        "other": tr("Ask whoever runs it for the address, the region if there is one, and your keys."),
    }
    return notes.get(preset.id, "")
