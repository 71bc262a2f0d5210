# `make demo` and `make test` do all of their own set-up on a fresh Debian 12 with Python, pip and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.ready
CHROMIUM ?= /usr/bin/chromium
export CHROMIUM
export PIP_DISABLE_PIP_VERSION_CHECK = 1

STORES := sqlite postgresql mariadb redis

.PHONY: demo test test-fast test-floor test-firefox reloads security-table catalogue lint docs docs-serve api reference wheel audit bench bench-stores mutation state-machine screenshots chromium servers clean help

help:  ## Say what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

demo: $(SETUP)  ## Serve the example dashboard on http://localhost:8501
	@mkdir -p .demo && cd .demo && exec ../$(BIN)/persistauth demo

test: $(SETUP) chromium servers  ## Run the whole test suite
	$(BIN)/pytest -n 2 -m "not browser" --junitxml=.reports/fast.xml
	set -e; for store in $(STORES); do $(BIN)/pytest -n 2 tests/core --store $$store; done
	$(BIN)/pytest -n 2 -m browser --junitxml=.reports/browser.xml

security-table: $(SETUP)  ## Hold that the tests named in docs/explanation/security.md ran in `make test`
	$(BIN)/python tools/security_table.py .reports/fast.xml .reports/browser.xml

test-fast: $(SETUP) servers  ## Run the tests that need no browser
	$(BIN)/pytest -m "not browser"

test-floor: chromium servers  ## Run the suite on the lowest versions of the dependencies
	$(PYTHON) tools/floor.py --venv .venv-floor

test-firefox: $(SETUP) firefox servers  ## Run the browser tests in Firefox, but for those that Chromium alone can run
	TEST_BROWSER=firefox $(BIN)/pytest -n 2 -m "browser and not chromium"

reloads: $(SETUP) chromium  ## Refresh three tabs at once a hundred times, with each cache
	TEST_RELOADS=100 $(BIN)/pytest -m browser -k test_three_tabs_at_once -o timeout=1800

catalogue: $(SETUP)  ## Add new texts to the languages, to be translated, and take out old ones
	$(BIN)/python tools/catalogue.py

lint: $(SETUP)  ## Check format, style, types and import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

docs: $(SETUP)  ## Build the site into the folder site; any warning is a fault
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	$(BIN)/python tools/check_site.py site

docs-serve: $(SETUP)  ## Serve the site on http://localhost:8000, and build it anew at each change
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

api: $(SETUP)  ## Record the public names and signatures in tests/api.txt
	$(BIN)/python tools/public_api.py > tests/api.txt

reference: $(SETUP)  ## Write the generated parts of docs/reference from the code
	$(BIN)/python tools/reference.py

wheel: $(SETUP) chromium  ## Build sdist and wheel, check them, and try them in new environments
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist
	$(BIN)/python tools/try_wheel.py dist

audit: $(SETUP)  ## Ask for known vulnerabilities of the lowest dependencies allowed (needs the network)
	$(BIN)/python -m pip install --quiet --group audit
	mkdir -p .reports && $(BIN)/python tools/floor.py --print > .reports/floor.txt
	$(BIN)/pip-audit --strict --requirement .reports/floor.txt --disable-pip --no-deps

bench: $(SETUP) chromium  ## Measure a refresh, a sign-in, the guard, a crowd of clients, the end of a sign-in
	$(BIN)/python benchmarks/refresh.py
	$(BIN)/python benchmarks/login.py
	$(BIN)/python benchmarks/guard.py
	$(BIN)/python benchmarks/load.py
	$(BIN)/python benchmarks/flood.py
	$(BIN)/python benchmarks/revocation.py

bench-stores: $(SETUP) servers  ## Measure sign-ins in databases, up to millions of them (about 25 minutes)
	$(BIN)/python benchmarks/stores --plot docs/images/stores-growth.svg

mutation: $(SETUP)  ## See which small changes of the core no test notices (about 10 minutes)
	$(BIN)/python -m pip install --quiet --group mutation
	$(BIN)/python tools/mutation.py

state-machine: $(SETUP)  ## Play long against a served app over the raw protocol (about an hour)
	TEST_MACHINE=long $(BIN)/pytest tests/raw/test_state_machine.py -rP -o timeout=14400

screenshots: $(SETUP) chromium  ## Take the pictures in docs/images
	$(BIN)/python tools/screenshots.py

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

SERVERS := nginx mariadbd redis-server
POSTGRES := $(wildcard /usr/lib/postgresql/*/bin/postgres)

servers:
	@for server in $(SERVERS); do \
		PATH=$$PATH:/usr/sbin command -v $$server >/dev/null || missing=1; done; \
	test -n "$(POSTGRES)" || missing=1; \
	test -z "$$missing" || $(MAKE) --no-print-directory install-servers

.PHONY: install-servers
install-servers:
	@command -v apt-get >/dev/null && test "$$(id -u)" = 0 || \
		{ echo "Install nginx, MariaDB, PostgreSQL and Redis: the tests start them."; exit 1; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends \
		nginx-light openssl mariadb-server postgresql redis-server >/dev/null

$(SETUP): pyproject.toml
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || $(MAKE) --no-print-directory install-venv
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group test --group lint --group build --group docs
	@touch $@

.PHONY: install-venv
install-venv:
	@command -v apt-get >/dev/null && test "$$(id -u)" = 0 || \
		{ echo "Python's venv module is missing: install python3-venv."; exit 1; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null

clean:  ## Remove everything that was made
	rm -rf $(VENV) .venv-floor .venv-bench .demo .mutation .reports dist site
