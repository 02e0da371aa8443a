# make book · make test · make serve — everything lives in .venv, which each of these makes first.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Chapters say themselves which digits they have; a warning beside them would stop the book.
export PYTHONWARNINGS ?= ignore:scikit-learn's digits
PACKAGE := $(shell find ccdni_lib book/results -name '*.py' -o -name '*.js' -o -name '*.nc') constraints.txt

.PHONY: book test check serve bench figures notebooks results picture citation clean help

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[book,captions,test]'
	@touch $@

# Executed chapters are kept between builds; when the package or a stored result changes they are made anew.
_build/executed: $(PACKAGE) | .venv/installed
	rm -rf _build/.jupyter_cache
	@mkdir -p _build && touch $@

book: .venv/installed _build/executed  ## install, train and build the book
	$(BIN)/jupyter-book build -W -n --keep-going --all .
	@echo
	@echo 'The book is in _build/html/index.html; look at it with "make serve".'

serve: .venv/installed  ## show the built book on 127.0.0.1
	@test -f _build/html/index.html || { echo 'There is no book yet: run "make book" first.'; exit 1; }
	@echo 'http://127.0.0.1:$(PORT) — stop with Ctrl-C'
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

test: book  ## unit tests, doctests, every chapter, every page in a browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

check: .venv/installed  ## format, lint, types, clean notebooks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/notebooks/test_clean.py

bench: .venv/installed  ## the engine against the literal reference
	$(BIN)/ccdni bench

figures: .venv/installed  ## every published figure, from the stored results
	$(BIN)/ccdni figures --out _build/figures

results: .venv/installed  ## make the stored results anew, at published size
	$(BIN)/ccdni results

notebooks: .venv/installed  ## run the chapters and keep their outputs in them
	$(BIN)/python tests/notebooks/execute.py

picture: .venv/installed  ## draw the README's picture anew
	$(BIN)/python -c "import base64, pathlib; from ccdni_lib.teach import line_explorer; \
	  png = line_explorer()._repr_mimebundle_()[0]['image/png']; \
	  pathlib.Path('book/_static/line_drawing.png').write_bytes(base64.b64decode(png))"

citation:  ## is CITATION.cff valid? (in an environment of its own: cffconvert wants an old jsonschema)
	@test -x _build/cff/bin/cffconvert || { $(PYTHON) -m venv _build/cff && _build/cff/bin/pip install -q cffconvert setuptools; }
	_build/cff/bin/cffconvert --validate

clean:  ## remove what was built; .venv stays
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .hypothesis
