"""HTML that a notebook shows without being trusted: pictures, clips and sounds inside the page, and no scripts.

JupyterLab lets ``<img>``, ``<video>`` and ``<audio>`` with data URIs pass its sanitizer, and simple inline styles.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from IPython.display import display

LABEL_STYLE = "font-size:0.95em;line-height:1.35;margin-top:4px"
CAPTION_STYLE = "font-size:0.95em;line-height:1.45;margin-top:6px;max-width:46em"
CELL_STYLE = "display:inline-block;vertical-align:top;margin:0 14px 10px 0"


@dataclass(frozen=True)
class Page:
    """A piece of HTML, and what stands for it where only text is shown."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text

    def display(self) -> None:
        """Show it beneath the cell; outside of a notebook the text is printed."""
        display(self)


def data_uri(data: bytes, kind: str) -> str:
    """Bytes as an address that needs no file; ``kind`` is their MIME type."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def needs_alt(alt: str, *, what: str) -> str:
    """The description, stripped.

    Raises:
        ValueError: there is none.
    """
    if not alt.strip():
        raise ValueError(f"{what} needs alt text for those who cannot see it, but alt is empty; say what is seen")
    return alt.strip()


def image(source: str, *, alt: str, width: int, smallest: float = 0.0) -> str:
    """A picture of so many CSS pixels, narrower where the page is.

    Args:
        source: its address.
        alt: what is seen.
        width: CSS pixels.
        smallest: CSS pixels of the smallest letters in it at this width, when it has letters; tests of slides read it.
    """
    letters = f' data-smallest-text="{smallest:.1f}"' if smallest else ""
    return f'<img src="{source}" alt="{escape(alt)}" width="{width}"{letters} style="max-width:100%;height:auto">'


def labelled(content: str, label: str) -> str:
    """Something with its name beneath, that stands in a row with others."""
    return f'<div style="{CELL_STYLE}">{content}<div style="{LABEL_STYLE}">{escape(label)}</div></div>'


def rows(cells: Sequence[str], columns: int | None) -> str:
    """Cells in rows of so many; as many as fit when None."""
    step = columns or max(1, len(cells))
    return "".join(f"<div>{''.join(cells[i : i + step])}</div>" for i in range(0, len(cells), step))


def figure(content: str, caption: str) -> str:
    """A figure with its caption, which may hold simple HTML (``<i>``, ``<code>``) of ours."""
    below = f'<figcaption style="{CAPTION_STYLE}">{caption}</figcaption>' if caption else ""
    return f'<figure style="margin:8px 0">{content}{below}</figure>'
