"""Connections for people: what a form asks of one, its test, where its password is, and whether it was tested."""
