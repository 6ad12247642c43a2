"""One look: colours that can be told apart, units, and time where it belongs."""

from __future__ import annotations

from itertools import combinations

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from thlab.course.figures import drawn
from thlab.course.plot import PALETTE, blank, place_still, plot_mel, plot_tracks, plot_wave
from thlab.timebase import SAMPLE_RATE, frame_times

DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
"""Machado, Oliveira and Fernandes 2009, at full severity, on linear RGB."""


def linear(colour: str) -> np.ndarray:
    encoded = np.array(to_rgb(colour))
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lightness(rgb: np.ndarray) -> float:
    """CIE L* of linear RGB."""
    luminance = float(np.array([0.2126, 0.7152, 0.0722]) @ rgb.clip(0, 1))
    return 116 * np.cbrt(luminance) - 16 if luminance > 0.008856 else 903.3 * luminance


@pytest.mark.parametrize("eyes", [np.eye(3), DEUTERANOPIA], ids=["in grey", "to eyes without green cones"])
def test_colours_differ_in_lightness(eyes: np.ndarray):
    lights = [lightness(eyes @ linear(colour)) for colour in PALETTE]
    assert min(abs(a - b) for a, b in combinations(lights, 2)) > 10


def test_a_wave_lasts_as_long_as_its_sound():
    fig, ax = plot_wave(torch.zeros(SAMPLE_RATE), start=2)
    assert isinstance(fig, Figure)
    assert ax.get_xlim() == pytest.approx((2, 3))
    assert "(s)" in ax.get_xlabel()


def test_a_mel_picture_has_low_bands_below_and_hops_where_they_are():
    mel = np.zeros((200, 80))
    mel[150, 3] = 1
    _, ax = plot_mel(mel, start=1)
    (image,) = ax.get_images()
    assert image.get_extent() == [1, 3, -0.5, 79.5]
    assert image.origin == "lower"
    assert np.unravel_index(image.get_array().argmax(), image.get_array().shape) == (3, 150)


def test_tracks_are_drawn_at_the_middle_of_their_frames_with_names_and_different_dashes():
    _, ax = plot_tracks({"a": torch.arange(4.0), "b": np.ones(4)}, y="coefficient")
    lines = ax.get_lines()
    assert np.allclose(lines[0].get_xdata(), frame_times(4))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert lines[0].get_linestyle() != lines[1].get_linestyle()
    assert ax.get_ylabel() == "coefficient"


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_wave(np.zeros(9), ax=ax),
        lambda ax: plot_mel(np.zeros((9, 8)), ax=ax),
        lambda ax: plot_tracks({"a": np.zeros(9)}, ax=ax),
    ],
)
def test_given_axes_are_drawn_on_and_come_back_with_their_figure(draw):
    fig, ax = blank()
    assert draw(ax) == (fig, ax)


def test_style_reaches_the_line():
    _, ax = plot_wave(np.zeros(9), color="red", linewidth=3)
    assert (ax.get_lines()[0].get_color(), ax.get_lines()[0].get_linewidth()) == ("red", 3)


def test_nothing_global_is_touched():
    before = dict(matplotlib.rcParams)
    plot_tracks({"a": np.zeros(9)})
    plot_mel(np.zeros((9, 8)))
    assert dict(matplotlib.rcParams) == before


def test_axes_that_share_time_name_it_once():
    _, (above, below) = blank(2, 1, sharex=True)
    plot_wave(np.zeros(9), ax=above)
    plot_wave(np.zeros(9), ax=below)
    assert above.get_xlabel() == ""
    assert below.get_xlabel() == "time (s)"


def test_a_still_fills_its_box_upright_and_unscaled_where_sizes_agree():
    pixels = np.random.default_rng(0).integers(0, 256, (48, 96, 3), np.uint8)
    fig = Figure((2, 1))  # 192 × 96 pixels
    place_still(fig, pixels, (0.5, 0.5, 0.5, 0.5))
    page = drawn(fig, sharpness=1.0)
    assert np.array_equal(page[:48, 96:], pixels)
    assert (page[48:] == 255).all()
    assert (page[:, :96] == 255).all()
