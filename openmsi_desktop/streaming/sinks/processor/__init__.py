"""Programs and Python classes: they see every complete file."""
