# Every target does the set-up that it needs; with all in place that takes a second.
PYTHON ?= python3
RUN := $(PYTHON) dev/run.py
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: screenshots help setup demo demo-reset stop test test-fast lint format bench pot proof lock clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1 \t/' | expand -t 20

setup:  ## get everything that the project needs
	@$(PYTHON) -m dev.setup

demo:  ## a local Shopify, a connected Odoo, imported orders: until Ctrl-C
	@$(PYTHON) -m dev.demo $(ARGS)

demo-reset:  ## the demo, from a new database
	@$(PYTHON) -m dev.demo --reset $(ARGS)

stop:  ## stop a demo that runs elsewhere, and the database server
	@$(PYTHON) -m dev.stop

test:  ## all tests, with HTTP and browser (ARGS='-k name -x')
	@$(PYTHON) -m dev.testing $(ARGS)

test-fast:  ## all tests but those that need HTTP or a browser
	@$(PYTHON) -m dev.testing --no-browser $(ARGS)

lint:  ## ruff, pylint-odoo, direction of imports, translation template, proofs
	@$(PYTHON) -m dev.lint

format:  ## sort imports and format the Python code
	@$(RUN) ruff check --fix --quiet .
	@$(RUN) ruff format .

bench:  ## the numbers of the design, each as a ratio measured in one run
	@$(RUN) python -m dev.bench $(ARGS)

screenshots:  ## pictures of the user guide
	@$(RUN) python -m dev.screenshots

pot:  ## write the addon's translation template anew
	@$(PYTHON) -m dev.pot

proof:  ## write the table of requirements and their tests anew
	@$(PYTHON) -m dev.proof

lock:  ## renew requirements.txt from requirements.in
	@$(PYTHON) -m dev.lock

clean:  ## stop all and remove everything downloaded or built, databases too
	@$(PYTHON) -m dev.clean
