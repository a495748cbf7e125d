"""Tests a connection in stages, and says of the first that fails why, in words a person can use."""
