"""Tables of datasets say what the cards say, and mark where the survey prints something else."""

from __future__ import annotations

import re

import pytest

from thlab.corpus.public import cards
from thlab.course import dataset_tables as tables


def rows_of(html: str) -> list[list[str]]:
    lines = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line) for line in lines]


def test_the_survey_s_table_has_a_row_for_each_dataset_with_its_numbers(shown):
    tables.survey_table()
    head, *rows = rows_of(shown[0].html)
    assert [row[0].removesuffix(" ✎") for row in rows] == [card.title for card in cards()]
    assert {len(row) for row in rows} == {len(head)}
    grid = next(card for card in cards() if card.name == "grid")
    assert f"{grid.people} ✎" in rows[0]


def test_what_no_source_counts_is_said_and_not_guessed(shown):
    unknown = [card for card in cards() if card.hours is None or card.people is None]
    tables.survey_table(unknown)
    assert unknown
    assert all(any(cell.startswith("not counted") for cell in row) for row in rows_of(shown[0].html)[1:])


def test_each_difference_names_its_source(shown):
    tables.differences_table()
    _, *rows = rows_of(shown[0].html)
    assert len(rows) == sum(len(card.survey_differs) for card in cards())
    assert all(all(row) for row in rows)


def test_the_table_of_ways_to_obtain_tells_licence_and_use(shown):
    tables.obtain_table()
    _, *rows = rows_of(shown[0].html)
    assert len(rows) == 11
    assert all(all(row) for row in rows)
    assert repr(shown[0]).startswith("[table: how to obtain the datasets]")


def test_signs_of_html_in_a_text_stay_text(shown):
    tables.table(("a",), [("<script>",)], name="signs")
    assert "&lt;script&gt;" in shown[0].html


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="rows of 2 cells, got one of 1"):
        tables.table(("a", "b"), [("only",)], name="broken")
