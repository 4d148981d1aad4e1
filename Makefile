# `make` alone prints the targets. Everything that needs packages makes .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := .
.DEFAULT_GOAL := help
.PHONY: help install demo crawl test test-faults test-stores check lint fmt bench

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 16

install: $(VENV)/.installed ## make .venv with every pinned package

$(VENV)/.installed: requirements-dev.lock deploy/venv.sh
	@sh deploy/venv.sh $(PYTHON) $(VENV)
	@touch $@

demo: install ## watch it work: crawl a small outlet, see it edit, crawl again, verify, export
	@$(BIN)/python -m demo.story

crawl: install ## crawl the outlet once into var/archive
	@$(BIN)/python -m scrapy crawl presstv

test: install ## run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-faults: install ## run the tests of the fault matrix, long ones included, and count its rows
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "row and not stores" && $(BIN)/python -m tests.faults

test-stores: install ## run the tests against stores that are started by hand
	@$(BIN)/python -m pytest -m stores

check: lint test ## lint, then test: what CI runs

lint: install ## ruff, import rules, types
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q .
	@$(BIN)/lint-imports --no-logo > /dev/null || $(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

fmt: install ## format and mend what ruff can mend
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

bench: install ## ratios beside yardsticks, in one run
	@$(BIN)/python -m benchmarks
