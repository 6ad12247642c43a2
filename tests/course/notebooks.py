"""Chapters as tests read them: their cells, and the functions of their solution cells, whole or cut to stubs."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat

from thlab.course.solutions import with_stub

ROOT = Path(__file__).parents[2]
CHAPTERS = ROOT / "chapters"
STUB = "raise NotImplementedError"
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def read_notebook(name: str | Path) -> nbformat.NotebookNode:
    """A notebook by its path, or by the name it has in chapters/."""
    return nbformat.read(CHAPTERS / name, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def solutions(name: str | Path) -> SimpleNamespace:
    """The functions that a chapter defines, its solutions among them: imports, definitions and CONSTANTS of all cells
    are executed in order, and nothing else."""
    return _defined(read_notebook(name), lambda source: source)


def stubs(name: str | Path) -> SimpleNamespace:
    """The same with every solution cut out, as a student gets them."""
    return _defined(read_notebook(name), without_solution)


def without_solution(source: str) -> str:
    """What stands between the marks, marks included, becomes one line that says there is nothing yet."""
    return with_stub(source, STUB)


def _defined(notebook: nbformat.NotebookNode, prepare) -> SimpleNamespace:
    namespace: dict = {"__name__": "chapter"}
    for cell in code_cells(notebook):
        source = prepare(re.sub(r"^[%!].*$", "", cell.source, flags=re.MULTILINE))
        tree = ast.parse(source)
        tree.body = [node for node in tree.body if isinstance(node, KEPT) or _is_constant(node)]
        exec(compile(tree, "<chapter>", "exec"), namespace)
    return SimpleNamespace(**namespace)


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and all(isinstance(x, ast.Name) and x.id.isupper() for x in node.targets)
