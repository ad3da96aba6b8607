# Two commands matter: `make run` and `make test`. Both install what they need into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
# Tests that start no process and measure no time: they share the cores, a file at a time.
IN_PROCESS := api cache contract fetch index service transfer
DEBIAN := qemu-utils grub-rescue-pc curl chromium

.PHONY: help run test check bench docs lock clean system-packages

help:  ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

$(STAMP)-run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Calotype needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(STAMP)-test: requirements-dev.lock $(STAMP)-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

# A real Glance for the tests, in an environment of its own: its dependencies are not ours.
GLANCE := .venv-glance
$(GLANCE)/.stamp: tests/servers/glance/requirements.txt
	$(PYTHON) -m venv $(GLANCE)
	$(GLANCE)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

run: $(STAMP)-run  ## start the catalog on its folder store, settings from CALOTYPE_* variables
	@exec $(BIN)/calotype serve

system-packages:
	@if ! command -v qemu-img >/dev/null || ! command -v curl >/dev/null || ! command -v chromium >/dev/null || ! test -e /usr/lib/grub-rescue/grub-rescue-cdrom.iso; then \
	  if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN) >/dev/null; \
	  else echo "The tests need the Debian packages: $(DEBIAN)" >&2; exit 1; fi; fi

check: $(STAMP)-test  ## format, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

test: $(STAMP)-test $(GLANCE)/.stamp system-packages check  ## install what the tests need, real servers included, and run all
	@if test -n "$(TESTS)"; then $(BIN)/python -m pytest $(TESTS); else \
	  $(BIN)/python -m pytest -n 2 --dist loadfile $(addprefix tests/,$(IN_PROCESS)) && \
	  $(BIN)/python -m pytest $(addprefix --ignore=tests/,$(IN_PROCESS)); fi

bench: $(STAMP)-test  ## measure against the bare store and print a table
	$(BIN)/python -m bench

docs: $(STAMP)-run  ## write the generated pages
	$(BIN)/calotype settings > docs/settings.md
	$(BIN)/calotype api-table > docs/api.md

lock: $(STAMP)-run  ## choose newer versions of all dependencies
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-annotate --no-header --no-emit-find-links -o requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-annotate --no-header --no-emit-find-links --extra test --extra check -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:  ## remove what make made; images stay
	rm -rf $(VENV) $(GLANCE) .mypy_cache .ruff_cache .import_linter_cache *.egg-info build
