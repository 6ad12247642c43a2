"""Points of a face in files: iBUG's own form, ours, and what is neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from thlab.media.points_files import read_points, write_points

POINTS = np.array([[10.5, 20.25], [0.5, 0.5], [100.0, 3.75]])


@pytest.mark.parametrize("suffix", [".pts", ".json", ".npz"])
def test_points_come_back(tmp_path: Path, suffix: str):
    path = tmp_path / f"face{suffix}"
    write_points(POINTS, path)
    assert np.allclose(read_points(path), POINTS)


def test_ibugs_first_pixel_is_one(tmp_path: Path):
    """The centre of the first pixel: (1, 1) for MATLAB, (0.5, 0.5) here."""
    path = tmp_path / "face.pts"
    path.write_text("version: 1\nn_points:  2\n{\n1.000 1.000\n446.000 91.500\n}\n")
    assert np.allclose(read_points(path), [[0.5, 0.5], [445.5, 91.0]])


def test_depth_is_kept_where_the_form_can(tmp_path: Path):
    mesh = np.random.default_rng(0).normal(size=(478, 3))
    write_points(mesh, tmp_path / "mesh.npz")
    assert np.array_equal(read_points(tmp_path / "mesh.npz"), mesh)
    write_points(mesh, tmp_path / "mesh.pts")
    assert read_points(tmp_path / "mesh.pts").shape == (478, 2)


def test_a_bare_list_is_taken(tmp_path: Path):
    (tmp_path / "a.json").write_text("[[1, 2], [3, 4]]")
    assert np.array_equal(read_points(tmp_path / "a.json"), [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.pts", "1 2\n3 4\n", "no { }"),
        ("b.pts", "{\n1 two\n}", "could not convert"),
        ("c.pts", "{\n1 2\n3\n}", "holds no points"),
        ("d.pts", "{\n}", "finite numbers"),
        ("e.pts", "{\n1 nan\n}", "finite numbers"),
        ("f.json", "{}", "points"),
        ("g.json", "no json", "holds no points"),
        ("h.json", '{"points": [1, 2, 3]}', "finite numbers"),
        ("i.npz", "no zip", "holds no points"),
        ("j.txt", "1 2", "ends otherwise"),
        ("k.pts", "é", "holds no points"),
    ],
)
def test_what_holds_no_points_is_refused_in_one_line(tmp_path: Path, name: str, text: str, told: str):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=told) as refusal:
        read_points(tmp_path / name)
    assert "\n" not in str(refusal.value)
    assert name in str(refusal.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="found no file"):
        read_points(tmp_path / "none.pts")
    with pytest.raises(ValueError, match="a folder"):
        read_points(tmp_path)


def test_another_suffix_is_not_written(tmp_path: Path):
    with pytest.raises(ValueError, match="ends otherwise"):
        write_points(POINTS, tmp_path / "a.txt")
    assert not list(tmp_path.iterdir())
