"""Every deck, built and opened: all fits on 16:9, all can be read from the last row, nothing leaves the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from thlab.course.publish.slides import DECKS, READY

WIDTH, HEIGHT = 1280, 720
SMALLEST = 18
"""CSS pixels of letters."""
NAMES = sorted(path.stem for path in DECKS.glob("[0-9]*.ipynb"))

SHOW_ALL = "n => { Reveal.slide(n); while (Reveal.availableFragments().next) Reveal.nextFragment(); }"
SEEN = """() => {
  const slide = Reveal.getCurrentSlide(), box = slide.getBoundingClientRect();
  const hidden = node => node.closest('aside, script, style, .MJX_Assistive_MathML, .MathJax_Preview') !== null;
  const all = [...slide.querySelectorAll('*')].filter(node => !hidden(node) && node.getClientRects().length);
  const media = 'img, video, audio, pre, table, p, li, h1, h2, h3, figcaption, svg';
  const outside = all.filter(node => node.matches(media)).map(node => [node, node.getBoundingClientRect()])
    .filter(([, b]) => Math.max(b.right - box.right, b.bottom - box.bottom, box.left - b.left, box.top - b.top) > 1)
    .map(([node, b]) => `${node.tagName} to ${b.right | 0}, ${b.bottom | 0}: ${node.textContent.slice(0, 40)}`);
  const texts = [], walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.textContent.trim() || hidden(parent) || !parent.getClientRects().length) continue;
    if (parent.closest('.mjx-chtml')) continue;  // indices of formulas are smaller by custom
    texts.push([parseFloat(getComputedStyle(parent).fontSize), node.textContent.trim().slice(0, 40)]);
  }
  const images = all.filter(node => node.tagName === 'IMG');
  for (const image of images.filter(image => image.dataset.smallestText)) {
    const scale = image.getBoundingClientRect().width / image.getAttribute('width');
    texts.push([image.dataset.smallestText * scale, 'in a figure: ' + image.alt.slice(0, 60)]);
  }
  const broken = images.filter(image => !image.naturalWidth).map(image => 'no picture: ' + image.alt);
  return {outside, texts, broken, scale: Reveal.getScale()};
}"""
PLAYS = """async () => {
  const clips = [...document.querySelectorAll('video, audio')], silent = [];
  for (const clip of clips) {
    clip.muted = true;
    try { await clip.play(); } catch (error) { silent.push(String(error)); continue; }
    const last = performance.now() + 3000;
    while (clip.currentTime === 0 && performance.now() < last) await new Promise(done => setTimeout(done, 20));
    if (clip.currentTime === 0) silent.push('does not move');
    clip.pause();
  }
  return silent;
}"""


@pytest.fixture
def deck(slides: Path, tab, request: pytest.FixtureRequest):
    """A deck that is open and ready."""
    tab.page.goto((slides / f"{request.param}.html").resolve().as_uri())
    tab.page.wait_for_function(READY)
    return tab


each_deck = pytest.mark.parametrize("deck", NAMES, indirect=True)


@pytest.mark.slow
@each_deck
def test_every_slide_fits_and_can_be_read(deck, request: pytest.FixtureRequest):
    page, bad = deck.page, []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(SHOW_ALL, number)
        page.wait_for_timeout(60)
        seen = page.evaluate(SEEN)
        assert seen["scale"] == 1
        small = [f"{size:.1f} px: {text}" for size, text in seen["texts"] if size < SMALLEST - 0.1]
        bad += [f"slide {number + 1}: {what}" for what in (*seen["outside"], *small, *seen["broken"])]
        if number in (0, 4, 8):
            deck.keep(f"deck_{request.node.callspec.params['deck'][:2]}_{number + 1:02}")
    assert bad == []
    assert deck.remote == []
    assert deck.errors == []


@pytest.mark.slow
@each_deck
def test_clips_play(deck):
    assert deck.page.locator("video, audio").count() > 0
    assert deck.page.evaluate(PLAYS) == []


@pytest.mark.slow
@each_deck
def test_the_explorer_leafs_without_a_kernel(deck):
    page = deck.page
    place = page.evaluate("Reveal.getSlides().findIndex(slide => slide.querySelector('.jupyter-widgets'))")
    assert place > 0
    page.evaluate(SHOW_ALL, place)
    picture = page.locator("section.present .jupyter-widgets img:visible")
    before = picture.first.get_attribute("src")
    handle = page.locator("section.present .noUi-handle").first
    handle.focus()
    handle.press("ArrowRight")
    page.wait_for_timeout(300)
    assert picture.count() == 1
    assert picture.first.get_attribute("src") != before


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_slides_keep_their_size_and_margins_when_they_are_printed(slides: Path, tab, name: str):
    tab.page.goto(f"{(slides / name).resolve().as_uri()}.html?print-pdf")
    tab.page.wait_for_function(READY)
    tab.page.wait_for_selector(".pdf-page > section")
    found = tab.page.evaluate(
        """() => [...document.querySelectorAll('.pdf-page > section')].map(slide => {
          const box = slide.getBoundingClientRect(), first = slide.querySelector('h1, h2').getBoundingClientRect();
          return [box.width, box.height, first.left - box.left >= 56, first.top - box.top >= 44];
        })"""
    )
    assert found
    assert all(slide == [WIDTH, HEIGHT, True, True] for slide in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_has_a_page_a_slide(slides: Path, tab, name: str):
    tab.page.goto((slides / f"{name}.html").resolve().as_uri())
    tab.page.wait_for_function(READY)
    count = tab.page.evaluate("Reveal.getTotalSlides()")
    data = (slides / f"{name}.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") == count
