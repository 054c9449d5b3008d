# Everything anyone needs. Works with only python3, make and git on the machine.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV := .uv/bin/uv
PYTHON := .venv/bin/python
export PYTHONUNBUFFERED := 1

.PHONY: help run test check format train understand eval harvest bench setup demo pictures clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: setup ## set everything up, start everything, say where to look; Ctrl-C stops it
	@exec .venv/bin/daleel run

test: setup check ## set everything up, check the code, pass every test
	@DALEEL_MODEL=$$(.venv/bin/daleel train) bot/.venv/bin/python -m pytest -q --no-header tests/bot
	@$(PYTHON) -m pytest -q --no-header

check: setup ## format, lint, types, import rules, both languages everywhere
	@.venv/bin/ruff format --check --quiet . || { echo "make format mends this"; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --verbose 2>&1 | tail -n 12
	@$(PYTHON) -m pytest -q --no-header tests/parity tests/console/test_translations.py

format: setup ## bring the code into form
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

train: setup ## train the model if its data changed
	@.venv/bin/daleel train

understand: ## read messages (stdin, one a line), print what was understood (stdout, one JSON object a line)
	@$(MAKE) setup </dev/null >&2
	@exec .venv/bin/daleel understand

eval: setup ## measure how well messages are understood; ARGS="--file dev.tsv" measures on a labelled file
	@exec .venv/bin/daleel eval $(ARGS)

harvest: setup ## review what staff corrected; what is taken becomes training data
	@exec .venv/bin/daleel harvest

bench: setup ## measure search and the HSDS API among 100,000 services, beside a peer in the same run
	@$(PYTHON) -m bench.directory_search
	@$(PYTHON) -m bench.hsds_api

demo: setup ## play a day in short: six people text, staff act; writes a page with pictures (they need Chromium)
	@.venv/bin/daleel train >/dev/null
	@$(PYTHON) -m demo

pictures: setup ## take the README's pictures anew (needs Chromium)
	@$(PYTHON) -m tests.pictures

clean: ## remove what setup and training made; data in var/ stays
	@rm -rf .uv .venv bot/.venv node_modules models .rasa

# --- setup: quick when there is nothing to do --------------------------------------------------------------------

setup: $(UV)
	@$(UV) sync --frozen --quiet --compile-bytecode || $(UV) sync --frozen
	@test -d bot/.venv || echo "Installing Rasa (once, about half a gigabyte) ..."
	@$(UV) --directory bot sync --frozen --quiet --compile-bytecode || $(UV) --directory bot sync --frozen
	@cmp -s package-lock.json node_modules/.installed || { \
	  echo "Fetching browser assets ..."; \
	  .venv/bin/npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.installed; }

$(UV):
	@echo "Bringing uv $(UV_VERSION) into .uv ..."
	@python3 -m venv .uv >/dev/null 2>&1 && .uv/bin/python -m pip install --quiet uv==$(UV_VERSION) 2>/dev/null \
	  || { rm -rf .uv; python3 -m pip install --quiet --target .uv uv==$(UV_VERSION); } \
	  || { rm -rf .uv; echo "uv could not be installed: python3 has neither venv nor pip here (Debian: apt install python3-venv)"; exit 1; }
