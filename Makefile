# Every target is enough on its own: the first one that runs makes .venv and installs into it.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BOOK   := .venv-book

TEXT   ?= Hello! We are thlab. My voice was made from text, and my face was made from my voice.
TALK   ?= --text "$(TEXT)"
ifdef AUDIO
TALK   := --audio "$(AUDIO)"
endif
ifdef FACE
TALK   += --face "$(FACE)"
endif

CHAPTER ?= 00_your_first_talking_head.ipynb
ROOTLY := $(if $(filter 0,$(shell id -u)),--allow-root)
# No question about news at the first start, and no menu for graders.
LAB    := JUPYTER_CONFIG_PATH=$(CURDIR)/docs/jupyter $(BIN)/jupyter lab $(ROOTLY)

.PHONY: help talk lab learn test student slides book timings bench samples clean

help:
	@echo "make talk     a face that talks, in out/talk.mp4   (TEXT='...' or AUDIO=file; FACE=photo)"
	@echo "make lab      the course, in JupyterLab"
	@echo "make learn    the same without solutions, in my_work/: your copies are never overwritten"
	@echo "make test     everything that must hold"
	@echo "make student  notebooks without solutions, and an nbgrader course, in build/student/"
	@echo "make slides   the lectures as HTML and PDF, in build/slides/"
	@echo "make book     the course as a website, in build/book/"
	@echo "make bench    the speed figures"

$(READY): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || \
	  { echo "thlab needs Python 3.11 or 3.12; found $$("$(PYTHON)" --version 2>&1). Install one and run: make PYTHON=/path/to/python3.11"; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "thlab needs Python's venv module; on Debian: apt-get install python3-venv"; exit 2; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-cache-dir -c constraints.txt -e '.[faces,course,teach,dev]'
	@touch $@

$(BOOK)/.ready: book/requirements.txt book/constraints.txt
	"$(PYTHON)" -m venv $(BOOK)
	$(BOOK)/bin/python -m pip install --quiet --no-cache-dir -c book/constraints.txt -r book/requirements.txt
	@touch $@

talk: $(READY)
	$(BIN)/thlab talk $(TALK) -o out/talk.mp4

lab: $(READY)
	$(LAB) --LabApp.default_url=/lab/tree/chapters/$(CHAPTER)

learn: $(READY)
	$(BIN)/thlab publish learn
	$(LAB) --LabApp.default_url=/lab/tree/my_work/$(CHAPTER)

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n logical --maxprocesses=4 --dist loadfile --ignore=tests/browser --ignore=tests/classroom
	$(BIN)/python -m pytest tests/browser tests/classroom
	$(BIN)/python -m pytest -n logical --maxprocesses=4 --dist loadfile --nbval-lax --nbval-current-env chapters slides

student: $(READY)
	$(BIN)/thlab publish student

slides: $(READY)
	$(BIN)/thlab publish slides

book: $(READY) $(BOOK)/.ready slides
	$(BIN)/thlab publish book

timings: $(READY)
	$(BIN)/thlab publish timings

bench: $(READY)
	@for bench in tests/benchmarks/bench_*.py; do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

samples: $(READY)
	$(BIN)/thlab samples -o data_samples

clean:
	rm -rf $(VENV) $(BOOK) out build
