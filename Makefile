# Everything runs from a virtual environment that these targets make themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/pip install --quiet --constraint .ci/constraints.txt
SOURCES := vlaudit probes tests benchmarks examples .ci

.PHONY: demo test check format lint types contracts wheel docs docs-current bench reference clean

demo: $(VENV)/.base  ## audit the bundled flawed model on the bundled pictures
	@code=0; $(BIN)/vlaudit demo || code=$$?; \
	if [ $$code -eq 1 ]; then \
	  echo "The bundled model has planted flaws, so the audit ends with exit code 1, as it would in CI."; \
	elif [ $$code -ne 0 ]; then exit $$code; fi; \
	run=$$(ls -td runs/*/ | head -n 1); echo "Open $${run}report.html in a browser."

test: $(VENV)/.dev  ## run the whole test suite
	$(BIN)/pytest -n 2 -q

check: format lint types contracts docs-current test wheel  ## everything that must hold before a change lands

format: $(VENV)/.dev
	$(BIN)/ruff format --check $(SOURCES)

lint: $(VENV)/.dev
	$(BIN)/ruff check $(SOURCES)

types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/pyright

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

wheel: $(VENV)/.dev  ## build sdist and wheel, and use the wheel away from the tree
	$(BIN)/python .ci/try_wheel.py

docs: $(VENV)/.dev  ## write what is generated: help in README.md, pages of probes, schemas
	$(BIN)/python .ci/generated.py --write

docs-current: $(VENV)/.dev
	$(BIN)/python .ci/generated.py

bench: $(VENV)/.dev  ## compare with peer libraries, side by side
	set -e; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script; done

reference: $(VENV)/.dev  ## draw the reference pictures and train the reference models anew
	$(BIN)/python -m vlaudit.demo.build

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m pip install --user virtualenv && $(PYTHON) -m virtualenv $(VENV); }

$(VENV)/.base: $(VENV)/bin/pip pyproject.toml .ci/constraints.txt
	$(PIP_INSTALL) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/bin/pip pyproject.toml .ci/constraints.txt
	$(PIP_INSTALL) --editable '.[dev]'
	touch $@ $(VENV)/.base

clean:
	rm -rf $(VENV) build dist *.egg-info runs
