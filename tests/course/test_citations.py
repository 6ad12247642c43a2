"""Who is cited: mentions are found as they are really written, each means one entry, and each entry is cited."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from course.notebooks import CHAPTERS, ROOT, code_cells, read_notebook

from thlab.course.publish.citations import Citation, Name, Reference, citations_in, read_references, resolve

BIBLIOGRAPHY = ROOT / "book" / "references.bib"
NOTEBOOKS = sorted([*CHAPTERS.glob("*.ipynb"), *(ROOT / "slides").glob("*.ipynb")])
PAGES = sorted([*(ROOT / "book").glob("*.md"), ROOT / "README.md", ROOT / "data_samples" / "README.md"])
SURVEY = "song2023"
"""The one work that chapters may list without its title."""
NEEDED = {
    "article": {"journal"}, "inproceedings": {"booktitle"}, "incollection": {"booktitle", "publisher"},
    "book": {"publisher"}, "techreport": {"institution"}, "misc": set(),
}  # fmt: skip


@pytest.fixture(scope="module")
def references() -> dict[str, Reference]:
    return read_references(BIBLIOGRAPHY)


def strings(source: str) -> str:
    """All text constants of Python code: docstrings, captions, messages."""
    tree = ast.parse(re.sub(r"^[%!].*$", "", source, flags=re.MULTILINE))
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return "\n\n".join(found)


def prose_of(path: Path) -> str:
    """What somebody reads in a file: text, captions and docstrings, but no other code."""
    if path.suffix == ".md":
        return path.read_text("utf-8")
    if path.suffix == ".py":
        return strings(path.read_text("utf-8"))
    notebook = read_notebook(path)
    words = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return "\n\n".join([*words, *(strings(cell.source) for cell in code_cells(notebook))])


def unresolved(text: str, references: dict[str, Reference]) -> list[str]:
    problems = []
    for citation in citations_in(text):
        try:
            resolve(citation, references)
        except ValueError as error:
            problems.append(str(error))
    return problems


def only(text: str) -> Citation:
    (citation,) = citations_in(text)
    return citation


@pytest.mark.parametrize(
    ("text", "mention", "families", "et_al", "year"),
    [
        ("Davis and Mermelstein (1980) gather", "Davis and Mermelstein (1980)", "Davis Mermelstein", False, 1980),
        ("fitted (Furui 1986):", "Furui 1986", "Furui", False, 1986),
        ("what Furui (1986) did", "Furui (1986)", "Furui", False, 1986),
        ("by Stevens, Volkmann and Newman (1937)", "Stevens, Volkmann and Newman (1937)", "Stevens Volkmann Newman",
         False, 1937),
        ("(SSIM; Wang et al. 2004)", "Wang et al. 2004", "Wang", True, 2004),
        ("(Wang et al., 2004)", "Wang et al., 2004", "Wang", True, 2004),
        ("Song et al. (2023), in Chinese", "Song et al. (2023)", "Song", True, 2023),
        ("of Cooke et\n   al. 2006 says", "Cooke et\n   al. 2006", "Cooke", True, 2006),
        ("Soukupová & Čech (2016)", "Soukupová & Čech (2016)", "Soukupová Čech", False, 2016),
        ("- Y. Song, W. Zhang, Y.-G. Jiang (2023). A", "Y. Song, W. Zhang, Y.-G. Jiang (2023)", "Song Zhang Jiang",
         False, 2023),
        ("- B. Bogert, M. J. R. Healy, and J. W. Tukey (1963)", "B. Bogert, M. J. R. Healy, and J. W. Tukey (1963)",
         "Bogert Healy Tukey", False, 1963),
        ("- K R Prajwal et al. (2020).", "K R Prajwal et al. (2020)", "Prajwal", True, 2020),
        ("Later, Davis and Mermelstein (1980)", "Davis and Mermelstein (1980)", "Davis Mermelstein", False, 1980),
        ("as in (Huggins-Daines et al. 2006)", "Huggins-Daines et al. 2006", "Huggins-Daines", True, 2006),
        ("early or late (ITU-R 1998).", "ITU-R 1998", "ITU-R", False, 1998),
    ],
)  # fmt: skip
def test_a_mention_is_found_where_it_stands(text: str, mention: str, families: str, et_al: bool, year: int):
    found = only(text)
    assert (found.text, text[found.start : found.end]) == (mention, mention)
    assert ([name.family for name in found.authors], found.et_al, found.year) == (families.split(), et_al, year)


def test_particles_initials_and_letters_are_read():
    assert only("E. Perez and H. de Vries (2018)").authors == (Name("Perez", "E."), Name("de Vries", "H."))
    assert only("K R Prajwal et al. (2020)").authors[0].initials == "KR"
    assert (only("Chung & Zisserman 2016b").letter, only("Chung & Zisserman 2016").letter) == ("b", "")


def test_mentions_in_one_bracket_are_told_apart():
    found = citations_in("(after Scherer 1986 and Juslin & Laukka 2003; Kim et al. 2018)")
    assert [citation.text for citation in found] == ["Scherer 1986", "Juslin & Laukka 2003", "Kim et al. 2018"]


@pytest.mark.parametrize(
    "text",
    [
        "(“You said that?”, BMVC 2017)", "In 2017 they asked.", "made in March 2020.", "from 1980 on", "NeurIPS 2019)",
        "Above 2000 Hz", "`Furui 1986`", "```\nFurui 1986.\n```", "$Furui 1986.$", "<a title='Furui 1986'>",
        "BT.1359-1 (1998)", "Furui 19861", "LibriSpeech 1995-1837", "Furui (1986-87)", "a furui 1986",
    ],
)  # fmt: skip
def test_what_is_no_mention_is_passed_over(text: str):
    assert citations_in(text) == []


def test_the_bibliography_is_in_order_and_complete(references: dict[str, Reference]):
    assert list(references) == sorted(references)
    for key, reference in references.items():
        fields = reference.fields
        assert key.startswith(_plain(fields.get("shortauthor", reference.authors[0].family))), key
        assert str(reference.year) in key, key
        assert NEEDED[reference.kind] <= fields.keys(), key
        assert re.fullmatch(r"10\.\d{4,}/\S+", fields.get("doi", "10.1000/x")), key
        assert re.fullmatch(r"[\w:]+(--[\w:]+)?", fields.get("pages", "1")), key
        assert "archiveprefix" in fields or "eprint" not in fields, key
        assert reference.kind != "misc" or fields.keys() & {"eprint", "howpublished", "url", "doi"}, key


def _plain(family: str) -> str:
    """A family name as keys have it: small letters without accents."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", family).lower())


