# Two commands are all there is to know: make serve, make test.

PYTHON ?= python3
BIN := .venv/bin
BOOTSTRAP = command -v $(PYTHON) >/dev/null || { \
	echo "Python 3.11 以上が必要です。次の行を実行してください：" >&2; \
	echo "  sudo apt-get install python3 python3-venv" >&2; exit 1; }; $(PYTHON) ops/bootstrap.py

ifdef PORT
export TETSUZUKI_PORT := $(PORT)
endif
ifdef HOST
export TETSUZUKI_HOST := $(HOST)
endif
ifdef WORKERS
export TETSUZUKI_WORKERS := $(WORKERS)
endif

ifdef CITY
export TETSUZUKI_CITY := $(CITY)
export TETSUZUKI_DATA_DIR ?= $(CITY)/var
endif

.PHONY: help serve test test-fast check bench test-containers secrets lock references clean

help: ## What there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 18

serve: ## Starts the database and the guide (PORT, HOST, WORKERS, CITY may be set)
	@$(BOOTSTRAP) serve && exec $(BIN)/tetsuzuki serve

# Each process has a database of its own (about 1 GiB with the browser), and takes whole files.
SIDE_BY_SIDE ?= -n auto --maxprocesses=4

test: ## Runs every test that needs no Docker
	@$(BOOTSTRAP) dev && $(BIN)/python -m tests.needs && \
		exec $(BIN)/pytest tests --ignore=tests/containers $(SIDE_BY_SIDE) --dist loadfile

test-fast: ## Runs the tests that need no database, within a minute
	@$(BOOTSTRAP) dev && exec $(BIN)/pytest tests $(addprefix --ignore=tests/,containers cli browser) -m "not slow" \
		$(SIDE_BY_SIDE) --dist worksteal

check: ## Looks at style and types
	@$(BOOTSTRAP) dev && $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: ## Measures; results are kept in bench/results
	@$(BOOTSTRAP) dev && exec $(BIN)/python -m bench.run

test-containers: ## Runs the tests that need Docker
	@$(BOOTSTRAP) dev && exec $(BIN)/pytest tests/containers

secrets: ## Makes the passwords that compose.yaml reads, once, in var/secrets
	@$(PYTHON) ops/container/make_secrets.py

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url pyproject.toml ops/build.in

lock: ## Raises the locked Python packages to the newest that pyproject.toml allows
	@$(BOOTSTRAP) dev
	$(LOCK) --upgrade --output-file ops/requirements.lock
	$(LOCK) --upgrade --extra dev --constraint ops/requirements.lock --output-file ops/requirements-dev.lock

references: ## Writes the references in ops/ anew from the code
	@$(BOOTSTRAP) dev && $(BIN)/python -m ops.references

clean: ## Removes what can be made again; the data in var/ stays
	rm -rf .venv build dist artifacts *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
