# Everything runs in .venv, which these targets create; a machine needs Python 3.11+, git and make.
.PHONY: report test torture lab bench clean check-style
PYTHON ?= python3
STAMP := .venv/.installed

report: $(STAMP)
	.venv/bin/nianbao report maolin --year 2020

test: $(STAMP)
	.venv/bin/python -m pytest tests --numprocesses auto --dist loadfile

# the long campaign of faults, kills and full disks; about half an hour
torture: $(STAMP)
	.venv/bin/python -m pytest tests/torture -m torture --numprocesses auto --dist worksteal

lab: $(STAMP)
	.venv/bin/nianbao lab

bench: $(STAMP)
	.venv/bin/python benchmarks/results.py

check-style: $(STAMP)
	.venv/bin/ruff check lib tests tools benchmarks
	.venv/bin/ruff format --check lib tests tools benchmarks
	.venv/bin/mypy lib benchmarks tools

clean:
	rm -rf outputs .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)
