# What people do with this checkout. Each target sets up what it needs; the scripts say what they do.
SHELL := bash
.PHONY: help run dev build test bench fmt lint clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

run: build ## build, load the demo into an empty database, serve http://127.0.0.1:3000
	@scripts/run.sh

dev: ## serve, and rebuild on every change
	@scripts/setup.sh build && scripts/run.sh dev

build: ## target/release/wellmet and target/site
	@scripts/setup.sh build && scripts/build.sh

test: ## everything CI runs; one step alone: scripts/test.sh unit
	@scripts/setup.sh test && scripts/test.sh

bench: ## the benchmarks
	@scripts/setup.sh test && scripts/build.sh && scripts/bench.sh

fmt: ## format the Rust code
	@cargo fmt --all

lint: ## format check, rules and clippy for both halves
	@scripts/setup.sh build && scripts/test.sh fmt rules lint

clean: ## remove what builds and tests left in this checkout; not your data
	@rm -rf target end2end/node_modules end2end/test-results end2end/playwright-report
