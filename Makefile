# Two commands are all the set-up: `make run` and `make test`. Both need only Python 3.11 or newer.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000

# what is compiled is kept, whatever the shell says: each start of the service would compile it again, for 0.2 s
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test long loaded check lint types house fmt lock browser docs page page-check set-up bench bench-keep measure growth docker-test faults hostile assistants engines storage soak crowd plants openapi machine fuzz film-geometry film-shown websocket clients audit sbom node generated firefox clean help

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: $(VENV)/.run  ## set up, and serve the embedded studio on http://127.0.0.1:8000
	BACKEND_LOG_FORMAT=console BACKEND_LOG_LEVEL=$${BACKEND_LOG_LEVEL:-WARNING} $(BIN)/auteur serve --port $(PORT)

# most tests wait for processes: four at a time; what is broken on purpose is watched by the clock: two at a time, apart
test: $(VENV)/.dev node  ## set up, and run the tests
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/faults
	$(BIN)/python -m pytest -n 2 tests/faults

long: $(VENV)/.dev node  ## the tests with every variant (30 minutes)
	AUTEUR_LONG=1 $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/faults
	AUTEUR_LONG=1 $(BIN)/python -m pytest -n 2 tests/faults

loaded: $(VENV)/.dev  ## the tests beside eight busy loops, RUNS times (an hour and more each)
	$(BIN)/python -m tests.loaded $(or $(RUNS),10)

check: set-up  ## everything that must hold before a change lands
	$(MAKE) -j2 lint types house page-check
	$(MAKE) test

lint: $(VENV)/.dev  ## style and common mistakes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev  ## types, strictly
	$(BIN)/mypy

house: $(VENV)/.dev  ## who may know whom
	$(BIN)/lint-imports

fmt: $(VENV)/.dev  ## put the style right
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev  ## write the reference pages from the code
	$(BIN)/python -m auteur.entrypoints.reference docs
	$(BIN)/python clients/typescript/wire.py

page: node_modules/.done  ## build the page from web/ into the package; needs Node, as nothing that runs does
	npx tsc -p web
	node web/build.mjs

page-check:  ## the page that is committed is the one that web/ builds, where there is Node to say so
	@if command -v npm >/dev/null; then \
	  $(MAKE) -s node_modules/.done && npx tsc -p web && node web/build.mjs --check; \
	else echo "no Node here: whether the page is what web/ builds is not looked at"; fi

faults: $(VENV)/.dev  ## break it on purpose, at length, and print what was measured: faults against promises (45 minutes)
	rm -f .faults.jsonl
	AUTEUR_LONG=1 AUTEUR_FAULTS=$(CURDIR)/.faults.jsonl $(BIN)/python -m pytest -q tests/faults tests/e2e/test_upgrade.py tests/adapters/test_delivering.py --timeout 900; told=$$?; \
	AUTEUR_FAULTS=$(CURDIR)/.faults.jsonl $(BIN)/python benchmarks/fairness.py; \
	AUTEUR_FAULTS=$(CURDIR)/.faults.jsonl $(BIN)/python benchmarks/stalled.py; \
	$(BIN)/python -m tests.faults.report .faults.jsonl; exit $$told

hostile: $(VENV)/.dev  ## every hostile input twenty times, embedded and on a fleet, and how long others waited; who may what, whole (25 minutes)
	$(BIN)/python -m tests.hostile
	WHO_MAY=all $(BIN)/python -m pytest -q tests/e2e/test_who_may.py

assistants: $(VENV)/.dev  ## the door for assistants: both eras of its protocol on both transports (5 minutes)
	AUTEUR_LONG=1 ASSISTANTS=all $(BIN)/python -m pytest -q tests/e2e/test_assistants.py tests/e2e/test_assistants_child.py

engines: $(VENV)/.dev  ## the engines on the programs that studios run; says what to bring, fetches nothing
	$(BIN)/python -m pytest -s -rs tests/engines --timeout 1800

