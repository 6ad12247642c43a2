"""Whether a website on the disk is whole: every link leads somewhere, and no page asks another host for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

LOADING = {
    "script": ("src",), "img": ("src",), "iframe": ("src",), "video": ("src", "poster"), "audio": ("src",),
    "source": ("src",), "link": ("href",), "object": ("data",), "embed": ("src",),
}  # fmt: skip
"""What a browser fetches by itself; an ``<a>`` it fetches only when somebody follows it."""
NO_FETCH = {"canonical", "license", "next", "prev", "search", "index", "author"}
"""Kinds of ``<link>`` that only say something."""
APART = ("_static", "slides")
"""Folders whose pages are parts of the theme, or tested by themselves."""
REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
IN_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


@dataclass
class Seen(HTMLParser):
    """What a page loads, links to, and can be linked to."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        silent = tag == "link" and set(given.get("rel", "").split()) & NO_FETCH
        self.loads += [] if silent else [given[name] for name in LOADING.get(tag, ()) if given.get(name)]


def complaints(site: Path) -> list[str]:
    """What is wrong with a site, a line each; empty when all is well."""
    found = [complaint for page in page_files(site) for complaint in _of_page(page, site)]
    return found + [complaint for style in sorted((site / "_static").rglob("*.css")) for complaint in _of_style(style)]


def page_files(site: Path) -> list[Path]:
    """The pages of a site, in order."""
    return [path for path in sorted(site.rglob("*.html")) if path.relative_to(site).parts[0] not in APART]


def _of_page(page: Path, site: Path) -> Iterator[str]:
    seen, name = read(page), page.relative_to(site)
    for address in seen.loads:
        if REMOTE.match(address):
            yield f"{name} loads {address}"
    for address in {*seen.links, *seen.loads}:
        if not SCHEME.match(address) and not leads_somewhere(address, page):
            yield f"{name} leads to {address}, which is not there"


def _of_style(style: Path) -> Iterator[str]:
    for address in IN_STYLE.findall(style.read_text(encoding="utf-8", errors="replace")):
        yield f"{style.name} loads {address}"


def leads_somewhere(address: str, page: Path) -> bool:
    """Whether a relative address on a page names a file, and a place in it when it says so."""
    path, _, anchor = unquote(address).partition("#")
    target = (page.parent / path.partition("?")[0]).resolve() if path.partition("?")[0] else page
    if not target.exists():
        return False
    return not anchor or target.suffix != ".html" or anchor in read(target).anchors


@cache
def read(page: Path) -> Seen:
    """A page, read once."""
    seen = Seen()
    seen.feed(page.read_text(encoding="utf-8"))
    return seen
