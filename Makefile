.DEFAULT_GOAL := help
.PHONY: help bench demo local web web-check test engine storms faults permissions quick file-types fuzz load simulation check lint types workflows audit format lock clean

PYTHON ?= python3
BIN := .venv/bin
ACTIONLINT_VERSION := 1.7.12
ACTIONLINT := $(BIN)/actionlint-$(ACTIONLINT_VERSION)
PULUMI := .venv/engine/pulumi
# pulumi_aws takes seconds to compile: its bytecode is kept, also where it is switched off, and beside the environment.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
# Tests on the emulator wait more than they work.
TESTERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 2 )))
STORMS := advanced/test_switched_live e2e/test_storm e2e/test_findings e2e/test_existing_bucket ops/test_replay_live
CASES ?= 100000
MINUTES ?= 2

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

demo: ## Deploy onto a local AWS emulator and watch an upload become a mail
	@if command -v npm >/dev/null; then \
		$(MAKE) --silent --no-print-directory --jobs 2 .venv/.ready web && $(BIN)/python -m local demo --then-advanced && \
		echo "All of it is deleted again. To try things out yourself: make local"; \
	else \
		$(MAKE) --silent --no-print-directory .venv/.ready && $(BIN)/python -m local demo && \
		echo "Mode advanced is left out: its page is built with Node.js, which is missing here (https://nodejs.org)."; \
		echo "All of it is deleted again. To try things out yourself: $(BIN)/python -m local up"; \
	fi

local: .venv/.ready web ## Deploy mode advanced onto the emulator, and keep it running to try things out
	@$(BIN)/python -m local up --mode advanced

web: web/dist/index.html ## Build the web interface, which mode advanced deploys

test: .venv/.ready web ## Run all tests
	@$(BIN)/pytest --numprocesses $(TESTERS) --dist loadgroup --quiet

storms: .venv/.ready web ## Storm tests at full size: 500 uploads at once, 300 mails, 200 failures replayed
	@$(BIN)/pytest --full-size --quiet $(STORMS:%=tests/%.py)

permissions: .venv/.ready web ## Remove every permission, one after the other, and see what fails (docs/permissions.md)
	@$(BIN)/python -m tests.permissions

engine: .venv/.ready web $(PULUMI) ## Pulumi's own CLI and engine on the emulator; the first time they are built with Go, which takes long
	@$(BIN)/pytest --quiet tests/engine

faults: .venv/.ready ## The fault-injection suite: a thousand events through each fault (docs/faults.md)
	@$(BIN)/python -m tests.faults

# What deploys a stack or takes a minute by itself.
SLOW := api e2e faults local permissions web advanced/test_any_interleaving.py

quick: .venv/.ready web # the tests that deploy nothing, with the first examples of each property
	@HYPOTHESIS_PROFILE=brief $(BIN)/pytest --numprocesses auto --dist loadgroup --quiet $(SLOW:%=--ignore=tests/%) --ignore-glob='tests/*_live.py'

file-types: .venv/.ready ## What is detected and reported for real files of many kinds (docs/file-types.md)
	@$(BIN)/python -m tests.handlers.inspectors.corpus

fuzz: .venv/.ready ## Fuzz everything that reads input with 100,000 hostile cases (CASES=…)
	@HYPOTHESIS_PROFILE=searching $(BIN)/pytest -p tests.fuzz --fuzz-cases $(CASES) --fuzz-report docs/hostile-input.md \
		--numprocesses auto --quiet tests/domain tests/handlers tests/program tests/ops

simulation: .venv/.ready ## A day of 100 million uploads against AWS's limits; writes its tables into docs/limits.md
	@$(BIN)/python -m bench.simulation

load: .venv/.ready web ## Bursts and a steady stream on the emulator: nothing lost, memory flat (MINUTES=…)
	@$(BIN)/python -m bench.load $(MINUTES)

bench: .venv/.ready web ## Measure against the usual handlers; writes docs/benchmark.md
	@$(BIN)/python -m bench

check: ## Before each commit: lint, types, and the tests that deploy nothing
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint types workflows web-check quick

lint: .venv/.ready ## Style and common errors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

web-check: web/node_modules/.ready ## Types, style and unit tests of the web interface
	@cd web && npm run --silent check

types: .venv/.ready ## mypy, strict
	@$(BIN)/mypy

workflows: .venv/.ready ## Lint the workflows of code review
	@$(BIN)/zizmor --offline --no-progress --quiet .github
	@if command -v go >/dev/null; then \
		$(MAKE) --no-print-directory --silent $(ACTIONLINT) && $(ACTIONLINT) -shellcheck $(BIN)/shellcheck; \
	elif [ -n "$$CI" ]; then \
		echo "actionlint is built with Go, which is missing here: https://go.dev/doc/install"; exit 1; \
	else \
		echo "actionlint left out: it is built with Go, which is missing here (https://go.dev/doc/install). CI runs it."; \
	fi

# The CLI is not in any of the registries that this project installs from; its sources are.
$(PULUMI): tests/engine/cli/go.mod tests/engine/cli/cli.go
	@command -v go >/dev/null || { echo "Pulumi's CLI is built with Go, which is missing here (https://go.dev/doc/install)."; exit 1; }
	@echo "Building Pulumi's CLI: ten minutes on two processors …"
	@mkdir -p $(@D) && cp $^ $(@D)
	@cd $(@D) && go mod tidy && \
		version=$$(go list -m -f '{{.Version}}' github.com/pulumi/pulumi/pkg/v3) && \
		go build -ldflags "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$$version" \
			-o pulumi.built github.com/pulumi/pulumi/pkg/v3/cmd/pulumi && \
		install -m 755 "$$(go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)/python/cmd/pulumi-language-python-exec" .
	@mv $(@D)/pulumi.built $@

$(ACTIONLINT): .venv/.ready
	@echo "Building actionlint …"
	@GOFLAGS=-mod=mod GOBIN="$(CURDIR)/$(BIN)" go install github.com/rhysd/actionlint/cmd/actionlint@v$(ACTIONLINT_VERSION)
	@mv $(BIN)/actionlint $@

audit: .venv/.ready web/node_modules/.ready ## Known vulnerabilities in what is locked; a package that cannot be audited fails too
	@$(BIN)/uvx --quiet pip-audit@2.10.1 --disable-pip --require-hashes --strict -r requirements.txt -r requirements-dev.txt
	@cd web && npm audit

format: .venv/.ready ## Format the code
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lock: .venv/.ready ## Compile pyproject.toml to requirements with hashes
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet --output-file requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --quiet --output-file requirements-dev.txt
	@$(BIN)/uv pip compile policy/requirements.in --no-config --universal --python-version 3.11 --generate-hashes --quiet --output-file policy/requirements.txt

clean: ## Remove what the other targets made
	@rm -rf .venv policy/.venv .local .bytecode web/dist web/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

web/dist/index.html: web/node_modules/.ready $(shell find web/src web/index.html web/*.ts web/*.json -type f 2>/dev/null)
	@echo "Building the web interface …"
	@cd web && npm run --silent build

web/node_modules/.ready: web/package-lock.json
	@echo "Installing what the web interface is built with …"
	@cd web && npm ci --silent --no-audit --no-fund
	@touch $@

.venv/.ready: requirements-dev.txt
	@echo "Installing into .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --require-hashes --python .venv requirements-dev.txt
	@touch $@
