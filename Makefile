# make run and make test are all a newcomer needs. Python 3.11 with venv, and make.
.PHONY: env run test test-all lint format trace bench docs pin clean
PYTHON ?= python3
JOBS ?= 2
PYTEST := .venv/bin/python -m pytest
export PYTHON

env:             ## the environment alone, with what tests need
	@tools/env test

run:             ## everything to look at JUMP on this machine; FRESH=1 starts over
	@tools/env run
	@.venv/bin/jump run $(if $(FRESH),--fresh) $(if $(PORT),--port $(PORT))

test:            ## everything except journeys and benches, on SQLite, in parallel
	@tools/env test
	$(PYTEST) -n $(JOBS) --dist worksteal --ignore=tests/journeys --ignore=tests/bench --ignore=tests/fuzz --trace-name=test tests

test-all:        ## adds PostgreSQL, browser journeys and schema fuzzing
	@tools/env test-all
	tools/test-all

lint:            ## style, types, import contracts, templates, migrations and translations
	@tools/env test
	tools/lint

format:
	@tools/env test
	.venv/bin/ruff check --fix-only -q src tests tools
	.venv/bin/ruff format -q src tests tools

trace:           ## how many requirements a passing test covers, per system
	@.venv/bin/python tools/trace.py

bench:           ## each figure beside its peer or limit
	@tools/env bench
	$(PYTEST) -q -s -p no:xdist tests/bench

docs:            ## the site; broken links and undocumented ids fail
	@tools/env test
	.venv/bin/python tools/docs.py

pin:             ## compile requirements/ again from pyproject.toml
	@tools/env test
	tools/pin
