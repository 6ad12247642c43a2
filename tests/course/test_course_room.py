"""The course is for notebooks: nothing else needs it."""

from __future__ import annotations

import json
import subprocess
import sys

from thlab.course import ROOT


def modules_after(code: str) -> set[str]:
    """What is imported when a fresh interpreter has run the code."""
    program = f"{code}; import sys, json; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return set(json.loads(out.splitlines()[-1]))


def test_the_command_line_waits_for_no_plots_and_no_widgets():
    loaded = modules_after("from thlab.__main__ import parser; parser(); import thlab.experiments.talk")
    assert not loaded & {"matplotlib", "ipywidgets", "IPython", "thlab.course"}


def test_figures_do_not_wait_for_widgets():
    loaded = modules_after("import thlab.course")
    assert "thlab.course.figures" in loaded
    assert "ipywidgets" not in loaded


def test_the_root_is_the_repository():
    assert (ROOT / "pyproject.toml").is_file()
    assert (ROOT / "data_samples" / "00-neutral.mp4").is_file()