storage: $(VENV)/.dev  ## three disks and one store of objects: a worker killed, the store away for 20 s (2 minutes)
	rm -f .faults.jsonl
	AUTEUR_LONG=1 AUTEUR_FAULTS=$(CURDIR)/.faults.jsonl $(BIN)/python -m pytest -q tests/faults/test_storage.py -k hundred
	$(BIN)/python -m tests.faults.report .faults.jsonl

soak: $(VENV)/.dev  ## everything at once for SOAK_MINUTES (60) each, embedded and fleet; then what is left of it
	$(BIN)/python -m pytest -q tests/soak
	SOAK_MINUTES=$${SOAK_MINUTES:-60} $(BIN)/python -m tests.soak

plants: $(VENV)/.dev  ## what made it faster, broken on purpose: whether the test that should say so does (6 minutes)
	$(BIN)/python -m tests.plants $(PLANT)

crowd: $(VENV)/.dev  ## 2 000 sockets that stall, are cut and come back at random; what each saw is checked (CROWD="sockets seconds seed", 3 minutes)
	$(BIN)/python -m tests.crowd $(CROWD)

openapi: $(VENV)/.dev  ## the OpenAPI document against the running service, at length and by chance (15 minutes)
	AUTEUR_LONG=1 OPENAPI_EXAMPLES=$${OPENAPI_EXAMPLES:-100} $(BIN)/python -m pytest -s tests/openapi

film-geometry: $(VENV)/.dev  ## FILM_SHOTS (2 000) shots by chance, staged and held to the grammar of the shot (3 minutes)
	FILM_SHOTS=$${FILM_SHOTS:-2000} $(BIN)/python -m pytest -q tests/film/test_geometry.py

film-shown: $(VENV)/.dev  ## FILM_SENTENCES (2 000) sentences by chance: what each names is in its picture, or is said not to be (3 minutes)
	FILM_SENTENCES=$${FILM_SENTENCES:-2000} $(BIN)/python -m pytest -q -s tests/film/test_shown.py

machine: $(VENV)/.dev  ## MACHINE_STORIES (100) of what people may do, embedded and on a fleet, killed in between
	AUTEUR_LONG=1 MACHINE_STORIES=$${MACHINE_STORIES:-100} $(BIN)/python -m pytest -s tests/machine -k whatever

fuzz: $(VENV)/.dev requirements-fuzz.lock  ## FUZZ_SECONDS (60) for each reader of foreign words, then pictures damaged at random (AUTEUR_FUZZ_SEED=n)
	-$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} $(BIN)/python -m tests.fuzz
	AUTEUR_FUZZ=$${AUTEUR_FUZZ:-2000} $(BIN)/python -m pytest -q tests/adapters/test_picture_fuzz.py --timeout 3600

websocket: $(VENV)/.dev  ## Autobahn's suite against the service's WebSocket; docs/websocket.md says what to bring
	$(BIN)/python -m tests.websocket.autobahn

clients: $(VENV)/.dev node  ## the clients at length: 1 000 cuts, ten kills of the service, what is held in memory (30 minutes)
	AUTEUR_LONG=1 CLIENT_CUTS=$${CLIENT_CUTS:-1000} CLIENT_KILLS=$${CLIENT_KILLS:-10} CLIENT_SOAK_EVENTS=$${CLIENT_SOAK_EVENTS:-30000} \
	  CLIENT_RESTARTS=$${CLIENT_RESTARTS:-10} CLIENT_MESSAGES=$${CLIENT_MESSAGES:-100000} \
	  $(BIN)/python -m pytest -s tests/client tests/clients --timeout 3600

docker-test: $(VENV)/.dev  ## the image and the compose file on this machine's Docker engine (needs root)
	docker build -q -f docker/Dockerfile -t auteur:local .
	docker image ls auteur:local --format 'image: {{.Size}}'
	AUTEUR_DOCKER=1 $(BIN)/python -m pytest -s tests/docker

bench: $(VENV)/.dev  ## what has become slower: each ratio beside the kept one; beyond 1.25 it is said, and fails (CASES="…", 12 minutes)
	$(BIN)/python benchmarks/compare.py $(CASES)

