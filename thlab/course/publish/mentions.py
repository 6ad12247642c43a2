"""Author–year mentions as links to the bibliography: in the markdown of pages, and in the HTML of decks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import NavigableString

from thlab.course.publish.citations import Reference, citations_in, resolve
from thlab.course.publish.site import page_files, read

ALREADY = re.compile(r"\[[^\]]*\]\([^)]*\)|<a\b.*?</a>|^#[^\n]*", re.DOTALL | re.MULTILINE)
"""Links, and headings, whose words become addresses."""
SILENT = ("a", "script", "style", "pre", "code", "aside", "title", "h1", "h2")
"""Of a deck: what is no prose, or not seen (``aside`` holds the notes)."""


def linked(markdown: str, references: Mapping[str, Reference], address: str) -> str:
    """A markdown text whose mentions are links.

    Args:
        references: the bibliography.
        address: of its page, up to the key of an entry.

    Raises:
        ValueError: a mention is in no entry, or could be one of several.
    """
    taken = [found.span() for found in ALREADY.finditer(markdown)]
    for mention in reversed(citations_in(markdown)):
        if any(start <= mention.start < end for start, end in taken):
            continue
        link = _link(mention.text, address + resolve(mention, references))
        markdown = markdown[: mention.start] + link + markdown[mention.end :]
    return markdown


def _link(words: str, address: str, frame: str = "") -> str:
    return f'<a class="mention" href="{escape(address)}"{frame}>{escape(words, quote=False)}</a>'


def linked_deck(html: str, references: Mapping[str, Reference], address: str) -> str:
    """The page of a deck whose mentions are links, which open in a tab of their own: a lecture stays where it is.

    Args:
        references: the bibliography.
        address: of its page, up to the key of an entry.

    Raises:
        ValueError: a mention is in no entry, or could be one of several.
    """
    page = BeautifulSoup(html, "html.parser")
    slides = page.select_one(".reveal .slides") or page
    for text in list(slides.find_all(string=True)):
        if type(text) is NavigableString and text.find_parent(SILENT) is None:
            new = _linked_text(str(text), references, address)
            if new:
                text.replace_with(BeautifulSoup(new, "html.parser"))
    return str(page)


def _linked_text(text: str, references: Mapping[str, Reference], address: str) -> str:
    """The HTML of a piece of text with links; empty when it mentions nobody."""
    pieces, end = [], 0
    for mention in citations_in(text):
        link = _link(mention.text, address + resolve(mention, references), ' target="_blank"')
        pieces += [escape(text[end : mention.start], quote=False), link]
        end = mention.end
    return "".join([*pieces, escape(text[end:], quote=False)]) if pieces else ""


def tell_where_named(site: Path, address: str) -> None:
    """Add to each entry of a built bibliography the pages that lead to it, in place.

    Args:
        site: the folder of the website.
        address: of the bibliography from the top of the site, up to the key of an entry.
    """
    name, _, prefix = address.partition("#")
    bibliography = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
    others = [page for page in page_files(site) if page != site / name]
    named = {page: {link.rpartition("/")[2] for link in read(page).links} for page in others}
    for entry in bibliography.select(f".citation[id^={prefix}]"):
        naming = [page for page in others if f"{name}#{entry['id']}" in named[page]]
        if naming:
            backs = ", ".join(_back(page.relative_to(site)) for page in naming)
            entry.append(BeautifulSoup(f'<p class="named-in">Named in {backs}.</p>', "html.parser"))
    (site / name).write_text(str(bibliography), encoding="utf-8")


def _back(page: Path) -> str:
    """A link to a page by its number, or by its name where it has none."""
    label = page.stem[:2] if page.stem[:2].isdigit() else page.stem
    return f'<a href="{page.as_posix()}">{label}</a>'
