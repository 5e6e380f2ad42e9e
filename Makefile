# `make run` puts a live show on air, `make test` runs every check. Both install what they need first; see README.md.
# ARGS goes to the command: `make run ARGS=--no-demo`, `make test ARGS="tests/ledger --fast"`.

.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)
python := .venv/bin/python

.PHONY: help run test lock chaos reference fuzz load screenshots clean

help:
	@echo "make run          on air at http://127.0.0.1:8080   (make run ARGS=--no-demo: without the demo)"
	@echo "make test         every check: format, lint, types, contracts, tests"
	@echo "make chaos        crashes and faults, minutes long"
	@echo "make reference    the modules' tests once more, on PostgreSQL, and journeys that take minutes"
	@echo "make fuzz         property tests with many more examples, and a coverage-guided search"
	@echo "make load         figures against loadtests/budgets.toml (ARGS=--quick)"
	@echo "make screenshots  pictures of every page, in .screenshots/"
	@echo "make lock         write .ci/lock/*.txt anew from pyproject.toml"
	@echo "make clean        remove everything that was installed or made, but not data/"

run:
	@.ci/setup run
	@exec $(python) -m server up $(ARGS)

test:
	@.ci/setup test
	@exec $(python) -m tests $(ARGS)

chaos:
	@.ci/setup test
	@exec $(python) -m pytest -m chaos $(ARGS)

reference:
	@.ci/setup test
	@exec $(python) -m pytest -m reference -n auto $(ARGS)

fuzz:
	@.ci/setup fuzz
	@$(python) -m pytest -m hypothesis --hypothesis-profile=fuzz $(ARGS)
	@exec $(python) -m tests.media.fuzz --seconds 60

load:
	@.ci/setup load
	@for name in media channels ledger page show; do $(python) -m loadtests $$name $(ARGS) || failed=1; done; exit $${failed:-0}

screenshots:
	@.ci/setup test
	@exec $(python) -m tests.e2e.screenshots $(ARGS)

lock:
	@.ci/setup lock

clean:
	rm -rf .venv static/node_modules static/vendor static/vendor.new .screenshots
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
