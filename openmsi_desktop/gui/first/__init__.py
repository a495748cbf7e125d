"""The first run: a page for each question, and at the end the proof that it works."""
