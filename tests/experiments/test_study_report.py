"""What raters saved is read or refused in one line, careless raters are left out, and the table is what was planted."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thlab.experiments.raters import Crowd, attend
from thlab.experiments.study.answers import (
    COLUMNS,
    Given,
    Sheet,
    by_system,
    parse_sheet,
    read_sheets,
    table_of,
    write_sheet,
)
from thlab.experiments.study.plan import Plan, plan_study
from thlab.experiments.study.report import report
from thlab.experiments.study.screening import screen

QUALITY = {"real": 4.3, "talker": 3.2, "still": 1.8}
CLIPS = [(system, f"s{number}") for system in QUALITY for number in range(8)]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_study(CLIPS, seed=0, repeats=2)


@pytest.fixture(scope="module")
def sheets(plan: Plan) -> list[Sheet]:
    return attend(plan, QUALITY, Crowd(raters=20, lazy=1, clickers=1), seed=0)


def text_of(plan: Plan, sheet: Sheet, folder: Path) -> str:
    return write_sheet(plan, sheet, folder / "sheet.csv").read_text()


def test_a_sheet_is_read_as_it_was_written(plan: Plan, sheets: list[Sheet], tmp_path: Path):
    paths = [write_sheet(plan, sheet, tmp_path / f"{sheet.rater}.csv") for sheet in sheets]
    assert read_sheets(plan, paths) == sheets


def test_missing_answers_are_nan_and_others_stay(plan: Plan, sheets: list[Sheet], tmp_path: Path):
    code = plan.of("rated")[0].code
    lines = text_of(plan, sheets[2], tmp_path).splitlines()
    found = parse_sheet(plan, "\n".join(line for line in lines if code not in line))
    assert math.isnan(found.rating(code))
    blank = [",".join([*line.split(",")[:5], "", *line.split(",")[6:]]) if code in line else line for line in lines]
    assert math.isnan(parse_sheet(plan, "\n".join(blank)).rating(code))
    assert np.isnan(table_of(plan, [found])).sum() == 1


def spoiled(text: str, **cells: str) -> str:
    """The CSV with some cells of its first answer changed."""
    head, first, *rest = text.splitlines()
    row = dict(zip(COLUMNS, first.split(","), strict=True)) | cells
    return "\n".join([head, ",".join(row.values()), *rest])


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"rating": "6"}, "a rating is a whole number from 1 to 5"),
        ({"rating": "0"}, "a rating is a whole number from 1 to 5"),
        ({"rating": "3.5"}, "a rating is a whole number from 1 to 5"),
        ({"rating": "good"}, "rates the clip .* 'good'"),
        ({"code": "nobody"}, "which the key does not know"),
        ({"rater": "99"}, "mixes several of rater"),
        ({"study": "other"}, "mixes several of study"),
        ({"seconds": "long"}, "no numbers under place, seconds or plays"),
        ({"place": ""}, "no numbers under place, seconds or plays"),
    ],
)
def test_a_spoiled_sheet_is_refused_and_named(
    plan: Plan, sheets: list[Sheet], tmp_path: Path, cells: dict[str, str], told: str
):
    with pytest.raises(ValueError, match=f"mine.csv.*{told}"):
        parse_sheet(plan, spoiled(text_of(plan, sheets[2], tmp_path), **cells), name="mine.csv")


def test_an_answer_that_comes_twice_is_refused(plan: Plan, sheets: list[Sheet], tmp_path: Path):
    lines = text_of(plan, sheets[2], tmp_path).splitlines()
    with pytest.raises(ValueError, match="twice"):
        parse_sheet(plan, "\n".join([*lines, lines[1]]))


@pytest.mark.parametrize("text", ["", "\n", ",".join(COLUMNS) + "\n"])
def test_an_empty_file_is_refused(plan: Plan, tmp_path: Path, text: str):
    (tmp_path / "empty.csv").write_text(text)
    with pytest.raises(ValueError, match=r"empty\.csv holds no ratings"):
        read_sheets(plan, [tmp_path / "empty.csv"])


def test_other_files_are_refused(plan: Plan, tmp_path: Path):
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"table\.csv has no column study"):
        read_sheets(plan, [tmp_path / "table.csv"])
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ValueError, match="no text"):
        read_sheets(plan, [tmp_path / "picture.csv"])
    with pytest.raises(ValueError, match="cannot be read"):
        read_sheets(plan, [tmp_path / "nothing.csv"])
    with pytest.raises(ValueError, match="got none"):
        read_sheets(plan, [])


def test_a_sheet_of_another_study_is_refused(plan: Plan, sheets: list[Sheet], tmp_path: Path):
    other = plan_study(CLIPS, seed=1)
    with pytest.raises(ValueError, match=f"of study {plan.study}, but the key is of {other.study}"):
        parse_sheet(other, text_of(plan, sheets[0], tmp_path))


def test_a_rater_who_comes_twice_is_refused(plan: Plan, sheets: list[Sheet], tmp_path: Path):
    path = write_sheet(plan, sheets[2], tmp_path / "a.csv")
    with pytest.raises(ValueError, match=r"rater 3 comes twice \(the same file twice"):
        read_sheets(plan, [path, path])
    again = write_sheet(plan, replace(sheets[2], session="again"), tmp_path / "b.csv")
    with pytest.raises(ValueError, match=r"rater 3 comes twice \(two sittings"):
        read_sheets(plan, [path, again])


def test_columns_are_those_of_each_system(plan: Plan, sheets: list[Sheet]):
    parts = by_system(plan, table_of(plan, sheets))
    assert list(parts) == ["real", "still", "talker"]
    code = next(item.code for item in plan.of("rated") if (item.system, item.content) == ("talker", "s5"))
    np.testing.assert_array_equal(parts["talker"][:, 5], [sheet.rating(code) for sheet in sheets])


def test_careless_raters_are_left_out_and_careful_ones_are_not(plan: Plan, sheets: list[Sheet]):
    raters = screen(plan, sheets)
    assert [rater.name for rater in raters if rater.reasons] == ["1", "2"]
    lazy = " ".join(raters[0].reasons)
    assert all(word in lazy for word in ("attention check", "always answered 3", "within 0."))
    assert raters[0].spread == 0.0
    assert raters[5].checks == "2/2"
    assert 0 <= raters[5].repeat <= 1


def test_who_disagrees_with_everybody_is_kept(plan: Plan, sheets: list[Sheet]):
    rows = {code: replace(given, rating=6 - given.rating) if plan.by_code[code].kind == "rated" else given
            for code, given in sheets[4].rows.items()}  # fmt: skip
    assert screen(plan, [replace(sheets[4], rows=rows)])[0].reasons == ()


def test_the_order_of_the_systems_is_found_and_every_difference_is_seen(plan: Plan, sheets: list[Sheet]):
    found = report(plan, sheets)
    assert list(found.systems) == ["real", "talker", "still"]
    assert [pair.differs for pair in found.comparisons] == [True] * 3
    assert all(pair.difference.mean > 0 for pair in found.comparisons)
    assert 0.3 < found.alpha < found.icc <= 1


@pytest.mark.parametrize("normalise", ["bias", "z", "rank"])
def test_normalised_scores_keep_the_order(plan: Plan, sheets: list[Sheet], normalise: str):
    found = report(plan, sheets, normalise=normalise)
    assert list(found.systems) == ["real", "talker", "still"]
    assert found.unit != report(plan, sheets).unit


def test_without_screening_everybody_counts(plan: Plan, sheets: list[Sheet]):
    assert report(plan, sheets, screened=False).systems["real"].raters == 20
    assert report(plan, sheets).systems["real"].raters == 18


def test_the_tables_name_systems_pairs_and_who_was_left_out(plan: Plan, sheets: list[Sheet]):
    text = "\n".join(report(plan, sheets).lines())
    assert "18 of 20 raters counted" in text
    assert "real − talker" in text
    assert "left out: rater 1, who failed an attention check" in text
    assert "Krippendorff" in text


def test_the_json_is_plain_and_has_null_for_what_is_not_known(plan: Plan, sheets: list[Sheet], tmp_path: Path):
    one = report(plan, sheets[2:3])
    plain = json.loads(one.save(tmp_path / "report.json").read_text())
    assert plain["icc"] is None
    assert plain["components"] is None
    assert plain["systems"]["real"]["raters"] == 1
    assert "One rater" in plain["notes"][0]
    whole = report(plan, sheets).plain()
    assert whole["components"]["noise"] > 0
    assert whole["comparisons"][0]["differs"] is True


def test_one_clip_of_one_system_has_a_table_too():
    small = plan_study([("real", "s0")], seed=0, repeats=0)
    sheets = attend(small, QUALITY, Crowd(raters=3), seed=1)
    found = report(small, sheets)
    assert found.comparisons == []
    assert any("One content" in note for note in found.notes)
    assert found.lines()


def test_a_rater_who_rated_nothing_is_left_out_and_nobody_left_is_told(plan: Plan, sheets: list[Sheet]):
    empty = Sheet("7", "x", {plan.order(1)[0]: Given(1, math.nan, math.nan, 1)})
    assert report(plan, [*sheets[2:5], empty]).raters[-1].reasons == ("rated nothing",)
    with pytest.raises(ValueError, match="no rater is left to count: rater 1 failed an attention check"):
        report(plan, sheets[:1])
    with pytest.raises(ValueError, match="got none"):
        report(plan, [])


def test_raters_who_stopped_early_count_with_what_they_gave(plan: Plan, sheets: list[Sheet]):
    rows = dict(list(sheets[6].rows.items())[:15])
    found = report(plan, [*sheets[2:6], replace(sheets[6], rows=rows)])
    assert any(line.startswith("ratings missing: rater 7") for line in found.lines())
    assert sum(part.ratings for part in found.systems.values()) < 5 * 24


def test_a_system_that_nobody_rated_is_told(plan: Plan, sheets: list[Sheet]):
    rows = {code: given for code, given in sheets[2].rows.items() if plan.by_code[code].system != "still"}
    with pytest.raises(ValueError, match="nobody rated a clip of still"):
        report(plan, [replace(sheets[2], rows=rows)])
