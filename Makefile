# OneVisit: what a developer types. Each target sets up what it needs on a fresh machine that has
# Python 3.11+ and Debian's package manager (as root, or with sudo).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get
CHROMIUM := /usr/bin/chromium
CHINESE_FONT := /usr/share/fonts/truetype/wqy/wqy-microhei.ttc

# Tests run on at most this many processes, and never on more than the machine has.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$(( n < 4 ? n : 4 )))
TESTS ?=

.PHONY: help
help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(STAMP) ## make .venv with the locked dependencies and the command .venv/bin/onevisit

$(STAMP): requirements-dev.lock
	@[ -n "$(PYTHON)" ] || { echo "OneVisit needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "==> installing python3-venv"; \
		version=$$($(PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])'); \
		$(APT) update -q && { $(APT) install -qy $$version-venv || $(APT) install -qy python3-venv; }; }
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.PHONY: browser
browser: ## install the system's Chromium and a Chinese font, for the browser tests
	@if [ -x $(CHROMIUM) ] && [ -e $(CHINESE_FONT) ]; then :; \
	elif command -v apt-get >/dev/null; then echo "==> installing chromium and a Chinese font"; \
		$(APT) update -q && $(APT) install -qy --no-install-recommends chromium fonts-wqy-microhei; \
	else echo "No apt-get here: install Chromium as $(CHROMIUM) yourself; until then the browser tests are skipped."; fi

.PHONY: demo
demo: install ## run a seeded city with moving crews ([CITY=boston|changsha] [PORT=n])
	$(BIN)/onevisit demo $(if $(CITY),--city "$(CITY)") $(if $(PORT),--port "$(PORT)")

.PHONY: test
test: install browser ## run every test ([TESTS=tests/domain] narrows it)
	$(BIN)/pytest -q -rs -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

.PHONY: check
check: install ## check format, lint, types, layers, migrations, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
	$(BIN)/pytest -q -rs tests/architecture

.PHONY: coverage
coverage: install ## require that the tests take every branch of the domain and the actions
	$(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov --cov-report=term-missing:skip-covered $(TESTS)

.PHONY: bench
bench: install ## measure: one JSON line a figure
	@for script in bench/[a-z]*.py; do $(BIN)/python "$$script"; done

.PHONY: soak
soak: install browser ## run the long proofs
	SOAK=1 $(BIN)/pytest -q -rs -n $(WORKERS) --dist loadfile --no-loadscope-reorder --timeout 3600 $(TESTS)

.PHONY: screens
screens: install browser ## take the pictures in docs/screens
	$(BIN)/python -m tools.screens

.PHONY: format
format: install ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: messages
messages: install ## bring the catalogue up to date and compile it ([MERGE="a.json b.json"] adds translations)
	$(BIN)/python -m tools.catalogue $(MERGE)

.PHONY: lock
lock: install ## lock the dependencies again, with hashes and without addresses
	[ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --extra messages pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --extra dev pyproject.toml -o requirements-dev.lock

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header

.PHONY: vendor
vendor: ## build static/vendor again from static/vendor-src (needs Node)
	cd static/vendor-src && npm ci --ignore-scripts && npm run build
