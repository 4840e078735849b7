# Two commands for a new machine: `make demo` and `make test`. Both set up first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready

.PHONY: demo test test-long lint bench bench-long lock clean

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

demo: $(STAMP) ## set up, start the service, play the scenes, keep serving
	$(BIN)/policyservice demo

test: $(STAMP) lint ## set up and pass every test
	.ci/browser
	$(BIN)/python -m pytest -n 2

test-long: $(STAMP) ## the runs that take longer: more rulebooks, 10,000 seeds of the simulator, faults played for minutes
	$(BIN)/python -m pytest -n 2 -m long --long

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## one table of ratios, each measured within the run
	$(BIN)/python -m tests.benchmarks

bench-long: $(STAMP) ## latency with ten thousand and with a million decisions in the log, and reports over a million
	$(BIN)/python -m tests.benchmarks --long

lock: ## pin again, with hashes and without any index: what builds and tests need, and of it what runs
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev --quiet pyproject.toml -o requirements.lock
	$(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --constraint requirements.lock --quiet pyproject.toml -o requirements-run.lock

clean:
	rm -rf $(VENV) var