bench-keep: $(VENV)/.dev  ## keep the ratios as they are now, of three runs: benchmarks/baseline.json (CASES="…")
	$(BIN)/python benchmarks/compare.py --keep --runs 3 $(CASES)

measure: $(VENV)/.dev  ## each measurement at length, one after another
	$(BIN)/python benchmarks/probe.py
	$(BIN)/python benchmarks/liveness.py
	$(BIN)/python benchmarks/stalled.py
	$(BIN)/python benchmarks/render.py
	$(BIN)/python benchmarks/pictures.py
	$(BIN)/python benchmarks/log.py
	$(BIN)/python benchmarks/recording.py
	$(BIN)/python benchmarks/fleet.py
	$(BIN)/python benchmarks/crowd.py sockets 1000
	$(BIN)/python benchmarks/crowd.py peers 1000
	$(BIN)/python benchmarks/fanout.py
	$(BIN)/python benchmarks/fairness.py
	$(BIN)/python benchmarks/promotion.py
	$(BIN)/python benchmarks/backup.py
	$(BIN)/python benchmarks/tracing.py
	$(BIN)/python benchmarks/access.py
	$(BIN)/python benchmarks/edge.py
	$(BIN)/python benchmarks/reading.py

growth: $(VENV)/.dev  ## what an older project costs: up to 100 000 tasks, embedded and on Redis (20 minutes)
	$(BIN)/python benchmarks/growth.py

firefox: $(VENV)/.dev  ## the page in Firefox, installed where the machine can
	@command -v firefox-esr >/dev/null || command -v firefox >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends firefox-esr >/dev/null; }
	$(BIN)/python -m pytest -q tests/e2e/test_firefox.py

browser:  ## a chromium for the tests of the page, where the machine can install one
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	  || echo "no chromium can be installed here: the tests of the page are skipped"

lock:  ## renew the lock files; needs uv
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 --group build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 --group build --group dev pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 --group fuzz -o requirements-fuzz.lock

audit: build/tools/.done  ## known weaknesses of what is installed, by PyPI's advisories; says so where it cannot be asked
	@rm -f build/audit.json
	-build/tools/bin/pip-audit -r requirements.lock --no-deps --disable-pip --progress-spinner off -f json \
	  -o build/audit.json 2>build/audit.log
	build/tools/bin/python .ci/audit.py build/audit.json

sbom: build/tools/.done  ## the list of parts, as CycloneDX, validated: build/auteur.cdx.json
	build/tools/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --sv 1.6 --of JSON \
	  --output-reproducible --validate -o build/auteur.cdx.json

# what needs Node (the page's source, the TypeScript client, the checks of the documents); nothing that runs does
node_modules/.done: package.json package-lock.json clients/typescript/package.json web/package.json
	npm ci --no-progress --loglevel=error
	@touch $@

set-up: $(VENV)/.dev node  ## what the checks need: Python's packages, and Node's

node:  ## Node's packages, where there is a Node
	@if command -v npm >/dev/null; then $(MAKE) -s node_modules/.done || echo "npm brings no packages here"; \
	else echo "no Node here: what parses and compiles the documents is skipped"; fi

generated: $(VENV)/.dev node build/generators/.done  ## clients made by others' generators compile, and make a task
	$(BIN)/python -m pytest -q -rs tests/documents/test_generated.py

# not among what is locked: it holds typer and pydantic back
build/generators/.done: Makefile
	rm -rf build/generators
	$(PYTHON) -m venv build/generators
	build/generators/bin/python -m pip install -q --disable-pip-version-check openapi-python-client==0.29.1
	@touch $@

build/tools/.done: Makefile
	rm -rf build/tools build/audit.json
	$(PYTHON) -m venv build/tools
	build/tools/bin/python -m pip install -q --disable-pip-version-check pip-audit==2.10.1 cyclonedx-bom==7.5.0
	@touch $@

clean:  ## remove what make made
	rm -rf $(VENV) build node_modules clients/typescript/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis

# before 3.12 venv brings setuptools, which nothing here is built with or asks for: 9 MB
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	-@$(VENV)/bin/python -m pip -qq uninstall -y --disable-pip-version-check setuptools

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run
