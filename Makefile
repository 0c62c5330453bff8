# `make demo` shows a running call centre, `make test` tests everything; both set themselves up in .venv and .cache.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CODE := acd simulator tests benchmarks tools

.PHONY: demo test check format lint types floors bench diagrams asterisk chromium clean mutants soak validate

demo: $(READY)
	$(BIN)/acd demo $(if $(SECONDS),--seconds $(SECONDS))

# Three at a time: most of a test on a real Asterisk is waiting. The browser's tests have a process of their own:
# Playwright's asyncio and the AMI link's can't share one.
test: $(READY) asterisk chromium
	$(BIN)/python -m pytest -q $(or $(TESTS),-n 3 --dist worksteal --ignore=tests/browser)
	$(if $(TESTS),,$(BIN)/python -m pytest -q tests/browser)

check: lint types floors test

format: $(READY)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

lint: $(READY)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: $(READY)
	$(BIN)/mypy

floors: $(READY)
	$(BIN)/lint-imports --no-cache

bench: $(READY) asterisk
	$(BIN)/python -m benchmarks

# Two hundred phones on a real Asterisk for five minutes: is a call lost, offered twice, or told of differently?
soak: $(READY) asterisk
	$(BIN)/python -m benchmarks.soak

# Published results of others beside ours, by the production core: 1000 replications of each, a few minutes in all cores.
validate: $(READY)
	$(BIN)/python -m simulator.validation

# docs/states.md, drawn anew from the state tables.
# Planted bugs: are they all caught? A few minutes.
mutants: $(READY)
	$(BIN)/python -m tools.mutants

diagrams: $(READY)
	$(BIN)/python -m tools.diagrams

# A real Asterisk for the tests, unpacked into .cache without root. Where it can't be had the tests say so: outside CI
# they are skipped, in CI they fail.
asterisk: $(READY)
	-$(BIN)/python -m tests.pbx.fetch

# Likewise Chromium, which only root can install.
chromium:
	-@tools/chromium

$(READY): pyproject.toml tools/venv
	tools/venv $(VENV)
	touch $@

clean:
	rm -rf $(VENV) .cache var .pytest_cache .mypy_cache .ruff_cache .hypothesis
