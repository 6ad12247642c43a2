"""The filter-bank explorer draws what the library computes, at every setting of its controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from thlab.audio.features import COURSE, log_mel
from thlab.course.plot import PALETTE
from thlab.course.widgets.filterbank_explorer import CONVENTIONS, EXPLORER, FLOOR, alt, bank, draw, levels, sample

OURS = "Slaney (librosa, ours)"


def lines(fig: Figure) -> dict[str, np.ndarray]:
    return {str(line.get_label()): np.asarray(line.get_ydata()) for line in fig.axes[2].lines}


@pytest.mark.parametrize("settings", list(EXPLORER.settings()))
def test_every_setting_gives_a_figure_with_words_for_it(settings: dict):
    fig = draw(**settings)
    fig.draw_without_rendering()
    assert {"power spectrum", "mel bands"} < set(lines(fig))
    assert f"{settings['bands']} triangles" in alt(**settings)


def test_the_dots_are_the_bands_of_the_package():
    """At the middle of hop 12, in decibels, per unit of weight."""
    filters = bank(80, 0, 8000, OURS, 25)
    _, energy, _ = levels(0.125, 13, filters)
    theirs = log_mel(sample().audio, replace(COURSE, floor=FLOOR))[12].numpy() * 10 / np.log(10)
    np.testing.assert_allclose(energy + 10 * np.log10(filters.heard), theirs, atol=0.01)


def test_as_many_cepstra_as_bands_run_through_every_dot():
    for name in CONVENTIONS:
        _, energy, envelope = levels(0.3, 24, bank(24, 100, 7000, name, 25))
        np.testing.assert_allclose(envelope, energy, atol=1e-6)


def test_more_cepstra_come_nearer_to_the_dots():
    filters = bank(60, 0, 8000, OURS, 25)
    missed = [np.square(np.subtract(*levels(0.3, kept, filters)[1:])).mean() for kept in (1, 5, 13, 30, 60)]
    assert missed == sorted(missed, reverse=True)
    assert missed[0] > 3 * missed[2]


def test_more_cepstra_than_bands_are_as_many_as_bands():
    a, b = (lines(draw(bands=10, cepstra=count)) for count in (10, 40))
    assert "envelope of 10 cepstra" in b
    np.testing.assert_array_equal(a["envelope of 10 cepstra"], b["envelope of 10 cepstra"])


def test_bands_too_narrow_for_a_bin_are_marked_and_not_drawn_as_levels():
    crowded = {"bands": 128, "scale": "HTK (torchaudio)"}
    deaf = int((bank(128, 0, 8000, "HTK (torchaudio)", 25).heard == 0).sum())
    fig = draw(**crowded)
    assert deaf > 0
    assert f"{deaf} of them" in fig.axes[1].get_title(loc="left")
    assert len(lines(fig)["mel bands"]) == 128 - deaf


def test_a_longer_window_has_finer_bins():
    assert len(bank(40, 0, 8000, OURS, 60).bins) == 2 * len(bank(40, 0, 8000, OURS, 25).bins) - 1


def test_the_marked_moment_moves_with_the_slider_and_names_its_phone():
    titles = [draw(moment=moment).axes[0].get_title(loc="left") for moment in (0.12, 0.55, 1.4)]
    assert "[i]" in titles[0]
    assert "[oʊ]" in titles[1]
    assert "a pause" in titles[2]
    marks = [draw(moment=moment).axes[0].patches[0].get_extents().x0 for moment in (0.12, 0.55)]
    assert marks[0] < marks[1]
    assert to_hex(draw().axes[0].patches[0].get_facecolor()) == PALETTE[1]
