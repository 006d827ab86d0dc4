# Each target works on a fresh clone: Debian or Ubuntu with Python 3.11 or newer and make, nothing else by hand.

.PHONY: help run test test-fast coverage mutants check bench attack clean
.NOTPARALLEL:

PYTHON ?= python3
# One that is named is taken as it is; else a Python of the system's that is built to be faster is (installing/pythons.py).
bootstrap := $(PYTHON) bootstrap.py $(if $(filter file,$(origin PYTHON)),,--this-python)
python := .venv/bin/python
# Made up, and safe as the start-up checks understand it.
production := DEMO=0 BASE_URL=https://esr.example.nhs.uk ALLOWED_HOSTS=esr.example.nhs.uk EMAIL_URL=smtp://localhost \
	SECRET_KEY=made-up-for-the-check-alone-0123456789-abcdefghijklmnopqrstuvwxyz TRUSTED_PROXIES=127.0.0.1 STATE_DIR=var/check \
	SECOND_STEP_KEYS=another-made-up-key-for-the-check-0123456789-abcdefghijklmnopqrst \
	DATABASE_URL=sqlite:///var/check/esr-portal.sqlite3 FROM_EMAIL=no-reply@esr.example.nhs.uk \
	OPERATOR_NAME='the ESR team' OPERATOR_EMAIL=esr-team@esr.example.nhs.uk

help:
	@echo "make run     the portal with demo people and their inbox, at http://localhost:8000; DEMO=0 make run is production"
	@echo "             a second one beside it: make run PORT=8001 STATE_DIR=var/second"
	@echo "make test    every test on PostgreSQL, on SQLite too where the two could differ, the journeys in a real browser"
	@echo "make test-fast   what takes no browser and no process of its own: units and pages, on SQLite"
	@echo "make coverage"
	@echo "             how much of the product the tests run, journeys apart"
	@echo "make mutants OF=people/services/usernames.py"
	@echo "             changes the rules and says which changes no test notices; without OF all of them, for hours"
	@echo "make check   linters, types, templates, migrations, the production settings"
	@echo "make bench   what this machine can do, beside stock log-ins; a quarter of an hour, written to docs/benchmarks.md"
	@echo "make attack  attacks on the portal as production runs it, on this machine alone; hours, written to docs/attacks.md"
	@echo "             a part of it: make attack NAMES=stuffing SHARE=0.01"
	@echo "make clean   remove what was built and installed in this folder; the state in var/ stays"

run:
	@$(bootstrap) run
	@exec $(python) -m esr_portal.run --demo-by-default --stop-with-parent

test:
	@$(bootstrap) test
	$(python) -m pytest -n auto --durations=15
	TEST_DATABASE_URL=sqlite $(python) -m pytest -n auto --durations=15 -m "both_databases and not own_processes" tests/unit $$(grep -rl both_databases --include='test_*.py' tests/pages tests/security tests/site)

test-fast:
	@$(bootstrap) check
	TEST_DATABASE_URL=sqlite $(python) -m pytest -n auto -m "not own_processes" tests/unit tests/pages

# The gates: 95 % of the product's lines and branches, 99 % of its services'. Journeys come on top and are not counted.
coverage:
	@$(bootstrap) check
	$(python) -m coverage erase
	$(python) -m pytest -n auto --cov --cov-fail-under=0 --cov-report= tests/unit tests/pages tests/security tests/site
	@$(python) -m coverage report
	@$(python) -m coverage report --include='*/services/*' --fail-under=99

# Hours for all: make mutants OF=people/services/usernames.py does a part.
mutants:
	@$(bootstrap) mutants
	@$(python) -m bench.mutants $(OF)

check:
	@$(bootstrap) check
	@$(bootstrap) lock
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	$(python) -m tests.support.welsh
	$(python) -m djlint --lint --quiet templates demo/care_identity/templates
	$(production) $(python) manage.py makemigrations --check --dry-run
	$(python) -m tests.support.migrations
	$(production) $(python) manage.py check --deploy --fail-level WARNING

bench:
	@$(bootstrap) check
	@$(python) -m bench

# The exit code is 1 where something does not hold. Needs nginx: apt-get install nginx-light.
attack:
	@$(PYTHON) bootstrap.py check
	@$(python) -m bench.attacks $(NAMES) --share $(or $(SHARE),1)

clean:
	rm -rf .venv .tools node_modules static-built locale-built leaked-passwords.filter mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage test-results
