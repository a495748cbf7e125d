"""The real programs that tests talk to. Started by the fixtures of tests/conftest.py."""
