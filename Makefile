# `make run` and `make test` are all that a newcomer needs; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
PORT ?= 8000
export PORT INSTANCE

.PHONY: run test quick check bench deep faults help lock format

run: $(VENV)/.runs ## make the environment, prepare the instance, load the demo on first use, serve it
	@$(VENV)/bin/forum run --demo

test: $(VENV)/.tests ## every test; says which parts of this machine are missing
	@$(VENV)/bin/python -m tests.parts
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal tests

quick: $(VENV)/.tests ## rules, slices on SQLite and route sweeps; about five minutes
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal -m "not postgres and not browser" tests/rules tests/slices tests/sweeps

check: $(VENV)/.tests ## format, lint, types, contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.tests ## the figures of docs/performance, one JSON object a line; FIGURES=a,b picks
	$(VENV)/bin/python -m tests.bench

deep: $(VENV)/.tests ## long, seeded loops
	DEEP=1 $(VENV)/bin/python -m pytest -n 2 tests

faults: $(VENV)/.tests ## plants each fault of tests/faults in a copy and expects that tests fail; FAULTS=name,name picks
	$(VENV)/bin/python -m tests.faults

format: $(VENV)/.tests
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

lock: ## write the lock files anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements.in -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements-dev.in -o requirements-dev.lock

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

$(VENV)/bin/forum:
	$(PYTHON) -c 'import sys; sys.exit("Midnight Forum needs Python 3.11 or newer; name one with PYTHON=") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@printf '#!/bin/sh\nhere=$$(cd "$$(dirname "$$0")/.." && pwd)\nPYTHONPATH="$$here/.." exec "$$here/bin/python" -m forum.cli "$$@"\n' > $@
	@chmod +x $@

$(VENV)/.runs: requirements.lock | $(VENV)/bin/forum
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.tests: requirements-dev.lock | $(VENV)/bin/forum
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runs
