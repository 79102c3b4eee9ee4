# Every target does its own set-up; `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
EMULATORS := .venv-emulators
BIN := $(VENV)/bin
export PYTHONPATH := $(CURDIR)
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run serve validate test browser check lint types contracts format bench bench-checks bench-export lock setup clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / {printf "  \033[1m%-10s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed $(EMULATORS)/.installed ## Create both environments from the pinned requirements

# The pinned requirements are complete, so pip resolves nothing: that of Python 3.11.7 (23.2) would refuse them as soon as
# a newer release of a package appears that is asked for with extras.
INSTALL := install --quiet --disable-pip-version-check --no-deps

$(VENV)/.installed: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip $(INSTALL) -r requirements.txt -r requirements-dev.txt
	$(BIN)/pip check --disable-pip-version-check
	@touch $@

$(EMULATORS)/.installed: local/requirements.txt
	$(PYTHON) -m venv --clear $(EMULATORS)
	$(EMULATORS)/bin/pip $(INSTALL) -r local/requirements.txt
	$(EMULATORS)/bin/pip check --disable-pip-version-check
	@touch $@

run: setup ## Run the demo day on this machine: backup, checks, alerts, health; print each report
	@$(BIN)/python -m local run

serve: setup ## Keep the embedded cloud and every function up, behind http://localhost:8080
	@$(BIN)/python -m local serve

validate: setup ## Check every declaration, and run every query dry against the demo world
	@$(BIN)/python -m local validate

test: setup browser ## Run every test
	$(BIN)/pytest

# Pages are looked at in a real browser. Where there is none, it is Debian's; without the right to install it, its tests
# fail and say so.
browser: ## Find a Chromium for the tests of pages, or install Debian's
	@[ -x "$$CHROMIUM" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		command -v google-chrome >/dev/null || \
		{ echo "installing chromium"; apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1; } || \
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; } || \
		echo "no Chromium, and it cannot be installed here: the tests of pages will fail; set CHROMIUM to one"

check: lint types contracts test ## What CI runs: lint, types, import contracts, tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports --no-cache

format: setup ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Measure import time and memory against the bare client libraries
	@$(BIN)/python -m bench.cold_start

bench-checks: setup ## Run fifty checks beside Soda, Great Expectations, dbt, pandera and pointblank
	@$(BIN)/python -m bench.checks

bench-export: setup ## Run the export beside the standard library, pandas, DuckDB and Polars
	@$(BIN)/python -m bench.export

lock: setup ## Compile the pinned requirements anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --constraint requirements.txt --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --group emulators -o local/requirements.txt

clean: ## Remove what the other targets made
	rm -rf $(VENV) $(EMULATORS) .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .artefacts
