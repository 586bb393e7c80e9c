# `make run` and `make test` do their own set-up: a .venv with what constraints.txt pins.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Compiled once, not by each process that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo example-nginx example-asgi example-wsgi test test-e2e snapshots schema pictures check format bench bench-gate clean

help: ## what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 20

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,server,postgres,age]'
	touch $@

run: $(READY) ## open the app
	$(BIN)/tokentui

demo: $(READY) ## open the app on sample tokens in a throwaway database
	$(BIN)/tokentui demo

example-nginx: $(READY) ## an API behind nginx that asks the gate, on ports 8080, 8765 and 8001
	examples/nginx/run

example-asgi: $(READY) ## a Starlette API under uvicorn that checks keys itself, on port 8002
	$(BIN)/uvicorn examples.asgi.app:app --workers 4 --port $(or $(PORT),8002)

example-wsgi: $(READY) ## a Flask API under gunicorn that checks keys itself, on port 8003
	$(BIN)/gunicorn examples.wsgi.app:app --workers 4 --bind 127.0.0.1:$(or $(PORT),8003)

test: $(READY) ## all tests but those of real terminals and servers
	$(BIN)/python -m pytest -m "not e2e" -n 4 --dist worksteal

# What asks a database, once more on a server that the tests start.
ON_POSTGRESQL := $(addprefix tests/,audit catalog gate/store gate/test_gate.py listing notify operations tokens usage)

test-e2e: $(READY) ## real terminals and real servers
	$(BIN)/python -m pytest -m e2e -n 3 --dist worksteal
	$(BIN)/python -m pytest $(ON_POSTGRESQL) --engine postgresql -n 3 --dist worksteal

snapshots: $(READY) ## write the snapshots anew; look at every new picture before you commit it
	$(BIN)/python -m pytest tests/snapshots -n 2 --dist worksteal --snapshot-update

schema: $(READY) ## after a new migration: write the schema that a new SQLite file gets
	$(BIN)/python -m tests.migrations.schema_file

pictures: $(READY) ## make README's pictures, and its tables of keys, commands and settings
	$(BIN)/python docs/make_pictures.py
	$(BIN)/python -m tests.docs_tables

check: $(READY) ## lint, format, types, who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## format, and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## what the app costs, in ratios of one run: a quarter of an hour; writes bench/RESULTS.md
	$(BIN)/python bench/app.py

bench-gate: $(READY) ## the same of the gate, against a floor and other programs
	$(BIN)/python bench/gate.py

clean: ## remove what the targets made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache bench/.venv
