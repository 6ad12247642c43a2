"""pyproject.toml, constraints.txt and environment.yml speak of the same packages."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {"pytorch": "torch", "pysoundfile": "soundfile", "python-soxr": "soxr"}


def project_requirements() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def pinned_versions() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().split()
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def conda_requirements() -> dict[str, Requirement]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    from_pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    lines = [line for line in entries if isinstance(line, str)] + [line for line in from_pip if line[0] != "-"]
    found = {}
    for line in lines:
        name, _, versions = re.match(r"([\w-]+)(\s*)(.*)", line).groups()
        name = canonicalize_name(CONDA_NAMES.get(name, name))
        found[name] = Requirement(f"{name}{versions}")
    return {name: found[name] for name in found if name not in {"python", "pip"}}


def test_conda_names_the_same_packages_and_ranges():
    conda, project = conda_requirements(), project_requirements()
    assert conda.keys() == project.keys()
    assert {name: str(conda[name].specifier) for name in conda} == {
        name: str(project[name].specifier) for name in project
    }


@pytest.mark.parametrize("name", sorted(project_requirements()))
def test_the_exact_version_lies_in_the_range(name: str):
    assert pinned_versions()[name] in project_requirements()[name].specifier


def test_no_range_admits_a_torch_newer_than_the_one_tested():
    assert "2.14.0" not in project_requirements()["torch"].specifier
