"""A zip file with what somebody needs who helps from afar, and with nothing that is secret.

redact.py takes secrets out of texts, bundle.py gathers the texts.
"""
