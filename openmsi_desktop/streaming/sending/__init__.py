"""Finished files -> the topic: watched folders and one-off uploads."""