def test_two_entries_never_look_alike_in_prose(references: dict[str, Reference]):
    labels = [(reference.label, reference.authors[0].initials[:1]) for reference in references.values()]
    assert sorted(set(labels)) == sorted(labels)


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda path: path.name)
def test_every_mention_means_one_entry(path: Path, references: dict[str, Reference]):
    assert unresolved(prose_of(path), references) == []


def test_every_mention_in_the_package_means_one_entry(references: dict[str, Reference]):
    problems = {path.name: unresolved(prose_of(path), references) for path in (ROOT / "thlab").rglob("*.py")}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_entry_is_cited_somewhere(references: dict[str, Reference]):
    paths = [*NOTEBOOKS, *PAGES, *(ROOT / "thlab").rglob("*.py")]
    mentions = {citation.text: citation for path in paths for citation in citations_in(prose_of(path))}
    cited = {resolve(citation, references) for text, citation in mentions.items() if not unresolved(text, references)}
    assert sorted(references.keys() - cited) == []


def bullets(path: Path) -> Iterator[str]:
    """The works that a chapter lists under "Further reading"."""
    text = prose_of(path).partition("## Further reading")[2].partition("\n## ")[0]
    yield from (found[1] for found in re.finditer(r"^- (.*?)(?=^- |\n\n|\Z)", text, re.DOTALL | re.MULTILINE))


