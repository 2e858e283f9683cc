# Everything a developer or an operator types. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
# The peers have an environment of their own: what Dispatch runs and is tested with never sees them.
BENCH := benchmarks/.venv
CATALOGUES := dispatch/translations
# One more than there are cores: a test often waits for a browser or a server of its own. Two per core wait for each other.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
PYTEST := $(BIN)/pytest -n $(WORKERS) --maxprocesses 4

.PHONY: help run test check format battery bench messages translations clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) translations ## Start Dispatch with its demo; PORT and DATABASE_URL are honoured
	@DEMO=$${DEMO:-1} exec $(BIN)/python -m dispatch.run

test: $(DEVELOPMENT) ## Check the code, then run every test (SQLite, PostgreSQL, browser)
	@scripts/system-packages
	@scripts/valhalla >/dev/null
	@$(MAKE) check
	@$(BIN)/python -m dispatch.routing prepare # once, not once in each test process
	@$(PYTEST) -m "not battery"

check: $(DEVELOPMENT) ## Lint, types, import borders
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEVELOPMENT) ## Let ruff lay out the code
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

battery: $(DEVELOPMENT) ## Long and timed tests; the result goes to battery-results/
	@scripts/system-packages
	@$(BIN)/pytest -n 0 -m battery --results battery-results/battery.json

bench: $(BENCH)/.peers ## The planning engine beside its peers, in under 20 minutes; results go to benchmarks/results/
	@$(BENCH)/bin/python -m benchmarks --short

messages: $(DEVELOPMENT) ## Collect the texts of the interface into the catalogues
	@scripts/extract-messages $(CATALOGUES)/messages.pot
	@$(BIN)/pybabel -q update -i $(CATALOGUES)/messages.pot -d $(CATALOGUES) --no-fuzzy-matching --ignore-obsolete
	@rm $(CATALOGUES)/messages.pot

translations: $(RUNTIME)
	@$(BIN)/pybabel -q compile -d $(CATALOGUES)

$(BENCH)/.peers: benchmarks/requirements.txt requirements.txt
	@test -x $(BENCH)/bin/python || scripts/new-venv $(PYTHON) $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	@touch $@

clean: ## Remove what was made here, except the data in instance/
	@rm -rf $(VENV) $(BENCH) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@scripts/new-venv $(PYTHON) $(VENV)

$(RUNTIME): requirements.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $(RUNTIME) $@
