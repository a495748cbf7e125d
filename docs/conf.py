"""Sphinx: `make docs` builds the pages into docs/_build."""

from openmsi_desktop import __version__

project = "OpenMSI Desktop"
version = release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_logo = "../resources/icons/mark.svg"
html_theme_options = {"description": "Send files from laboratory instruments through Kafka", "page_width": "1000px"}
myst_heading_anchors = 3
nitpicky = True
