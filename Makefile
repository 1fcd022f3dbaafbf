# Works with GNU make 3.81 (macOS) and newer. `make` alone lists what there is.
VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: once still prints a warning per package on machines with local package folders. What is never imported need not be compiled.
PIP := $(BIN)/python -m pip -qq --no-input --disable-pip-version-check install --no-compile
PYTEST := $(BIN)/python -m pytest
# Images with Python in them set it, and each process of a cloud or a test would then compile anew all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# What is installed, of how many packages, with a dot every other second while it goes on. $(1): for what; $(2): the lock.
INSTALL = printf '%s' "Installing what $(1) needs, $$(grep -c == $(2)) packages "; $(DOTS); $(PIP) --require-hashes -r $(2)
DOTS = while kill -0 $$$$ 2>/dev/null; do sleep 2; printf .; done & dots=$$!; trap "kill $$dots 2>/dev/null; echo" EXIT; trap 'exit 130' INT

# The first of these that is 3.11 to 3.14; with PYTHON given, that one or none.
PYTHON ?= python3
CANDIDATES := $(if $(filter file,$(origin PYTHON)),$(PYTHON) python3.13 python3.12 python3.11 python3.14,$(PYTHON))
OLD_ENOUGH := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))

AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -n)

SAM := SAM_CLI_TELEMETRY=0 PATH="$(CURDIR)/$(BIN):$$PATH" sam
OVERRIDES := $(if $(ARCHITECTURE),--parameter-overrides Architecture=$(ARCHITECTURE))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up down demo page quick test coverage test-long test-page browser bench fuzz faults fresh-start sam-local engine lint types contracts permissions gates check format model classifier cost openapi lock deploy destroy validate build build-twice page-or-fail clean

help:
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

## Try it
up: $(VENV)/.run engine page ## Serve the whole API on this machine, until Ctrl-C
	@exec $(BIN)/fraudshield up

down: $(VENV)/.run ## End the one that runs
	@$(BIN)/fraudshield down

demo: $(VENV)/.run engine ## Start the API, score a transaction and a CSV over HTTP
	@$(BIN)/fraudshield demo

page: $(VENV)/.run ## Fetch what the page stands on; without it the API serves all the same
	@$(BIN)/python -m infra.page_package || echo "The API has no page then; make page tries again"

## Test it
quick: $(VENV)/.dev ## Style, types, and the tests of the folders that changed: within a minute
	@$(BIN)/python -m infra.quick

test: $(VENV)/.dev engine ## Every test but the long ones
	@$(PYTEST) tests --ignore=tests/load --ignore=tests/page --ignore=tests/samlocal -m "not long" -p no:benchmark -n 2 $(TEST_OPTIONS)

coverage: ## The same, and which lines and branches of the product none of them runs; half as long again
	@$(MAKE) --no-print-directory test TEST_OPTIONS="--cov --cov-report=term-missing:skip-covered"

test-long: $(VENV)/.dev engine ## The tests that take minutes
	@$(PYTEST) tests --ignore=tests/load --ignore=tests/page --ignore=tests/samlocal --ignore=tests/faults -m long -p no:benchmark
	@$(MAKE) --no-print-directory test-page PAGE_MARK=long

test-page: $(VENV)/.run $(VENV)/.page engine ## The page in a real browser, and pictures of it in .local/page-test
	@$(BIN)/python -m infra.page_package page
	@$(BIN)/python -m infra.page_package test
	@$(VENV)/page/bin/python -m pytest -c tests/page/pytest.ini --rootdir . --confcutdir tests/page tests/page -m "$(or $(PAGE_MARK),not long)" $(PAGE_OPTIONS)

browser: ## Install the browser that those tests need, through apt-get, where there is none
	@command -v chromium >/dev/null || { $(AS_ROOT) apt-get -qq update && $(AS_ROOT) apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; }

fuzz: $(VENV)/.run $(VENV)/.fuzz engine ## Requests made up from the contract, for 2 minutes; longer by FUZZ_SECONDS=1200
	@$(BIN)/python -m tests.fuzz.run

sam-local: $(VENV)/.dev engine build ## Every function with its events in containers, by sam local; needs Docker
	@$(PYTEST) tests/samlocal -p no:benchmark -rs $(SAM_OPTIONS)

faults: $(VENV)/.dev engine ## Break the network, the store and the rest, and write docs/faults.md
	@$(BIN)/python -m tests.faults.truth.document
	@$(PYTEST) tests/faults --ignore=tests/faults/test_fresh_start.py -p no:benchmark

fresh-start: $(VENV)/.dev engine ## Twice 20 minutes after a start, idle and loaded; shorter by FRESH_START_S=300
	@$(PYTEST) tests/faults/test_fresh_start.py -p no:benchmark

bench: $(VENV)/.dev engine ## How fast it is, within minutes; also in .local/bench.json
	@mkdir -p .local
	@$(PYTEST) tests/load --benchmark-json=.local/bench.json --benchmark-time-unit=ms --benchmark-columns=min,median,rounds

engine: $(VENV)/.run ## Fetch the SQLite engine that some tests run on; without it they are skipped
	@$(BIN)/python -m infra.laptop.process.dynoxide

## Check it
check: lint types contracts ## The next three

lint: $(VENV)/.dev ## Style and likely mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev ## Types, strictly
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## Who may import whom
	@.ci/contracts

