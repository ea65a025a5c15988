# make run · make test · make check · make bench: each sets itself up.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests share the machine with the PostgreSQL server they start.
WORKERS ?= 2

.PHONY: setup run test check test-long bench assets translations pictures reference lock clean browser

setup: $(STAMP)

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

run: setup
	@$(BIN)/python -m registry.serve --port $(PORT)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS) tests/architecture tests/kernel tests/forms tests/intake

test: setup browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS) -rs

test-long: setup
	REGISTRY_TEST_LONG=1 $(BIN)/pytest -n $(WORKERS) -rs

bench: setup
	$(BIN)/python -m tests.performance.bench

# Browser tests need Chromium. Installed where that is allowed; elsewhere the tests say why they are skipped.
browser:
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	       && { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; }; } \
	  || echo "No Chromium here and no right to install it: browser tests will be skipped."

# Only for those who change the look or the texts; the results are committed.
assets:
	npm --prefix registry/web/assets ci --no-audit --no-fund
	npm --prefix registry/web/assets run build

translations: $(STAMP)
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k NP_:1,2 -k _l -k lazy_gettext --no-wrap --no-location --sort-output --omit-header -o registry/translations/messages.pot .
	for language in ky ru; do \
	  $(BIN)/pybabel -q update -i registry/translations/messages.pot -d registry/translations -l $$language --no-wrap --omit-header --no-fuzzy-matching; \
	done

pictures: setup      # needs the demo running: make run in another window
	$(BIN)/python -m tests.docs.pictures --address http://127.0.0.1:$(PORT)

reference: setup
	$(BIN)/python -m tests.docs.generate

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml -o requirements.lock --no-header --no-emit-index-url

clean:
	rm -rf $(VENV) instance .mypy_cache .ruff_cache .hypothesis
