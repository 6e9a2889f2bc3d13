# Everything that people and CI do here. `make` alone lists it.
# Needs Python 3.11 or later (`make PYTHON=python3.12 …` picks one) and a network of package registries.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast check fmt golden controlplane bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## the virtual environment at .venv, from the lock file

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=…"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked dependencies into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q katalogc runtime
	@touch $@

demo: $(STAMP)  ## the whole life of a custom resource, in a minute
	@$(BIN)/python scripts/demo.py

controlplane: $(STAMP)  ## build the test control plane, once for this machine
	@$(BIN)/python -m tests.controlplane.build

test: controlplane  ## every test, the real API server included
	@$(BIN)/python -m pytest

test-fast: $(STAMP)  ## only the tests that need no control plane
	@$(BIN)/python -m pytest -m "not controlplane and not scenario"

check: $(STAMP)  ## format, lint, import contracts, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/house

fmt: $(STAMP)  ## format and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

golden: $(STAMP)  ## write the golden files anew; read the difference before you commit it
	@$(BIN)/python -m tests.golden.rewrite

bench: controlplane  ## beside peers and the API server's own ceiling, in one run
	@$(BIN)/python -m bench

clean:  ## remove what the other targets made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