def disagreement(bullet: str, references: dict[str, Reference]) -> str:
    """What a line of further reading gets wrong; empty when it names an entry by author, year and title."""
    citations = citations_in(bullet)
    if len(citations) != 1 or citations[0].start != 0:
        return f"expected one author and year at the beginning: {bullet[:60]!r}"
    if problems := unresolved(bullet, references):
        return problems[0]
    key = resolve(citations[0], references)
    title = re.split(r"[(（]", references[key].fields["title"])[0]
    named = _letters(title)[:25] in _letters(bullet) or key == SURVEY
    return "" if named else f"{bullet[:60]!r} has not the title {title!r}"


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


@pytest.mark.parametrize("path", sorted(CHAPTERS.glob("*.ipynb")), ids=lambda path: path.name)
def test_further_reading_agrees_with_the_bibliography(path: Path, references: dict[str, Reference]):
    listed = list(bullets(path))
    assert len(listed) >= 5
    assert [found for bullet in listed if (found := disagreement(bullet, references))] == []


@pytest.mark.parametrize(
    ("bullet", "message"),
    [
        ("S. Furui (1986). Speaker-independent isolated word recognition using dynamic features.", ""),
        ("S. Furui (1987). Speaker-independent isolated word recognition.", "mend it to one of: Furui 1986"),
        ("S. Furui (1986). On something else.", "has not the title"),
        ("Speaker-independent isolated word recognition (1986).", "expected one author"),
    ],
)
def test_a_wrong_line_of_further_reading_is_found(bullet: str, message: str, references: dict[str, Reference]):
    assert message in disagreement(bullet, references)
    assert bool(message) == bool(disagreement(bullet, references))


@pytest.mark.parametrize(
    ("mention", "message"),
    [
        ("(Furuy 1986)", "mend the name, or add an entry"),
        ("(Furui 1968)", "mend it to one of: Furui 1986 \\(furui1986\\)"),
        ("(Furui et al. 1986)", "is in no entry"),
        ("(Davis and Merkelstein 1980)", "is in no entry"),
        ("(Davis 1980)", "mend it to one of: Davis & Mermelstein 1980"),
        ("(Davis, Mermelstein and Furui 1980)", "is in no entry"),
        ("(Chung & Zisserman 2016)", "could be .*2016a .* or .*2016b"),
        ("(Cao et al. 2014)", "add the initials"),
        ("(W. Cao et al. 2014)", "is in no entry"),
    ],
)
def test_a_wrong_mention_is_refused(mention: str, message: str, references: dict[str, Reference]):
    with pytest.raises(ValueError, match=message):
        resolve(only(mention), references)


def test_initials_and_letters_decide(references: dict[str, Reference]):
    meant = {"Chung & Zisserman 2016a": "chung2016lrw", "Chung & Zisserman 2016b": "chung2016syncnet",
             "H. Cao et al. 2014": "cao2014cremad", "C. Cao et al. 2014": "cao2014facewarehouse",
             "IPA 1999": "ipa1999", "International Phonetic Association (1999)": "ipa1999"}  # fmt: skip
    assert {mention: resolve(only(mention), references) for mention in meant} == meant


ENTRY = "@article{a2000,\n  author = {Aye, Bee},\n  title = {A {T}itle},\n  year = {2000},\n}\n"


def test_an_entry_is_read(tmp_path: Path):
    (tmp_path / "a.bib").write_text(f"% a comment with a }}\n{ENTRY}")
    (reference,) = read_references(tmp_path / "a.bib").values()
    assert (reference.key, reference.kind, reference.year, reference.label) == ("a2000", "article", 2000, "Aye 2000")
    assert (reference.authors, reference.fields["title"]) == ((Name("Aye", "Bee"),), "A Title")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY + ENTRY, "the key a2000 is there twice"),
        (ENTRY.replace("{T}itle}", "{T}itle"), "a2000: "),
        (ENTRY.replace("2000}", "MM}"), "a year of four digits"),
        (ENTRY.replace("  title = {A {T}itle},\n", ""), "missing or wrong: title"),
        (ENTRY.replace("{2000}", "2000"), "expected 'field = {value},'"),
        (ENTRY + "and more", "expected '@kind{key,'"),
        (ENTRY[:-3], "a2000: "),
    ],
)
def test_a_bibliography_that_cannot_be_read_is_refused(text: str, message: str, tmp_path: Path):
    (tmp_path / "a.bib").write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        read_references(tmp_path / "a.bib")
