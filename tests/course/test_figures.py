"""Figures and stills in the page."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from course.media import embedded, pixels
from matplotlib import pyplot
from matplotlib.figure import Figure

from thlab.course import pictures, show
from thlab.course.figures import INCH, figure_image, smallest_text


def red_square() -> Figure:
    fig = Figure((2, 1))
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.imshow([[(1.0, 0, 0)]], aspect="auto")
    return fig


def test_a_figure_is_shown_with_its_pixels_size_and_caption(shown):
    show(red_square(), alt="a red square", caption="Seen <i>so</i>.")
    html = shown[0].html
    (picture,) = embedded(html, "image")
    assert np.abs(pixels(picture).astype(int) - (255, 0, 0)).max() < 6
    assert f'width="{2 * INCH}"' in html
    assert "Seen <i>so</i>." in html
    assert "<script" not in html


def test_alt_text_is_escaped_and_stands_where_only_text_is_shown(shown):
    alt = 'three <things> & "more"'
    show(red_square(), alt=alt)
    assert 'alt="three &lt;things&gt; &amp; &quot;more&quot;"' in shown[0].html
    assert alt in repr(shown[0])


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_figure_without_alt_text_is_refused(shown, alt: str):
    with pytest.raises(ValueError, match="alt"):
        show(red_square(), alt=alt)
    assert shown == []


def test_a_figure_of_pyplot_is_closed(shown):
    fig = pyplot.figure()
    show(fig, alt="nothing")
    assert fig.number not in pyplot.get_fignums()


def test_quick_and_careful_encodings_show_the_same():
    careful, quick = (embedded(figure_image(red_square(), "red", quick=quick), "image")[0] for quick in (False, True))
    assert np.abs(pixels(careful).mean((0, 1)) - pixels(quick).mean((0, 1))).max() < 3


def test_stills_keep_their_pixels_when_scaled(shown):
    still = np.zeros((4, 6, 3), np.uint8)
    still[1, 2] = 255
    pictures({"a": still, "b": torch.from_numpy(still)}, alt="a white pixel", scale=5)
    for data in embedded(shown[0].html, "image"):
        assert np.array_equal(pixels(data), still.repeat(5, 0).repeat(5, 1))


def test_stills_stand_in_rows_with_labels(shown):
    still = np.zeros((4, 4, 3), np.uint8)
    pictures({"one": still, "<two>": still, "three": still}, alt="black", columns=2)
    html = shown[0].html
    assert html.index("one") < html.index("&lt;two&gt;") < html.index("three")
    first_row = re.search(r"<figure[^>]*><div>(.*?)</div></div></div>", html).group(1)
    assert first_row.count("<img") == 2
    assert html.count("<img") == 3


def test_the_first_still_carries_the_description_and_the_others_their_labels(shown):
    still = np.zeros((4, 4, 3), np.uint8)
    pictures({"one": still, "two": still}, alt="both are black")
    assert re.findall(r'alt="([^"]*)"', shown[0].html) == ["both are black", "two"]


@pytest.mark.parametrize(
    ("count", "options", "message"),
    [(0, {"alt": "x"}, "got 0 pictures"), (1, {"alt": ""}, "alt"), (1, {"alt": "x", "scale": 0}, "got 1 .* scale 0")],
)
def test_stills_without_picture_alt_or_scale_are_refused(count: int, options: dict, message: str):
    stills = {str(i): np.zeros((4, 4, 3), np.uint8) for i in range(count)}
    with pytest.raises(ValueError, match=message):
        pictures(stills, **options)


def test_zoom_makes_figure_and_letters_larger_on_the_page(shown):
    for zoom in (1, 1.5):
        fig = Figure((4, 2))
        fig.text(0.1, 0.5, "nine points", fontsize=9)
        fig.text(0.1, 0.1, "twelve points", fontsize=12)
        show(fig, "words", zoom=zoom)
    plain, large = (piece.html for piece in shown)
    assert re.search(r'width="384" data-smallest-text="12.0"', plain)
    assert re.search(r'width="576" data-smallest-text="18.0"', large)


def test_letters_that_are_not_drawn_do_not_count():
    fig = Figure((4, 2))
    ax = fig.add_subplot()
    ax.tick_params(labelsize=5)
    ax.set_axis_off()
    fig.text(0.1, 0.1, "hidden", fontsize=6, visible=False)
    fig.text(0.1, 0.5, "twelve", fontsize=12)
    assert smallest_text(fig) == 16
    assert smallest_text(Figure((4, 2))) == 0
