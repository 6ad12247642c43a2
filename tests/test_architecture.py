"""The arrows of the design point down, siblings do not know each other, and only the course draws."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "thlab"
LEVELS = {
    "timebase": 0, "render": 0, "objectives": 0,
    "nn": 1,
    "audio": 2, "media": 2,
    "face": 3,
    "systems": 4, "metrics": 4, "corpus": 4,
    "experiments": 5,
    "course": 6,
    "doors": 7,
    "__main__": 8,
}  # fmt: skip
ONLY_COURSE = {"ipywidgets", "matplotlib", "IPython"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """The (room, whole name) of each import in a file; the room is '' for foreign packages."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            names = [node.module or ""]
            if node.module == "thlab":
                names = [f"thlab.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            yield (parts[1] if parts[0] == "thlab" and len(parts) > 1 else ""), name


def points_up(here: str, there: str) -> bool:
    """Whether a room imports one that is not below it. The clock is below all, its own level included."""
    return there != here and there != "timebase" and LEVELS[there] >= LEVELS[here]


def violations(path: Path) -> list[str]:
    here = room(path)
    place = path.relative_to(PACKAGE)
    names = list(imported(path))
    up = [f"{place} imports {name}" for there, name in names if there in LEVELS and points_up(here, there)]
    drawn = [name for _, name in names if name.split(".")[0] in ONLY_COURSE and here != "course"]
    return up + [f"{place} draws with {name}" for name in drawn]


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem != "__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down(path: Path):
    assert violations(path) == []


def test_systems_do_not_import_each_other():
    for path in (PACKAGE / "systems").glob("*.py"):
        neighbours = [name for there, name in imported(path) if there == "systems" and name != "thlab.systems.base"]
        assert path.stem in {"__init__", "base"} or neighbours == []


def test_every_room_has_its_level():
    rooms = {room(path) for path in FILES}
    assert rooms <= LEVELS.keys()


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("nn/x.py", "from thlab.audio import features"),
        ("face/x.py", "import thlab.corpus.windows"),
        ("metrics/x.py", "from thlab import corpus"),
        ("audio/x.py", "from thlab.media import Clip"),
        ("face/x.py", "import matplotlib.pyplot as plt"),
    ],
)
def test_an_arrow_that_points_up_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, line: str):
    path = tmp_path / place
    path.parent.mkdir()
    path.write_text(line)
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert violations(path) != []
