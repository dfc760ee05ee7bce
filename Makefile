# Everything a newcomer runs. Needs Python 3.11 or newer and make; all else comes into .venv by the hashed lock file.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
JOBS ?= 2
SHOTS ?= dist/screenshots
N ?= 10000
SEED ?= 0
PART ?=

.PHONY: demo test lint types unit soak fuzz bench screenshots format lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    archive a demonstration newspaper on this machine, and serve its pages (not so with SERVE=0)"
	@echo "make test    lint, types and all tests"
	@echo "make bench   speed and memory, as ratios to a peer in the same run"
	@echo "make soak    the long runs of the tests"
	@echo "make fuzz    N=100000 SEED=7 PART=robots: that many broken inputs for each parser whose test has that in its name"
	@echo "make screenshots  every page of the reading room, drawn by Chromium into $(SHOTS), and README's pictures"

.venv/.made: requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "lianzai needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --compile -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q archive crawler scheduler.py
	@touch $@

demo: .venv/.made
	$(BIN)/lianzai demo $(if $(filter 0,$(SERVE)),,--serve)

test: lint types unit

lint: .venv/.made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: .venv/.made
	$(BIN)/mypy

unit: .venv/.made
	$(BIN)/pytest -q -n $(JOBS) --maxschedchunk 10 -m "not soak"

# Both halves, whatever the first one finds.
soak: .venv/.made
	@$(BIN)/pytest -q -n $(JOBS) -m soak --durations=20; soak=$$?; \
	HYPOTHESIS_PROFILE=long $(BIN)/pytest -q -n $(JOBS) -m "not soak" --durations=20 && exit $$soak

# One process, so that a number of examples and a seed name the same examples everywhere.
fuzz: .venv/.made
	HYPOTHESIS_PROFILE=fuzz FUZZ_EXAMPLES=$(N) $(BIN)/pytest -q -p no:cacheprovider --hypothesis-seed=$(SEED) -k "$(PART)" \
		$(filter-out %_growth.py,$(wildcard tests/*/test_fuzz_*.py))

bench: .venv/.made
	$(BIN)/python bench/run.py

screenshots: .venv/.made
	PYTHONPATH=.:tests:tests/archive $(BIN)/python tests/archive/screenshots.py $(SHOTS) --docs docs/images

format: .venv/.made
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Locks name no index, so they work with any. uv comes from wherever your packages come from.
lock: .venv/.made
	$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	.venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header pyproject.toml -o requirements/run.txt
	.venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header -c requirements/run.txt --extra dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
