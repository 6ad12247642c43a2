# Every target is enough on its own: the first one that runs makes .venv and installs into it.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

TEXT   ?= Hello! We are thlab. My voice was made from text, and my face was made from my voice.
TALK   ?= --text "$(TEXT)"
ifdef AUDIO
TALK   := --audio "$(AUDIO)"
endif

FIRST  := chapters/00_your_first_talking_head.ipynb

.PHONY: help talk lab test check bench samples clean

help:
	@echo "make talk     a face that talks, in out/talk.mp4   (TEXT='...' or AUDIO=file)"
	@echo "make lab      the course, in JupyterLab"
	@echo "make test     everything that must hold"
	@echo "make bench    the speed figures"

$(READY): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || \
	  { echo "thlab needs Python 3.11 or 3.12; found $$("$(PYTHON)" --version 2>&1). Install one and run: make PYTHON=/path/to/python3.11"; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "thlab needs Python's venv module; on Debian: apt-get install python3-venv"; exit 2; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-cache-dir -c constraints.txt -e '.[course,dev]'
	@touch $@

talk: $(READY)
	$(BIN)/thlab talk $(TALK) -o out/talk.mp4

lab: $(READY)
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/$(FIRST) $(if $(filter 0,$(shell id -u)),--allow-root)

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --nbval-lax --nbval-current-env chapters

bench: $(READY)
	@for bench in tests/benchmarks/bench_*.py; do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

samples: $(READY)
	$(BIN)/thlab samples -o data_samples

clean:
	rm -rf $(VENV) out build
