# Everything runs in .venv, which is made on first use and again when pyproject.toml changes.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test check sync new-rule bench docs clean
.DEFAULT_GOAL := test

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Holdfast needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/installed  ## the hooks over a small shop, as pre-commit, bandit and the command show them
	@$(BIN)/python tools/demo.py

test: .venv/installed  ## the tests; one of them asserts that lint, types and generated files are clean
	$(BIN)/python -m pytest -n auto --dist loadfile

check: .venv/installed  ## the whole gate
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python tools/sync.py --check
	$(BIN)/lint-imports
	$(BIN)/pre-commit run --all-files
	$(BIN)/python -m pytest -n auto --dist loadfile

sync: .venv/installed  ## write what follows from the rules: manifest, entry points, tables, pages
	@$(BIN)/python tools/sync.py

new-rule: .venv/installed  ## make new-rule NAME=no-wildcard-import [SCOPE=project] [FIX=safe] [FAMILY=1]
	@$(BIN)/python tools/new_rule.py $(NAME) $(if $(SCOPE),--scope $(SCOPE)) $(if $(FIX),--fix $(FIX)) $(if $(FAMILY),--family $(FAMILY))

bench: .venv/installed  ## speed as ratios against peers, measured in one run
	@$(BIN)/python tools/bench.py

docs: .venv/installed  ## the documentation as a site, in site/
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/zensical build --strict --clean

clean:
	rm -rf .venv site build dist
