# `make demo` and `make test` do all of their own set-up on a fresh Debian 12 with Python, pip and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CHROMIUM ?= /usr/bin/chromium
WORKERS ?= 2
export CHROMIUM
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export UV_NATIVE_TLS = 1

# Each marks what is installed: the package alone, and one group of pyproject.toml each.
PACKAGE := $(VENV)/.package
TEST := $(VENV)/.test
LINT := $(VENV)/.lint
DOCS := $(VENV)/.docs
BUILD := $(VENV)/.build
AUDIT := $(VENV)/.audit
MUTATION := $(VENV)/.mutation

PYTEST := $(BIN)/pytest -n $(WORKERS) --dist worksteal
REPORTS := fast browser slow slow-browser
STORES := sqlite postgresql mariadb redis

.PHONY: help demo test test-all test-fast test-slow test-slow-fast test-slow-browser test-floor \
	test-firefox reloads connections security-table catalogue lint docs docs-serve api reference wheel audit \
	bench bench-stores failover mutation state-machine screenshots ready chromium servers clean

help:  ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

demo: $(PACKAGE)  ## Serve the example dashboard on http://localhost:8501
	@mkdir -p .demo && cd .demo && exec ../$(BIN)/persistauth demo

test: ready  ## Run every behaviour once, in a real browser and on real servers too (about 10 minutes)
	$(PYTEST) --ignore=tests/browser -m "not slow" --junitxml=.reports/fast.xml
	$(PYTEST) tests/browser -m "not slow" --junitxml=.reports/browser.xml

test-all: test lint docs test-slow security-table wheel test-floor  ## Run everything, as CI does

test-fast: $(TEST) servers  ## Run what `make test` runs without a browser
	$(PYTEST) --ignore=tests/browser -m "not slow" --junitxml=.reports/fast.xml

test-slow: test-slow-fast test-slow-browser  ## Run the tests that `make test` leaves out

test-slow-fast: $(TEST) servers  ## Of these, run those without a browser, and the core on each store
	$(PYTEST) --ignore=tests/browser --ignore=tests/stores/test_galera.py -m slow \
		--junitxml=.reports/slow.xml
	set -e; for store in $(STORES); do $(PYTEST) tests/core --store $$store; done

test-slow-browser: ready  ## Of these, run those in a browser
	$(PYTEST) tests/browser -m slow --junitxml=.reports/slow-browser.xml

security-table: $(TEST)  ## Check that the tests named in the security page ran in `make test-all`
	$(BIN)/python tools/security_table.py $(REPORTS:%=.reports/%.xml)

test-floor: ready  ## Run the suite on the lowest versions of the dependencies
	$(BIN)/python tools/floor.py --venv .venv-floor

test-firefox: $(TEST) firefox servers  ## Run the browser tests in Firefox, except those for Chromium
	TEST_BROWSER=firefox $(PYTEST) tests/browser -m "not chromium"

reloads: $(TEST) chromium  ## Refresh three tabs at once a hundred times, with each cache
	TEST_RELOADS=100 $(BIN)/pytest tests/browser -k test_three_tabs_at_once -o timeout=1800

connections: $(TEST)  ## Open and close ten thousand connections, and look at what is left
	TEST_CONNECTIONS=10000 $(BIN)/pytest tests/raw/test_many_connections.py -o timeout=1800

catalogue: $(TEST)  ## Add new texts to the languages, to be translated, and remove old ones
	$(BIN)/python tools/catalogue.py

lint: $(LINT) $(TEST) $(DOCS)  ## Check format, style, words, types and import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/prose.py
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

docs: $(DOCS)  ## Build the site into the folder site; any warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	$(BIN)/python tools/check_site.py site
	$(BIN)/python tools/check_search.py site

docs-serve: $(DOCS)  ## Serve the site on http://localhost:8000, rebuilt at each change
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

api: $(TEST)  ## Record the public names and signatures in tests/api.txt
	$(BIN)/python tools/public_api.py > tests/api.txt

reference: $(TEST)  ## Write the generated parts of docs/reference from the code
	$(BIN)/python tools/reference.py

wheel: $(BUILD) $(TEST) chromium  ## Build sdist and wheel, check them, and try them in new environments
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist
	$(BIN)/python tools/try_wheel.py dist

