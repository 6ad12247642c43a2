"""Who is cited: author–year mentions in prose, the entries of a bibliography, and the way from one to the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ORGANISATIONS = (
    "ACM", "C2PA", "Cyberspace Administration of China", "European Union", "International Phonetic Association",
    "ITU-R", "ITU-T", "IPA", "Partnership on AI", "United States", "W3C",
)  # fmt: skip
"""Authors that are no persons. Other words in capitals before a year are venues ("BMVC 2017")."""
NOT_NAMES = frozenset(
    """A After Also An And As At Before But By Chapter Equation Figure For From Here How In It Its Later NeurIPS Of On
    Or Our Python Section See Since So Source Sources Table The Their Then This Today Until Yet
    January February March April May June July August September October November December""".split()  # noqa: SIM905
)
"""Words with a capital that stand before a year or before authors, and are none."""

_FAMILY = r"(?:(?:de|der|den|van|von|la|le)\s+)*[^\W\d_a-zß-öø-ÿ](?:['’]?[^\W\d_])*(?:-[^\W\d_]+)*"
_INITIALS = r"[A-Z]\.?(?:[ -]?[A-Z]\b\.?)*\s+"
_PERSON = rf"(?:{_INITIALS})?{_FAMILY}"
_GROUP = rf"(?:{'|'.join(map(re.escape, ORGANISATIONS))})"
_AUTHORS = (
    rf"(?P<first>{_PERSON})\s+et\s+al\.,?"
    rf"|(?P<several>{_PERSON}(?:,\s+{_PERSON})*,?\s+(?:and|&)\s+{_PERSON}"
    rf"|{_INITIALS}{_FAMILY}(?:,\s+{_INITIALS}{_FAMILY})+)"
    rf"|(?P<one>{_GROUP}|{_PERSON})"
)
_YEAR = r"(?P<open>\()?(?P<year>1[6-9]\d\d|20\d\d)(?P<letter>[a-e])?(?![\w–-])(?(open)\))"
_MENTION = re.compile(rf"(?<![\w.’'-])(?:{_AUTHORS})\s+{_YEAR}")
_ENDS = re.compile(r"\s*(?:[),;.:\]]|$|(?:and|&)\s)")
_NO_PROSE = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|(?<=\])\([^)\s]*\)|<[^>\n]*>|https?://\S+", re.DOTALL
)


@dataclass(frozen=True)
class Name:
    """An author."""

    family: str
    """Family name with its particles; the whole name of an organisation."""
    given: str = ""
    """Given names or their initials; empty where a mention gives none."""

    @property
    def initials(self) -> str:
        """First letters of the given names: KR for K. R."""
        return "".join(re.findall(r"\b[^\W\d_]", self.given)).upper()


@dataclass(frozen=True)
class Citation:
    """One author–year mention in a text."""

    authors: tuple[Name, ...]
    """As the mention names them; the first alone before "et al."."""
    et_al: bool
    """Whether more authors are meant than named."""
    year: int
    letter: str
    """The letter after the year, as in 2016a; empty in most."""
    start: int
    """Where the mention begins in the text."""
    end: int
    """Where it ends: after the year, or after the bracket that closes around the year alone."""
    text: str
    """The mention as it stands there."""


@dataclass(frozen=True)
class Reference:
    """One entry of a bibliography."""

    key: str
    kind: str
    """The word after the @: article, inproceedings, book, …"""
    authors: tuple[Name, ...]
    others: bool
    """Whether the entry leaves authors out ("and others")."""
    year: int
    letter: str
    """Tells apart works of the same authors and year: the field ``extradate``."""
    fields: Mapping[str, str]
    """All fields, without their braces: title, journal, doi, …"""

    @property
    def label(self) -> str:
        """How prose cites it: "Chung et al. 2017"."""
        if short := self.fields.get("shortauthor"):
            return f"{short} {self.year}{self.letter}"
        *others, last = [name.family for name in self.authors]
        names = f"{', '.join(others)} & {last}" if others else last
        if len(others) > 2 or self.others:
            names = f"{self.authors[0].family} et al."
        return f"{names} {self.year}{self.letter}"


def citations_in(text: str) -> list[Citation]:
    """Author–year mentions, in their order.

    Found are "Davis and Mermelstein (1980)", "(Furui 1986)", "Stevens, Volkmann and Newman (1937)", "Prajwal et al.
    2020", "H. Cao et al. (2014)", and lists of names with initials, "T. Nakano, S. Kitazawa (2010)". Code, formulas
    and addresses are passed over.
    """
    prose = _NO_PROSE.sub(lambda found: " " * len(found[0]), text)
    return [citation for found in _MENTION.finditer(prose) for citation in _citation(found, prose)]


def _citation(found: re.Match[str], prose: str) -> Iterator[Citation]:
    """The citation of a match; none where a lone word before a year is no name."""
    written = found["first"] or found["several"] or found["one"]
    names = [_name(part) for part in re.split(r",\s+(?:(?:and|&)\s+)?|\s+(?:and|&)\s+", written)]
    start = found.start()
    while names and names[0].family in NOT_NAMES:  # "Later, Davis and Mermelstein (1980)"
        del names[0]
        start = prose.index(names[0].given or names[0].family, start + 1) if names else start
    lone = found["one"] and not found["open"] and not _ENDS.match(prose, found.end())
    if not names or lone or any(_is_venue(name) for name in names):
        return
    text = prose[start : found.end()]
    yield Citation(
        tuple(names), bool(found["first"]), int(found["year"]), found["letter"] or "", start, found.end(), text
    )


def _name(written: str) -> Name:
    initials = re.match(_INITIALS, written)
    if written in ORGANISATIONS or not initials:
        return Name(" ".join(written.split()))
    return Name(" ".join(written[initials.end() :].split()), initials[0].strip())


def _is_venue(name: Name) -> bool:
    return name.family.isupper() and name.family not in ORGANISATIONS


def read_references(path: Path) -> dict[str, Reference]:
    """The entries of a BibTeX file by their keys.

    The dialect is small: UTF-8 without TeX accents, each value in braces, lines that begin with % are comments. What
    goes beyond it is refused, so that no entry is lost in silence.

    Raises:
        ValueError: when an entry cannot be read, lacks author, title or year, or has a key that was there before.
    """
    text = re.sub(r"^%.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
    references: dict[str, Reference] = {}
    position = 0
    while rest := text[position:].strip():
        position = text.index(rest[0], position)
        head = re.compile(r"@(\w+)\{([^\s,{}]+),").match(text, position)
        if not head:
            raise ValueError(f"{path.name}: expected '@kind{{key,' but read {rest[:40]!r}; mend or remove it")
        fields, position = _fields(text, head.end(), where=f"{path.name}, {head[2]}")
        if head[2] in references:
            raise ValueError(f"{path.name}: the key {head[2]} is there twice; rename one, or remove it")
        references[head[2]] = _reference(head[2], head[1].lower(), fields, path.name)
    return references


def _fields(text: str, position: int, *, where: str) -> tuple[dict[str, str], int]:
    """The fields of an entry, and the place after its closing brace."""
    fields: dict[str, str] = {}
    while found := re.compile(r"\s*(\w+)\s*=\s*\{").match(text, position):
        end = _closing(text, found.end(), where=where)
        fields[found[1].lower()] = " ".join(text[found.end() : end].split())
        comma = re.compile(r"\s*,?").match(text, end + 1)
        position = comma.end() if comma else end + 1
    last = re.compile(r"\s*\}").match(text, position)
    if not last:
        raise ValueError(f"{where}: expected 'field = {{value}},' or the end, got {text[position:][:40].strip()!r}")
    return fields, last.end()


def _closing(text: str, position: int, *, where: str) -> int:
    """Where the brace closes that was opened before ``position``."""
    depth = 1
    for place in range(position, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"{where}: a brace is opened and never closed; add the missing one")


def _reference(key: str, kind: str, fields: dict[str, str], file: str) -> Reference:
    missing = [field for field in ("author", "title", "year") if not fields.get(field)]
    if missing or not re.fullmatch(r"\d{4}", fields["year"]):
        raise ValueError(f"{file}, {key}: expected author, title and a year of four digits; missing or wrong: "
                         f"{', '.join(missing) or 'year'}")  # fmt: skip
    written = re.split(r"\s+and\s+", fields["author"])
    names = tuple(_listed(name) for name in written if name != "others")
    plain = {field: re.sub(r"[{}]", "", value) for field, value in fields.items()}
    return Reference(key, kind, names, "others" in written, int(fields["year"]), fields.get("extradate", ""), plain)


def _listed(written: str) -> Name:
    """The name in "Family, Given" or "{Organisation}"."""
    family, _, given = written.strip("{}").partition(",")
    return Name(family.strip(), given.strip())


def resolve(citation: Citation, references: Mapping[str, Reference]) -> str:
    """The key of the entry that a mention means.

    "et al." stands for at least two authors more; without it all authors are named. Initials and the letter after the
    year are compared where the mention has them.

    Raises:
        ValueError: when no entry fits, or more than one does.
    """
    keys = [key for key, reference in references.items() if _fits(citation, reference)]
    if len(keys) == 1:
        return keys[0]
    if keys:
        labels = " or ".join(f"{references[key].authors[0].given} {references[key].label} ({key})" for key in keys)
        raise ValueError(f"{citation.text!r} could be {labels}; add the initials, or the letter after the year")
    near = [f"{r.label} ({key})" for key, r in references.items() if _same(r.authors[0], citation.authors[0])]
    hint = f"mend it to one of: {', '.join(near)}; or add" if near else "mend the name, or add"
    raise ValueError(f"{citation.text!r} is in no entry of the bibliography; {hint} an entry to references.bib")


def _fits(citation: Citation, reference: Reference) -> bool:
    named, known = citation.authors, reference.authors
    if named[0].family == reference.fields.get("shortauthor"):
        known = named
    number = len(known) > 2 or reference.others if citation.et_al else len(known) == len(named) and not reference.others
    return (
        number
        and reference.year == citation.year
        and citation.letter in ("", reference.letter)
        and all(_same(theirs, ours) for theirs, ours in zip(known, named, strict=False))
    )


def _same(one: Name, other: Name) -> bool:
    """Same family name, and no contradiction between the initials as far as both are given."""
    first, second = (unicodedata.normalize("NFC", name.family).casefold() for name in (one, other))
    return first == second and all(a == b for a, b in zip(one.initials, other.initials, strict=False))
