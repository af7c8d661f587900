# Everything is in run.py, which needs nothing but Python; this only saves typing.
# More words for a command go into ARGS: make test ARGS="-k inbox"

PYTHON ?= python3

.PHONY: run test real bench storm pictures lint setup clean
.DEFAULT_GOAL := run

run test real bench storm pictures lint setup clean:
	@$(PYTHON) run.py $@ $(ARGS)
