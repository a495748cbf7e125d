# Everything a person runs here. `make` sets up what it needs first and is quick when it is all there.
#
#   make demo                 the whole journey of a file on this computer, no server needed: in the window where
#                             there is a screen, else in the terminal, with a picture of the window
#   make test                 checks and all tests, with a real Apache Kafka and OpenMSIStream
#   make test ARGS="-k name"  some of them; ARGS goes to pytest
#   make check                formatting, lint, types, import rules
#   make faults               every fault as often as docs/reliability.md promises: hours
#   make faults SHARE=0.1     a tenth of it; ARGS="-k F7" one of them
#   make bench                measurements into docs/performance.md; they never fail on a figure
#   make bench ARGS="--only send --rounds 3"   some of them
#   make wine                 what can run there with a Python for Windows, under wine (on Linux)
#   make wine ARGS=tests/core some of it
#   make translations         gather the texts of the window, and compile their translations
#   make screenshots          a picture of every window and dialog into build/screenshots
#   make docs                 the documentation as web pages in docs/_build

PYTHON := .venv/bin/python
ARGS ?=
SHARE ?= 1
# most tests wait for a broker: more of them than cores run at once, each process with servers of its own
WORKERS ?= 3
SOURCES := openmsi_desktop tests tools tools/demo tools/setup tools/translate tools/screenshots tools/wine docs

.PHONY: setup demo test check faults bench wine translations screenshots docs

setup:
	@tools/setup

demo:
	@tools/setup program
	@$(PYTHON) tools/demo $(ARGS)

test: check
	@$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

check: setup
	@$(PYTHON) -m ruff check --quiet $(SOURCES)
	@$(PYTHON) -m ruff format --quiet --check $(SOURCES)
	@$(PYTHON) -m mypy
	@$(PYTHON) -m pytest --quiet --no-header tests/test_layers.py

# the lines go into docs/reliability.md, also those of a run that failed
faults: setup
	@rm -f .cache/fault-lines && touch .cache/fault-lines
	@OPENMSI_FAULTS=full OPENMSI_FAULT_SHARE=$(SHARE) OPENMSI_FAULT_LINES=$(CURDIR)/.cache/fault-lines \
		$(PYTHON) -m pytest tests/faults --numprocesses 2 --dist worksteal $(ARGS); \
		status=$$?; $(PYTHON) tools/write_reliability.py .cache/fault-lines; exit $$status

bench: setup
	@PYTHONPATH=tests:. $(PYTHON) -m benchmarks $(ARGS)

# the second check of types sees what is Windows' alone
wine: setup
	@$(PYTHON) -m mypy --platform win32 --follow-imports silent --cache-dir .cache/wine/mypy openmsi_desktop tests/windows
	@$(PYTHON) tools/wine $(ARGS)

translations: setup
	@$(PYTHON) tools/translate

screenshots: setup
	@$(PYTHON) tools/screenshots $(ARGS)

docs: setup
	@$(PYTHON) -m sphinx --quiet --fail-on-warning --builder html docs docs/_build
	@echo "docs/_build/index.html"
