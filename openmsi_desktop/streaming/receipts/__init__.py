"""Receipts: readers write to ``<topic>.receipts`` what they have delivered; senders read there that it has arrived."""
