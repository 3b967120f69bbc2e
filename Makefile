# What a person needs to know stands in `make help`. Everything works with Go and Node alone; what more is used where
# it is installed (Postgres, Redis, a Chromium) says so in one line where it is missing, and CI=true makes that a failure.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ARGS ?=
GO ?= go
TOOL := $(GO) tool -modfile=tools/go.mod

go_sources := $(shell find . -path ./web/node_modules -prune -o -path ./tools -prune -o \
	\( -name '*.go' -o -name '*.sql' -o -name '*.graphql' -o -name '*.graphqls' -o -name '*.lua' \) -print)
simulator_assets := $(shell find shopify/simulator -type f -not -name '*.go')
page_sources := $(shell find web/src web/index.html web/vite.config.ts web/tsconfig.json web/package.json web/scripts -type f)

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Run Tagtrail beside a simulated Shopify. ARGS="--traffic off" passes flags.
	@./tagtrail demo $(ARGS)

.PHONY: build
build: page tagtrail ## Build the page and ./tagtrail.

tagtrail: go.mod go.sum $(go_sources) $(simulator_assets) web/dist/index.html
	$(GO) build -o $@ .

.PHONY: page
page: web/dist/index.html

web/dist/index.html: $(page_sources) web/node_modules/.package-lock.json
	cd web && npm run --silent build

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: test
test: test-go test-servers test-web e2e ## Run every test, on SQLite and, where they are installed, on Postgres and Redis.

.PHONY: test-go
test-go: page ## Run the Go tests on SQLite and the embedded Redis.
	$(GO) test -timeout 15m ./...

.PHONY: test-servers
test-servers: page ## Run the Go tests on a Postgres and a Redis that are started for it.
	@scripts/where-installed scripts/with-servers $(GO) test -timeout 15m ./...

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## Check and test the page's sources.
	cd web && npm run --silent check

.PHONY: e2e
e2e: build ## Run the browser tests against the built demo.
	@scripts/where-installed scripts/e2e ./tagtrail

.PHONY: race
race: page ## Run the Go tests with the race detector, which needs a C compiler.
	CGO_ENABLED=1 $(GO) test -race -timeout 25m ./...

.PHONY: bench
bench: page ## Measure what we promise about speed. ARGS passes flags.
	@TAGTRAIL_SERVERS_FSYNC=on scripts/where-installed scripts/with-servers $(GO) run ./bench $(ARGS)

.PHONY: bench-log
bench-log: page ## Measure the log at ten million entries. ARGS="-entries 100000 -sqlite 50000" is a small run.
	@TAGTRAIL_SERVERS_FSYNC=on TAGTRAIL_SERVERS_BUFFERS=$(or $(TAGTRAIL_SERVERS_BUFFERS),2GB) scripts/where-installed scripts/with-servers $(GO) run ./bench/log $(ARGS)

.PHONY: bench-operations
bench-operations: page ## Measure operations over 50,000 products. ARGS="-items 2000 -only bulk" is a small run.
	@TAGTRAIL_SERVERS_FSYNC=on scripts/where-installed scripts/with-servers $(GO) run ./bench/operations $(ARGS)

.PHONY: bench-export
bench-export: page ## Measure an export of a million rows beside psql. ARGS="-rows 100000" is a small run.
	@TAGTRAIL_SERVERS_FSYNC=on scripts/where-installed scripts/with-servers $(GO) run ./bench/export $(ARGS)

.PHONY: bench-streams
bench-streams: page ## Measure what streams cost those who write. ARGS="-writes 500" is a small run.
	@TAGTRAIL_SERVERS_FSYNC=on scripts/where-installed scripts/with-servers $(GO) run ./bench/streams $(ARGS)

.PHONY: bench-chain
bench-chain: page ## Measure the log's chain: what writers pay, and verifying. ARGS="-entries 100000 -writes 500" is a small run.
	@TAGTRAIL_SERVERS_FSYNC=on scripts/where-installed scripts/with-servers $(GO) run ./bench/chain $(ARGS)

.PHONY: bench-retention
bench-retention: ## Measure how a day leaves a log of ten million entries. ARGS="-entries 300000" is a small run.
	@TAGTRAIL_SERVERS_FSYNC=on TAGTRAIL_SERVERS_BUFFERS=$(or $(TAGTRAIL_SERVERS_BUFFERS),2GB) scripts/where-installed scripts/with-servers $(GO) run ./bench/retention $(ARGS)

.PHONY: generate
generate: web/node_modules/.package-lock.json ## Write the generated code anew.
	$(TOOL) gqlgen generate
	cd web && npm run --silent codegen

.PHONY: verify
verify: page ## Check that what is generated, formatted and listed is up to date.
	@scripts/verify-generated
	@unformatted=$$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l); \
		if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) mod tidy -diff
	$(GO) test -run 'TestImports|TestSettings' ./app

.PHONY: lint
lint: page ## Run the linters.
	$(TOOL) golangci-lint run ./...

.PHONY: vuln
vuln: page ## Look for known vulnerabilities, where their database can be reached.
	@scripts/vulnerabilities $(TOOL) govulncheck
