"""Files that a person sends once: taken from a drag, looked through, handed over, and followed."""