audit: $(AUDIT)  ## Look for known vulnerabilities of the lowest dependencies allowed (needs the network)
	mkdir -p .reports && $(BIN)/python tools/floor.py --print > .reports/floor.txt
	$(BIN)/pip-audit --strict --requirement .reports/floor.txt --disable-pip --no-deps

bench: $(TEST) chromium  ## Measure a refresh, a sign-in, the guard, a crowd of clients, a revocation
	$(BIN)/python benchmarks/refresh.py
	$(BIN)/python benchmarks/login.py
	$(BIN)/python benchmarks/guard.py
	$(BIN)/python benchmarks/load.py
	$(BIN)/python benchmarks/idle.py
	$(BIN)/python benchmarks/flood.py
	$(BIN)/python benchmarks/storm.py
	$(BIN)/python benchmarks/revocation.py
	$(BIN)/python benchmarks/imports.py

bench-stores: $(TEST) servers  ## Measure sessions in databases, up to millions of them (about 25 minutes)
	$(BIN)/python benchmarks/stores --plot docs/images/stores-growth.svg
	$(BIN)/python benchmarks/model.py

failover: $(TEST) servers  ## Kill and replace servers of PostgreSQL and MariaDB Galera under load (2 minutes)
	$(BIN)/pytest -v tests/stores/test_pgbouncer.py tests/stores/test_failover.py tests/stores/test_galera.py

mutation: $(MUTATION) $(TEST)  ## See which small changes of the core no test notices (about 10 minutes)
	$(BIN)/python tools/mutation.py

state-machine: $(TEST)  ## Play long against a served app over the raw protocol (about half an hour)
	TEST_MACHINE=long $(BIN)/pytest tests/raw/test_state_machine.py -rP -o timeout=14400

screenshots: $(TEST) chromium  ## Take the pictures in docs/images
	$(BIN)/python tools/screenshots.py

# pip and apt-get work at the same time.
ready:
	@$(MAKE) --no-print-directory --jobs=2 $(TEST) programs

.PHONY: programs
programs: | $(BIN)/python
	@$(MAKE) --no-print-directory chromium && $(MAKE) --no-print-directory servers

chromium:
	@test -x $(CHROMIUM) || $(MAKE) --no-print-directory install-chromium

.PHONY: install-chromium
install-chromium:
	@command -v apt-get >/dev/null && test "$$(id -u)" = 0 || \
		{ echo "Chromium is missing: install it, or set CHROMIUM to where it is."; exit 1; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		chromium fonts-liberation >/dev/null

.PHONY: firefox
firefox:
	@test -x /usr/bin/firefox-esr || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends firefox-esr >/dev/null; }

SERVERS := nginx mariadbd redis-server postgres pgbouncer
POSTGRES := $(lastword $(wildcard /usr/lib/postgresql/*/bin))

servers:
	@for server in $(SERVERS); do \
		PATH=$$PATH:/usr/sbin:$(POSTGRES) command -v $$server >/dev/null || missing=1; done; \
	test -z "$$missing" || $(MAKE) --no-print-directory install-servers

.PHONY: install-servers
install-servers:
	@command -v apt-get >/dev/null && test "$$(id -u)" = 0 || \
		{ echo "Install nginx, MariaDB, PostgreSQL, PgBouncer and Redis: the tests start them."; \
		exit 1; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends \
		nginx-light openssl mariadb-server postgresql pgbouncer redis-server >/dev/null

$(BIN)/python:
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || $(MAKE) --no-print-directory install-venv
	$(PYTHON) -m venv $(VENV)
	-@$(BIN)/python -m pip install --quiet uv

# uv takes a tenth of the time. Where it can't be installed, or can't reach the index, pip does it.
define install
	$(BIN)/uv pip install --quiet --python $(BIN)/python $(1) || { \
		$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1" && \
		$(BIN)/python -m pip install --quiet $(1); }
	@touch $@
endef

$(PACKAGE): pyproject.toml | $(BIN)/python
	$(call install,--editable .)

$(TEST) $(LINT) $(DOCS) $(BUILD) $(AUDIT) $(MUTATION): $(VENV)/.%: pyproject.toml $(PACKAGE)
	$(call install,--group $*)

.PHONY: install-venv
install-venv:
	@command -v apt-get >/dev/null && test "$$(id -u)" = 0 || \
		{ echo "Python's venv module is missing: install python3-venv."; exit 1; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null

clean:  ## Remove everything that the other targets make
	rm -rf $(VENV) .venv-floor .venv-bench .demo .mutation .reports dist site
