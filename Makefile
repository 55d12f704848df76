# `make` lists the commands. Everything is set up on first use; a second run starts in seconds.
SHELL := /bin/bash
PYTHON ?= python3
HOME_DIR := $(or $(JIELI_HOME),$(CURDIR)/.jieli)
VENV := $(HOME_DIR)/venv/bin
BOT := $(HOME_DIR)/bot-venv/bin
PREPARE := $(PYTHON) agent_console/operations/prepare.py
export PYTHONUNBUFFERED := 1
DEMO ?= 1

.DEFAULT_GOAL := help
.PHONY: help run test setup lint format test-web test-bot test-python test-quick bench bench-kb evaluate chaos kill-storm doctor lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: setup ## set up what is missing and start everything (DEMO=0: without the demo shop and its data)
	@$(VENV)/jieli up $(if $(filter 1,$(DEMO)),--demo,--no-demo)

setup: ## set up what is missing: environments, model, bot, web pages
	@$(PREPARE)

test: ## set up what is missing and run every test
	@$(PREPARE) main-environment bot-environment model web bot browser
	@$(MAKE) --no-print-directory lint test-web test-bot test-python

lint: ## format, lint, types, imports
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports --no-cache

format: ## put the code into shape
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

test-web: ## the web pages' own tests
	cd agent_console/web && PATH="$(VENV):$$PATH" $(VENV)/npm run --silent typecheck && PATH="$(VENV):$$PATH" $(VENV)/npm test --silent

test-bot: ## the bot's tests, in its own Python
	$(BOT)/python -m pytest -c bot/pytest.ini --confcutdir tests/bot tests/bot

test-python: ## everything else, with real processes and a real browser
	$(VENV)/python -m pytest -m "not browser"
	$(VENV)/python -m pytest -m browser  # apart: the browser driver keeps an event loop of its own until pytest ends

test-quick: ## only what needs neither Rasa nor a browser nor a server
	$(VENV)/python -m pytest -m "not rasa and not browser and not servers"

bench: setup ## measure the running product: turns, delivery, the relay beside its bare limits, memory, start
	$(VENV)/python -m tests.load.bench

bench-kb: ## measure the index from 1,000 to 1,000,000 phrasings: build, memory, times, recall, edits (half an hour)
	@$(PREPARE) main-environment model
	$(VENV)/python -m knowledge_base bench --into docs/benchmarks.md

evaluate: ## measure search and bot on every labelled set, beside simpler methods, and write docs/benchmarks.md
	@$(PREPARE) main-environment bot-environment model bot
	$(VENV)/python -m tests.load.evaluate

chaos: ## break running desks in every way and count what their customers lost (8 minutes; MINUTES=30: a long one)
	$(VENV)/python -m tests.load.chaos --minutes $(or $(MINUTES),3.5)

kill-storm: ## 20,000 acknowledged lines and 2,000 escalations over 50 kill -9
	$(VENV)/python -m tests.load.kill_storm

doctor: ## check every part and say how to mend it
	@$(VENV)/jieli doctor

lock: ## write the lock files anew from pyproject.toml and bot/requirements.in
	$(VENV)/uv pip compile pyproject.toml --all-extras --python-version 3.11 $(addprefix --find-links ,$(PIP_FIND_LINKS)) \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q -o requirements.lock
	sed -i 's/+cpu$$//' requirements.lock
	$(VENV)/uv pip compile bot/requirements.in --python $(BOT)/python \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q -o bot/requirements.lock

clean: ## remove everything that was prepared (keeps data and secrets)
	rm -rf $(HOME_DIR)/venv $(HOME_DIR)/bot-venv $(HOME_DIR)/models $(HOME_DIR)/bot-models $(HOME_DIR)/stamps
	rm -rf agent_console/web/node_modules agent_console/web/*/dist
