# Careloop's developer commands. `make help` prints them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup frontend translations run test test-all check fix lock wheel bench clean

help: ## Print these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.installed frontend translations ## Make .venv from the hashed lock, build the front end

$(VENV)/.installed: requirements/dev.lock requirements/bootstrap.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

frontend: $(VENV)/.installed
	@sh frontend/build.sh

translations: $(VENV)/.installed
	@$(BIN)/python -m careloop.common.translations

run: setup ## Run the whole desk with the demo company at http://127.0.0.1:8000
	@CARELOOP_DATA_DIR="$${CARELOOP_DATA_DIR:-$(CURDIR)/var}" sh -c '$(BIN)/careloop migrate && $(BIN)/careloop demo load && exec $(BIN)/careloop serve'

test: setup ## Run all tests but the slow ones
	$(BIN)/pytest -q -n 2 -m "not slow"

test-all: setup ## Run every test, on SQLite and then on PostgreSQL
	$(BIN)/python scripts/test_all.py

check: setup ## Format, lint, types, floors, translations, migrations, locks
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .import_linter_cache
	$(BIN)/python scripts/check_translations.py
	$(BIN)/python scripts/check_migrations.py

fix: setup ## Format and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.installed ## Resolve the locks anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --extra encoder --extra postgresql --extra train --group dev pyproject.toml -o requirements/dev.lock

wheel: setup ## Build the wheel, front end and translations inside
	rm -rf dist && $(BIN)/python -m hatchling build -t wheel

bench: setup ## Measure (see bench/README.md)
	$(BIN)/python -m bench

clean: ## Remove what was built; the data in var/ stays
	rm -rf $(VENV) node_modules dist src/careloop/workspace/static/careloop/dist
