"""The chunk protocol and the state of every file. No threads, no network, no Qt."""
