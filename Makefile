# `make` lists what there is to do.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
READY := $(VENV)/ready
PEERS := $(VENV)/peers
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/src

.DEFAULT_GOAL := help
.PHONY: help setup repro test test-full lint format verify bench picture report ui clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## create .venv from pyproject.toml and constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "tribar needs Python 3.11, 3.12 or 3.13; name it: make PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@python -m tools.plots_page
	@touch $(READY)

repro: $(READY)  ## run the whole pipeline and print its verdict
	dvc repro
	@tribar verdict

test: $(READY)  ## run the tests (under ten minutes on two cores)
	pytest -m 'not slow' --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-full: $(READY)  ## run the tests that take longer
	pytest -m slow --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(READY)  ## style, types and the contract between the packages
	ruff check
	ruff format --check
	mypy
	lint-imports

format: $(READY)  ## put the code into its style
	ruff check --fix
	ruff format

verify: $(READY)  ## rebuild everything from nothing, and compare
	python -m tools.verify

$(PEERS): $(READY)
	pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,peers]'
	@touch $(PEERS)

bench: $(PEERS)  ## measure beside our peers, for hours, and write the tables
	python -m benchmarks

picture: $(READY)  ## take the pictures of the page that README shows
	python -m tools.picture

report: $(READY)  ## say where the page of the results is, and open it
	python -m tools.open_report

ui: $(READY)  ## open MLflow on the logged runs (loopback only)
	tribar ui

clean:  ## remove the environment and the caches; studies and logged runs stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
