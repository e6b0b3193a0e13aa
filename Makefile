# What one does with a checkout. Every target does the set-up that it needs by itself.
# ARGS="..." is handed on: files to `make run`, options of pytest to `make test`.
.DEFAULT_GOAL := help
.PHONY: help run demo test test-peers lint pictures descriptor lock clean
.NOTPARALLEL:
unexport PYTHONPATH PYTHONHOME

PYTHON := .venv/bin/python
STOPDESK := .venv/bin/stopdesk
JOBS := 2
ARGS :=

# $(call stage,NAME,COMMAND): say what is done, do it, and end with a clear line when it fails.
stage = echo "stopdesk: $(1)"; $(2) || { echo "stopdesk: FAILED at $(1)" >&2; exit 1; }

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 20

run: ## open the window; without a display, run the demonstration
	@./bootstrap run
	@if ./bootstrap display; then \
	    echo "stopdesk: opening the window"; \
	    $(STOPDESK) $(ARGS) || { echo "stopdesk: ended with an error" >&2; exit 1; }; \
	    echo "stopdesk: closed"; \
	else \
	    echo "stopdesk: no display answers here, so the demonstration runs without a window"; \
	    $(MAKE) --no-print-directory demo; \
	fi

demo: ## run the demonstration without a window; pictures and tables go to demo/
	@./bootstrap run
	@$(call stage,running the demonstration,QT_QPA_PLATFORM=offscreen $(STOPDESK) demo --out demo)
	@echo "stopdesk: done; pictures (.png), tables (.vot) and the session (.stop) lie in $(CURDIR)/demo:"
	@find demo -type f | sort | sed 's/^/    /'

lint: ## check style, types and who imports whom
	@./bootstrap dev
	@$(call stage,checking the style (ruff check),$(PYTHON) -m ruff check .)
	@$(call stage,checking the layout (ruff format),$(PYTHON) -m ruff format --check .)
	@$(call stage,checking the types (mypy),$(PYTHON) -m mypy)
	@$(call stage,checking who imports whom (import-linter),$(PYTHON) -c 'from importlinter.cli import lint_imports_command as lint; lint()')

test: export OPENBLAS_NUM_THREADS := 1
test: export QT_QPA_PLATFORM := offscreen
test: lint ## check everything and run every test that needs no system service and little time
	@$(call stage,running the tests (pytest),$(PYTHON) -m pytest -n $(JOBS) --ignore=tests/peers -m "not slow" $(ARGS))
	@echo "stopdesk: tests passed"

test-peers: export OPENBLAS_NUM_THREADS := 1
test-peers: export QT_QPA_PLATFORM := offscreen
test-peers: export STOPDESK_PEERS := required
test-peers: ## install real peers (DaCHS, SLURM, STILTS, TOPCAT, Aladin); run the tests against them, and the slow ones
	@./bootstrap dev
	@$(call stage,setting up the peers,tests/peers/set_up)
	@$(call stage,running the tests with real peers (pytest),$(PYTHON) -m pytest -m "peers or slow" tests $(ARGS))
	@echo "stopdesk: tests with real peers passed"

descriptor: ## renew the DaCHS descriptor from the declarations of the models
	@./bootstrap run
	@$(PYTHON) resources/dachs/make_descriptor.py > resources/dachs/stop/q.rd.new && mv resources/dachs/stop/q.rd.new resources/dachs/stop/q.rd

pictures: export OPENBLAS_NUM_THREADS := 1
pictures: export QT_QPA_PLATFORM := offscreen
pictures: export STOPDESK_PICTURES := yes
pictures: ## renew the pictures and the list of models in docs/
	@./bootstrap dev
	@$(call stage,making the pictures,$(PYTHON) -m pytest -q tests/e2e/test_demo.py tests/e2e/test_manual.py)

lock: ## renew the lock files from pyproject.toml (needs the network)
	@./bootstrap dev
	@rm -rf build/lock && $(PYTHON) -m venv build/lock && build/lock/bin/python -m pip -q install uv
	@$(call stage,locking requirements-dev.lock,$(LOCK) $(ALL) --group dev --output-file requirements-dev.lock)
	@$(call stage,locking requirements.lock,$(LOCK) $(ALL) --constraint requirements-dev.lock --output-file requirements.lock)
	@$(call stage,locking $(ENGINE).lock,$(LOCK) $(ENGINE).in --constraint requirements.lock --output-file $(ENGINE).lock)
	@rm -rf build/lock
	@echo "stopdesk: all three lock files are renewed"

LOCK = build/lock/bin/python -m uv -q pip compile --system-certs --upgrade --universal \
    --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
ALL = pyproject.toml --extra keyring
ENGINE = resources/dachs/requirements-engine

clean: ## remove the environment and all that was made here
	@rm -rf .venv build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "stopdesk: clean"
