# What people type. `make demo` and `make test` need Linux, Python 3.11 or newer with venv, and make.
# Marks of finished steps stand in .venv, so a repeated call does only what changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PAGES := src/wangge/doors/shell/static/wangge
PAGE_SOURCES := $(wildcard frontend/* islands/*) vite.config.ts tsconfig.json src/wangge/doors/shell/icons.txt
CATALOGUES := $(shell find src/wangge -name '*.po')
TEMPLATES = $(shell find src/wangge -path '*/templates/*' -name '*.html')
UV := uv==0.13.9
# Tests run in as many processes as there are cores, at most four; each has a database of its own.
AT_ONCE := --numprocesses auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test test-all lint bench lock clean
.DELETE_ON_ERROR:

help: ## Say what can be typed here.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

setup: $(VENV)/.runtime $(PAGES)/wangge.js $(VENV)/.catalogues ## Build the environment, the pages and the catalogues; the command is .venv/bin/wangge.

demo: setup ## Serve the demo town on http://127.0.0.1:8000 (HOST, PORT); Ctrl-C stops it, the data stays.
	@exec $(BIN)/wangge demo

demo-reset: setup ## Serve the demo town from the beginning; everything entered so far is thrown away.
	@exec $(BIN)/wangge demo --reset

test: lint $(VENV)/.chromium ## Check everything that is checked before a change lands.
	$(BIN)/wangge django makemigrations --check --dry-run
	$(BIN)/wangge translations check
	$(BIN)/pytest $(AT_ONCE)

test-all: lint $(VENV)/.chromium ## The same with the long runs: every kill, every message.
	$(BIN)/wangge django makemigrations --check --dry-run
	$(BIN)/wangge translations check
	$(BIN)/pytest $(AT_ONCE) -m "" --hypothesis-profile=thorough

lint: setup $(VENV)/.test ## Style, layout of templates, dead code, direction of imports, types.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@$(BIN)/djhtml --tabwidth 2 --check $(TEMPLATES)
	$(BIN)/vulture src/wangge
	@$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	@tools/npm run --silent check

bench: setup $(VENV)/.bench ## Measure the main acts and pages on this machine.
	$(BIN)/python bench/run.py

lock: ## Choose versions anew within pyproject.toml; hashes of every file, no addresses.
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PYTHON) -m venv $(VENV)/lock-tools
	$(VENV)/lock-tools/bin/pip --disable-pip-version-check --quiet install $(UV)
	@set -e; compile() { $(VENV)/lock-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" "$$@"; }; \
	compile pyproject.toml --output-file requirements/runtime.txt; \
	compile --group build --constraint requirements/runtime.txt --output-file requirements/build.txt; \
	for group in test bench; do compile --group $$group --constraint requirements/runtime.txt --constraint requirements/build.txt --output-file requirements/$$group.txt; done

clean: ## Throw away what can be built again; data in var/ stays.
	-test ! -x $(BIN)/wangge || $(BIN)/wangge database stop
	rm -rf $(VENV) node_modules $(PAGES) .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete

# --- steps ---------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version). Name another:  make PYTHON=python3.12 setup"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python has no venv here. On Debian:  apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt | $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt | $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.npm: package.json package-lock.json .npmrc | $(VENV)/.runtime
	tools/npm ci --no-progress
	@touch $@

$(PAGES)/wangge.js: $(PAGE_SOURCES) $(VENV)/.npm
	tools/npm run --silent build -- --logLevel warn
	@touch $@

$(VENV)/.catalogues: $(CATALOGUES) | $(VENV)/.runtime
	$(BIN)/wangge translations compile
	@touch $@

# An existing Chromium, the system's package, Playwright's download or one from the npm registry.
$(VENV)/.chromium: tests/browser.py | $(VENV)/.test $(VENV)/.npm
	$(BIN)/python tests/browser.py
	@touch $@
