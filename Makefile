# Two commands for a fresh machine with Python 3.11-3.13, make and git: `make study` and `make test`.
# uv is fetched into the project folder when it is not installed; nothing outside this folder is touched.

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen --all-extras
export UV_PYTHON_DOWNLOADS ?= never
# Compiled Python is kept beside its source (git-ignored): without it every start reads and compiles pandas, scikit-learn and MLflow again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: study test slow lint format clean
.DEFAULT_GOAL := study

study: .venv/.ready ## a small made-up world, one study, one card
	$(RUN) tegenkracht run experiment=shopping_strip

# Two workers on two cores: more threads of the libraries below NumPy would only wait for each other.
test: export OMP_NUM_THREADS := 1
test: .venv/.ready ## the test suite (five to ten minutes on 2 cores, by machine, from a fresh clone)
	$(RUN) pytest -n 2 --dist loadfile --no-loadscope-reorder # a file on one worker: what its tests share is made once

slow: .venv/.ready ## the large simulation studies too
	$(RUN) pytest -m "slow or not slow"

lint: .venv/.ready ## style, types and layers
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

format: .venv/.ready
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

.venv/.ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --all-extras
	@touch $@

.uv/bin/uv:
	python3 -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

clean:
	rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