permissions: $(VENV)/.dev engine ## What each role grants against what its function uses, from the integration tests; twenty minutes
	@rm -rf .local/permissions
	@-$(PYTEST) tests/integration --ignore=tests/integration/laptop -p tests.permission.recorder -m "not long" -p no:benchmark -n 2
	@$(BIN)/python -m tests.permission.compare

gates: $(VENV)/.dev $(VENV)/.gates ## Scanners over what ships and our code; GATES="checkov secrets" asks those alone
	@$(BIN)/python -m infra.gates $(GATES)

format: $(VENV)/.dev ## Mend the style
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

## Make it
model: $(VENV)/.dev ## Simulate, train and export the model
	@OMP_NUM_THREADS=1 $(BIN)/python -m model

classifier: $(VENV)/.dev ## Keep the model's scikit-learn classifier here, which tests compare with; where it is missing
	@OMP_NUM_THREADS=1 $(BIN)/python -m model.classifier

openapi: $(VENV)/.run ## Write functions/gateway/openapi.json from the code
	@$(BIN)/python -m infra.openapi

cost: $(VENV)/.run ## Dollars for a million payments by the way they come in, and for an idle month
	@$(BIN)/python -m infra.price

lock: ## Write the hash-pinned requirements anew; needs uv
	@command -v uv >/dev/null || { echo "make lock needs uv, which writes the locks" >&2; exit 1; }
	@requirements/lock

deploy: $(VENV)/.dev ## To your AWS account, without a question: REGION=eu-west-1 STAGE=dev
	@$(BIN)/fraudshield deploy $(if $(REGION),--region $(REGION)) $(if $(STAGE),--stage $(STAGE)) $(if $(ARCHITECTURE),--architecture $(ARCHITECTURE))

destroy: $(VENV)/.dev ## Name what a stack keeps; with YES=1 delete it, with DATA_OF=its name its data too
	@$(BIN)/fraudshield destroy $(if $(REGION),--region $(REGION)) $(if $(STAGE),--stage $(STAGE)) $(if $(YES),--yes) $(if $(DATA_OF),--data-of $(DATA_OF))

validate: $(VENV)/.dev ## Check template.yaml
	@$(SAM) validate --lint

build: $(VENV)/.dev page-or-fail ## Build what is deployed; ARCHITECTURE=arm64 for Graviton
	@compileall="$$($(BIN)/python -m infra.compiler)" && COMPILEALL="$$compileall" $(SAM) build $(OVERRIDES)

build-twice: build ## Build again beside it, from nothing, for make gates to compare the two
	@rm -rf .aws-sam/again
	@compileall="$$($(BIN)/python -m infra.compiler)" && COMPILEALL="$$compileall" $(SAM) build --no-cached --build-dir .aws-sam/again $(OVERRIDES)

page-or-fail: $(VENV)/.run
	@$(BIN)/python -m infra.page_package

clean: ## Remove what was built; the environment and the data in .local stay
	@rm -rf .aws-sam build dist .benchmarks .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -not -path "./$(VENV)/*" -prune -exec rm -rf {} +

# Stamps: an environment is made again only when its lock or the project's own description changes.
$(VENV)/.made:
	@for python in $(CANDIDATES); do \
	  if "$$python" -c '$(OLD_ENOUGH)' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	    rm -rf $(VENV); exit 1; \
	  fi; \
	done; \
	echo "FraudShield needs Python 3.11 to 3.14, which none of these is: $(CANDIDATES). Name one: make PYTHON=python3.12" >&2; \
	exit 1

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/.made
	@$(call INSTALL,running,requirements/run.txt)
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(call INSTALL,testing,requirements/dev.txt)
	@touch $@

# In an environment of its own: beside pytest it would take part in every test run.
$(VENV)/.fuzz: requirements/fuzz.txt | $(VENV)/.made
	@echo "Installing what fuzzing needs"
	@$(BIN)/python -m venv $(VENV)/fuzz
	@$(VENV)/fuzz/$(PIP:$(BIN)/%=bin/%) --require-hashes -r requirements/fuzz.txt
	@touch $@

# In an environment of its own: each scanner pins much of what it uses.
$(VENV)/.gates: requirements/gates.txt | $(VENV)/.made
	@echo "Installing what make gates needs"
	@$(BIN)/python -m venv $(VENV)/gates
	@$(VENV)/gates/$(PIP:$(BIN)/%=bin/%) --require-hashes -r requirements/gates.txt \
	  || echo "make gates skips what could not be installed" >&2
	@touch $@

# What our start-up is compared with; tests/load/bench_startup.py puts it on one function's path.
$(VENV)/.usual: requirements/usual.txt | $(VENV)/.made
	@echo "Installing the usual stack, to compare start-ups with"
	@$(BIN)/python -m venv $(VENV)/usual
	@$(VENV)/usual/$(PIP:$(BIN)/%=bin/%) --require-hashes -r requirements/usual.txt
	@touch $@

$(VENV)/.page: requirements/page.txt | $(VENV)/.made
	@echo "Installing what tests in a browser need"
	@$(BIN)/python -m venv $(VENV)/page
	@$(VENV)/page/$(PIP:$(BIN)/%=bin/%) --require-hashes -r requirements/page.txt
	@touch $@
