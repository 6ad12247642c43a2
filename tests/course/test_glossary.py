"""The words: the glossary's tables, what the chapters write in Chinese, and the notation of their formulas."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from course.notebooks import CHAPTERS, ROOT, read_notebook

from thlab import timebase

GLOSSARY, NOTATION = ROOT / "book" / "glossary.md", ROOT / "book" / "notation.md"
NOTEBOOKS = sorted([*CHAPTERS.glob("*.ipynb"), *(ROOT / "slides").glob("*.ipynb")])
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SECTIONS = {"abstract", "1", "2", "2.1", "2.2", "3", "3.1", "3.2", "3.3", "4", "4.1", "4.2", "5", "6", "–"}
ABSENT = "°"
"""The sign of a term that the survey does not have."""
GREEK = "alpha|beta|gamma|delta|epsilon|theta|lambda|mu|pi|rho|sigma|tau|phi|omega|Gamma|Delta|Theta|Lambda|Sigma|Phi"
LONGEST = 9
"""Characters of a term; longer Chinese in brackets is a quotation from the survey."""


class Table(NamedTuple):
    heading: str
    columns: list[str]
    rows: list[list[str]]


def tables(page: str) -> Iterator[Table]:
    """The tables of a page, each under the heading that stands above it."""
    pattern = r"^#+ (?P<heading>[^\n]+)$(?P<between>(?:\n(?![#|]).*)*)\n(?P<table>(?:\|.*\|\n?)+)"
    for found in re.finditer(pattern, page, re.MULTILINE):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in found["table"].splitlines()]
        assert all(set(cell) == {"-"} for cell in lines[1]), f"no line under the heading of: {found['heading']}"
        yield Table(found["heading"], lines[0], lines[2:])


def read_tables(path: Path) -> list[Table]:
    return list(tables(path.read_text("utf-8")))


def terms() -> list[list[str]]:
    """English, Chinese, meaning, chapter and section of each term."""
    return [row for table in read_tables(GLOSSARY) if table.columns[0] == "English" for row in table.rows]


def names() -> list[list[str]]:
    """Name, work, sentence and chapter of each system, network and dataset."""
    return [row for table in read_tables(GLOSSARY) if table.columns[0] == "Name" for row in table.rows]


def words_of(path: Path) -> str:
    cells = read_notebook(path).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def chinese_terms(text: str) -> Iterator[tuple[str, str]]:
    """Chinese terms that stand in brackets, each with the English before and beside it; no quotations."""
    for found in re.finditer(r"\(([^()]*)\)", text):
        for piece in re.split(r"[,;:]\s*", found[1]):
            if CHINESE.search(piece) and re.fullmatch(rf"[^\W\d_A-Za-z]{{1,{LONGEST}}}([–][^\W\d_A-Za-z]+)?", piece):
                yield piece, text[max(0, found.start() - 60) : found.end()]


def stems(english: str) -> set[str]:
    """The first four letters of each word, so that "pieces" is near "piece" and "aligned" near "alignment"."""
    return {word[:4] for word in re.findall(r"[a-z]{3,}", english.casefold())}


def strangers(text: str, known: dict[str, str]) -> list[str]:
    """Terms of a text that the glossary lacks, or has with another English word."""
    missing = []
    for chinese, context in chinese_terms(text):
        if chinese not in known:
            missing.append(f"{chinese} is not in the glossary")
        elif not stems(known[chinese]) & stems(context):
            missing.append(f"{chinese} stands beside {context!r}, the glossary says {known[chinese]!r}")
    return missing


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    return {chinese.rstrip(ABSENT): english for english, chinese, *_ in terms()}


@pytest.mark.parametrize("path", [GLOSSARY, NOTATION], ids=lambda path: path.name)
def test_every_line_of_a_table_is_read(path: Path):
    found = read_tables(path)
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("|")]
    assert sum(len(table.rows) + 2 for table in found) == len(lines) > 50
    assert [row for table in found for row in table.rows if len(row) != len(table.columns)] == []


def test_no_cell_is_empty_but_a_unit():
    assert [row for row in [*terms(), *names()] if not all(row)] == []
    assert [row[0] for table in read_tables(NOTATION) for row in table.rows if not row[0] or not row[1]] == []


def test_there_are_terms_for_every_part_of_the_survey():
    assert len(terms()) >= 90
    assert {row[4] for row in terms()} == SECTIONS - {"6", "4"}


def test_no_term_and_no_name_stands_twice():
    english = Counter(row[0] for row in [*terms(), *names()])
    chinese = Counter(row[1].rstrip(ABSENT) for row in terms())
    assert [word for word, times in (english + chinese).items() if times > 1] == []


def test_terms_are_in_the_order_of_the_alphabet():
    for table in read_tables(GLOSSARY):
        listed = [row[0].casefold() for row in table.rows]
        assert listed == sorted(listed), table.heading


def test_the_sign_stands_where_the_survey_has_no_section():
    assert [row[0] for row in terms() if row[1].endswith(ABSENT) != (row[4] == "–")] == []
    assert [row[0] for row in terms() if not CHINESE.search(row[1])] == []


@pytest.mark.parametrize("row", [*terms(), *names()], ids=lambda row: row[0])
def test_a_chapter_that_is_named_is_there_and_has_the_word(row: list[str]):
    if row[3] == "later":
        return
    link = re.fullmatch(r"\[(\d\d)\]\(\.\./chapters/(\1_\w+\.ipynb)\)", row[3])
    assert link, row[3]
    chapter = words_of(CHAPTERS / link[2]).casefold()
    assert stems(row[0]) <= {word[:4] for word in re.findall(r"[a-z]{3,}", chapter)}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_glossary_has_every_chinese_term_of_a_notebook(path: Path, known: dict[str, str]):
    assert strangers(words_of(path), known) == []


def test_a_missing_or_misused_term_is_found(known: dict[str, str]):
    assert strangers("the **cepstrum** (倒谱; Bogert), a delta (差分), cepstral (MFCC, 梅尔频率倒谱系数)", known) == []
    assert strangers("a hop (跳步)", known) == ["跳步 is not in the glossary"]
    assert "the glossary says 'cepstrum'" in strangers("the formant (倒谱)", known)[0]
    assert strangers("it says (多达 500 个不同单词的 1000 个语句) and (将整个音频看作一个整体)", known) == []


def test_chapters_have_terms_to_look_up():
    assert sum(1 for path in CHAPTERS.glob("*.ipynb") for _ in chinese_terms(words_of(path))) > 40


def rows_under(heading: str) -> list[list[str]]:
    (table,) = [table for table in read_tables(NOTATION) if table.heading == heading]
    return table.rows


def test_the_constants_of_the_clock_are_those_of_the_code():
    written = {row[0].strip("`"): int(row[1]) for row in rows_under("The clock")}
    assert written == {name: value for name, value in vars(timebase).items() if re.fullmatch(r"[A-Z][A-Z_]+", name)}


def axes_of(source: str) -> list[str]:
    """Names of axes in the shapes of a file: words of small letters."""
    shapes = re.findall(r"\b(?:Float|Int|UInt|Bool|Complex|Num)\d*\[[\w.]+, \"([^\"]*)\"\]", source)
    return [axis.lstrip("*") for shape in shapes for axis in shape.split() if re.fullmatch(r"\*?[a-z]+", axis)]


def test_axes_that_recur_in_the_package_are_explained():
    explained = set(re.findall(r"[a-z]+", " ".join(f"{row[0]} {row[1]}" for row in rows_under("Axes"))))
    counted = Counter(axis for path in (ROOT / "thlab").rglob("*.py") for axis in axes_of(path.read_text("utf-8")))
    assert counted["frames"] > 50
    assert sorted(axis for axis, times in counted.items() if times >= 10 and axis not in explained) == []


def formulas(text: str) -> list[str]:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return [display or inline for display, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$]+?)\$", prose, re.DOTALL)]


def symbols(latex: str) -> set[str]:
    r"""The letters of a formula, indices included: Latin, Greek, \hat I, and the names in \mathrm or \operatorname."""
    rest = re.sub(r"\\text\{[^}]*\}", " ", latex)
    found = set(re.findall(r"\\(?:mathrm|operatorname|mathbb)\{(\w+)\}", rest))
    rest = re.sub(r"\\(?:mathrm|operatorname|mathbb)\{\w+\}", " ", rest)
    found |= {f"hat {letter}" for letter in re.findall(r"\\hat\s*\{?([A-Za-z])", rest)}
    rest = re.sub(r"\\hat\s*\{?[A-Za-z]\}?", " ", rest)
    found |= set(re.findall(rf"\\({GREEK})(?![A-Za-z])", rest))
    return found | set(re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", rest)))


def explained() -> dict[str, set[str]]:
    """The symbols that the table explains, by chapter."""
    symbol_rows = [row for table in read_tables(NOTATION) if table.columns[0] == "Symbol" for row in table.rows]
    result: dict[str, set[str]] = {}
    for row in symbol_rows:
        for chapter in re.findall(r"\b\d\d\b", row[3]):
            result.setdefault(chapter, set()).update(*(symbols(latex) for latex in formulas(row[0])))
    return result


def unexplained(text: str, chapter: str) -> set[str]:
    used = set().union(*(symbols(latex) for latex in formulas(text)))
    return used - explained().get(chapter, set())


@pytest.mark.parametrize("path", sorted(CHAPTERS.glob("*.ipynb")), ids=lambda path: path.name)
def test_every_symbol_of_a_chapter_is_explained_for_that_chapter(path: Path):
    assert unexplained(words_of(path), path.name[:2]) == set()


def test_a_symbol_without_a_row_is_found():
    assert unexplained(r"and $\hat v = \sum_i \lambda_i Q$, $r$", "00") == {"hat v", "i", "lambda", "Q"}
    assert symbols(r"\mathrm{PSNR} = 10 \log_{10} \frac{\mathrm{MAX}^2}{Q}\ \text{dB}") == {"PSNR", "MAX", "Q"}
    assert symbols(r"\hat I_t(c) - I_t(c) + \tfrac12 \mu_E") == {"hat I", "I", "t", "c", "mu", "E"}


def test_every_row_of_symbols_says_where_it_is_used():
    numbers = {path.name[:2] for path in CHAPTERS.glob("*.ipynb")}
    for table in read_tables(NOTATION):
        for row in table.rows if table.columns[0] == "Symbol" else []:
            assert set(re.findall(r"\b\d\d\b", row[3])) <= numbers, row
            assert re.search(r"chapters? \d\d|`thlab\.", row[3]), row
            assert formulas(row[0]), row
