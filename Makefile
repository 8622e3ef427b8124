# `make run` and `make test` are all that one needs; each installs what it lacks.
export MODE ?= demo
export PORT ?= 5000
BIN = .venv/bin

.DEFAULT_GOAL = help
.PHONY: help run test lint test-sqlite test-postgresql bench screenshots requirements format

help:
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 16

run: ## Install what is missing, then serve web and worker at http://127.0.0.1:5000
	@.ci/setup run
	@$(BIN)/flask prepare
	@exec $(BIN)/honcho start

test: ## Everything that CI checks
	@.ci/setup test
	@$(MAKE) --no-print-directory lint test-sqlite test-postgresql

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports

test-sqlite:
	TEST_DATABASE=sqlite $(BIN)/python -m pytest -q -n 2 --dist loadgroup

test-postgresql:
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -q -n 2 --dist loadgroup --ignore tests/browser --ignore tests/architecture --ignore-glob 'tests/*/test_rules*.py'

bench: ## Measure speed against named references: make bench PART=pages
	@.ci/setup test
	@$(BIN)/python -m tests.bench $(PART)

screenshots: ## Take the pictures of README anew
	@.ci/setup test
	@$(BIN)/python -m tests.browser.screenshots

format: ## Write the code as `make test` wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: ## Pin anew what requirements.in and requirements-dev.in ask for
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade requirements-dev.in -o requirements-dev.txt
