# Two commands matter: `make run` and `make test`. Both install what they need into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
# Tests that start no process: they come first, for they take no servers. All tests share the cores, a file at a time.
IN_PROCESS := api cache contract crash deploy doctor fence fetch index service sweeper transfer verify
# Files with few tests are not left to the end: some of them take longest.
BY_FILE := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder
SERVERS := glance keystone ministack swift
DEBIAN := qemu-utils grub-rescue-pc curl chromium haproxy libatomic1

.PHONY: help run test test-long soak localstack-test check contract kill bench docs docs-stores lock clean debian-venv system-packages

help:  ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

$(STAMP)-run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Calotype needs Python 3.11 or later")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(MAKE) --no-print-directory debian-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(STAMP)-test: requirements-dev.lock $(STAMP)-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

# Servers that tests start and that cannot share our environment have one each.
.venv-%/requirements.sha256: tests/servers/%/requirements.txt $(STAMP)-run
	$(BIN)/python -m tests.servers.environments $* $<
	@touch $@

$(STAMP)-keystone: requirements-dev.lock $(STAMP)-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements-dev.lock --editable '.[keystone]'
	@touch $@

run: $(STAMP)-run $(if $(filter keystone,$(CALOTYPE_AUTH)),$(STAMP)-keystone)  ## start the catalog on its folder store, settings from CALOTYPE_* variables
	@exec $(BIN)/calotype serve

debian-venv:  # Debian's python3 alone can make no virtual environment
	@if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
	else echo "Calotype needs the Debian package python3-venv" >&2; exit 1; fi

system-packages:
	@if ! command -v qemu-img >/dev/null || ! command -v curl >/dev/null || ! command -v chromium >/dev/null || ! command -v haproxy >/dev/null || ! test -e /usr/lib/grub-rescue/grub-rescue-cdrom.iso || ! $(PYTHON) -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null; then \
	  if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN) >/dev/null; \
	  else echo "The tests need the Debian packages: $(DEBIAN)" >&2; exit 1; fi; fi

check: $(STAMP)-test  ## format, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

test: $(STAMP)-run  ## install what the tests need, real servers included, and run all
	@$(MAKE) --no-print-directory -j 3 system-packages check $(SERVERS:%=.venv-%/requirements.sha256)
	@if test -n "$(TESTS)"; then $(BIN)/python -m pytest $(TESTS); else \
	  $(BY_FILE) -n 2 $(addprefix tests/,$(IN_PROCESS)) && \
	  $(BY_FILE) -n 3 $(addprefix --ignore=tests/,$(IN_PROCESS)); fi

localstack-test: $(STAMP)-test  ## conformance suite and client round trip on the S3 server at S3_ENDPOINT
	@test -n "$(S3_ENDPOINT)" || { echo "Set S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" >&2; exit 1; }
	$(BIN)/python -m pytest tests/conformance tests/localstack -k "endpoint or round_trip" --endpoint "$(S3_ENDPOINT)"

contract: $(STAMP)-test  ## all operations under schemathesis as in `make test`, and through the bounds of each parameter
	CALOTYPE_TEST_BOUNDARIES=1 $(BY_FILE) -n 2 tests/contract

kill: $(STAMP)-test .venv-swift/requirements.sha256 system-packages  ## kill servers at random points, 300 times, and look what is left; all crash points over Swift (CALOTYPE_TEST_KILL_SEED=1)
	CALOTYPE_TEST_KILLS=$${CALOTYPE_TEST_KILLS:-300} $(BIN)/python -m pytest -s tests/kill
	CALOTYPE_TEST_CRASH_POINTS=all $(BIN)/python -m pytest tests/crash_servers/test_swift.py

test-long: $(STAMP)-test  ## play the model of the index with new seeds until stopped
	@for first in $$(seq $${MODEL_FIRST:-500} 500 1000000000); do \
	  echo "seeds $$first to $$((first + 499))"; \
	  MODEL_FIRST=$$first MODEL_SEEDS=500 $(BIN)/python -m pytest -q -n 2 tests/index/model || exit 1; done

soak: $(STAMP)-test  ## five minutes of writes and lists on four nodes over one SeaweedFS
	MANY_NODES=4,8,8,300 $(BIN)/python -m pytest -q -s --timeout 900 tests/e2e/test_many_nodes.py -k "seaweedfs and each"

bench: $(STAMP)-test  ## measure against the bare store and print a table
	$(BIN)/python -m bench

docs: $(STAMP)-run  ## write the generated pages
	$(BIN)/calotype settings > docs/settings.md
	$(BIN)/calotype api-table > docs/api.md
	$(BIN)/calotype metrics-table > docs/metrics.md

docs-stores: $(STAMP)-test  ## examine the servers of the tests and write the result into docs/stores.md
	$(BIN)/python -m tests.docs.doctor_pages

lock: $(STAMP)-run  ## choose newer versions of all dependencies
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-annotate --no-header --no-emit-find-links -o requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-annotate --no-header --no-emit-find-links --extra test --extra check -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:  ## remove what make made; images stay
	rm -rf $(VENV) $(SERVERS:%=.venv-%) $(SERVERS:%=.venv-%.lock) .mypy_cache .ruff_cache .import_linter_cache *.egg-info build
