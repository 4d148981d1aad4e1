# `make` alone prints the targets. Everything that needs packages installs them first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := .
.DEFAULT_GOAL := help
.PHONY: help install install-dev demo crawl test test-faults test-stores test-formats check lint fmt bench screenshots

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 18

install: $(VENV)/.installed ## make .venv with the pinned packages that a user runs

install-dev: $(VENV)/.installed-dev ## add those that tests and checks need

$(VENV)/.installed: requirements.lock deploy/venv.sh
	@sh deploy/venv.sh $(PYTHON) $(VENV) $<
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@sh deploy/venv.sh $(PYTHON) $(VENV) $<
	@touch $@

demo: install ## watch it work: crawl a small outlet, see it edit, crawl again, verify, export
	@$(BIN)/python -m demo.story

crawl: install ## crawl the outlet once into var/archive
	@$(BIN)/python -m scrapy crawl presstv

test: install-dev ## run the tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-faults: install-dev ## run the long tests, which `make test` leaves out, and count the rows of the fault matrix
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "slow and not stores" && $(BIN)/python -m tests.faults

test-stores: install-dev ## run the tests against stores that are started by hand
	@$(BIN)/python -m pytest -m stores

test-formats: install-dev $(VENV)-formats/.installed ## hold what programs of others read of exports and pages (500 MB of packages beside)
	@$(BIN)/python -m pytest -m formats

$(VENV)-formats/.installed: requirements-formats.lock deploy/venv.sh
	@sh deploy/venv.sh $(PYTHON) $(VENV)-formats $<
	@touch $@

check: lint test ## lint, then test; CI runs this and test-faults

lint: install-dev ## ruff, import rules, types
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q .
	@$(BIN)/lint-imports --no-logo > /dev/null || $(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

fmt: install-dev ## format and mend what ruff can mend
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

bench: install-dev ## ratios beside yardsticks, in one run
	@$(BIN)/python -m benchmarks

screenshots: install-dev ## a picture of every page of scrapy browse, into var/screenshots (needs Chromium and faketime)
	@$(BIN)/python -m tests.screenshots
