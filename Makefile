# What one types in this project. `make` alone lists it.
# Every command works on one environment, .venv, built from requirements/ with every hash checked.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= 2
TIMES ?= 10
RULES := workflows/*,intake/advance.py

.DEFAULT_GOAL := help
.PHONY: help install demo serve test check format faults coverage mutants scan translations bench wheel lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'
	@echo
	@echo 'PYTHON=python3.12 chooses the interpreter, ARGS="-k letters" is passed on, PORT=8080 moves demo and serve.'

install: .venv/.dev ## builds or refreshes .venv with everything that tests and checks need

demo: .venv/.runtime ## starts the demonstration; Ctrl-C ends it
	@exec $(BIN)/intake demo $(ARGS)

serve: .venv/.runtime ## starts the server on the configured database; Ctrl-C ends it
	@exec $(BIN)/intake serve $(ARGS)

test: .venv/.dev ## runs the tests
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

scan: .venv/.dev ## looks through every page in every language, light and dark, by the rules of axe-core
	@$(BIN)/python -m pytest -n $(WORKERS) -m "exhaustive or not exhaustive" tests/browser/test_accessibility.py $(ARGS)

faults: .venv/.dev ## breaks processes, databases, disks and clocks ten times in a row; TIMES=1 for once
	@for run in $$(seq $(TIMES)); do \
		echo "Run $$run of $(TIMES)"; \
		$(BIN)/python -m pytest -n $(WORKERS) tests/faults $(ARGS) || exit 1; \
	done

check: .venv/.dev ## format, lint, types, import contracts, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates

format: .venv/.dev ## rewrites code and templates in the house's format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	-$(BIN)/djlint --quiet --reformat templates

coverage: .venv/.dev ## runs the tests; every branch of the rules must be covered
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report= $(ARGS)
	$(BIN)/coverage report --skip-covered
	$(BIN)/coverage report --include='$(RULES)' --show-missing --fail-under=100

mutants: .venv/.mutants ## breaks the rules one line at a time; lists the breakages no test notices
	$(BIN)/mutmut run $(ARGS)
	@echo 'Survivors (none is the aim):'
	@$(BIN)/mutmut results

translations: .venv/.dev ## brings the catalogues up to date with the words of code, templates and programmes
	@$(BIN)/python -m intake.translations.updating

bench: .venv/.dev ## measures the server and compares with the budgets
	@$(BIN)/python -m bench $(ARGS)

wheel: .venv/.dev ## builds dist/p2c_intake-*.whl
	$(BIN)/python -m build --wheel --no-isolation

# The public index alone answers, whatever pip is told on this machine: a folder of local wheels
# would leave the other platforms' hashes out.
COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	$(BIN)/python -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options $(ARGS)

lock: .venv/.dev ## writes requirements/ anew from pyproject.toml
	$(COMPILE) --extra dev -o requirements/dev.txt pyproject.toml
	$(COMPILE) --extra mutants -c requirements/dev.txt -o requirements/mutants.txt pyproject.toml
	$(COMPILE) -c requirements/dev.txt -o requirements/runtime.txt pyproject.toml
	@$(BIN)/python -c 'import tomllib; print("pip", *tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(COMPILE) -c requirements/dev.txt -o requirements/build.txt -
	@$(BIN)/python -c "$$HEAD_LOCKS"

define HEAD_LOCKS
import pathlib
for name, purpose in {
    "build": "What builds the project and those of its dependencies that come as source.",
    "runtime": "What the application needs to run.",
    "dev": "What the application, its tests and its checks need.",
    "mutants": "What `make mutants` needs; on Python 3.13 it lacks one package, so use another version there.",
}.items():
    path = pathlib.Path("requirements", name + ".txt")
    pins = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    head = [
        "# " + purpose,
        "# Every release is pinned, and every file of it has its hash.",
        "# Written by `make lock` from pyproject.toml; `make lock ARGS=--upgrade` takes newer releases. Do not edit.",
        "",
    ]
    path.write_text("\n".join(head + pins) + "\n")
endef
export HEAD_LOCKS

clean: ## removes .venv, caches and dist; instance/ and its database stay
	rm -rf .venv dist build htmlcov mutants .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Three steps: pip's own tools for building, then the pinned releases, then the project itself in place.
# pip is among those tools, since older ones stumble over a pinned release that is asked for with an extra.
# Nothing is built in isolation, because pip would fetch the tools for it without checking any hash.
.venv/.runtime: pyproject.toml requirements/build.txt requirements/runtime.txt | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements/build.txt
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements/runtime.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q intake workflows
	@touch $@

.venv/.dev: .venv/.runtime requirements/dev.txt
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements/dev.txt
	@touch $@

.venv/.mutants: .venv/.dev requirements/mutants.txt
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements/mutants.txt
	@touch $@

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name a newer one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo '$(PYTHON) cannot make environments. On Debian and Ubuntu: apt-get install python3-venv'; exit 1; }
	$(PYTHON) -m venv .venv
