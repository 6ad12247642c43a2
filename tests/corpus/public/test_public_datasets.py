"""What holds for all eleven datasets, on replicas of their layouts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import DATASETS, Entry, Report, cards, dataset_card, open_dataset
from thlab.corpus.public import base as base_module
from thlab.media import Clip

COUNTS = {
    "grid": 2, "crema_d": 3, "modality": 4, "mead": 6, "obama_set": 2, "lrw": 3, "lrs2": 3, "lrs3": 3, "voxceleb": 2,
    "voxceleb2": 2, "avspeech": 2,
}  # fmt: skip
"""Clips in each replica."""
ALL = pytest.mark.parametrize("name", list(DATASETS))


def first(name: str, root: Path) -> Entry:
    return next(open_dataset(name, root).entries())


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@ALL
def test_every_clip_of_a_replica_is_read_with_pictures_and_sound(name: str, replicas: dict[str, Path]):
    dataset = open_dataset(name, replicas[name])
    clips = list(dataset.iterate(height=32))
    assert len(clips) == len(dataset) == COUNTS[name]
    for entry, clip in clips:
        assert clip.frames is not None
        assert clip.audio is not None
        assert clip.frames.shape[1] == 32
        assert abs(clip.frame_count - (29 if name == "lrw" else 25)) <= 1, entry.id
        assert float(clip.audio.abs().max()) > 0.01, entry.id
    assert len({entry.id for entry, _ in clips}) == len(clips)


@ALL
def test_a_whole_replica_passes_its_check(name: str, replicas: dict[str, Path]):
    report = open_dataset(name, replicas[name]).check()
    assert report.whole
    assert report.found == report.total == COUNTS[name]


@ALL
def test_official_splits_part_the_entries(name: str, replicas: dict[str, Path]):
    dataset = open_dataset(name, replicas[name])
    for split in dataset.card.splits:
        assert all(split in entry.splits for entry in dataset.entries(split))
    if dataset.card.splits:
        found = {entry.id for split in dataset.card.splits for entry in dataset.entries(split)}
        assert found == {entry.id for entry in dataset.entries()}


@ALL
def test_a_split_that_is_not_official_is_refused(name: str, replicas: dict[str, Path]):
    with pytest.raises(ValueError, match=r"no split 'holdout'; its official splits are"):
        open_dataset(name, replicas[name]).entries("holdout")


@ALL
def test_listing_decodes_nothing(name: str, replicas: dict[str, Path], monkeypatch: pytest.MonkeyPatch):
    def never(*args: object, **options: object) -> Clip:
        raise AssertionError("decoded while listing")

    monkeypatch.setattr(base_module, "read_clip", never)
    monkeypatch.setattr(base_module, "read_audio", never)
    dataset = open_dataset(name, replicas[name])
    assert len(dataset) == COUNTS[name]
    assert dataset.check(decode=False).whole


@ALL
def test_another_folder_is_refused_in_one_line_that_says_what_belongs_there(name: str, tmp_path: Path):
    (tmp_path / "holiday.jpg").write_text("sand")
    with pytest.raises(ValueError, match=r"which holds .*but it has holiday.jpg; name the folder above") as refused:
        open_dataset(name, tmp_path)
    assert dataset_card(name).title in str(refused.value)
    assert "\n" not in str(refused.value)


@ALL
def test_a_folder_that_is_not_there_is_refused(name: str, tmp_path: Path):
    with pytest.raises(ValueError, match="is no folder"):
        open_dataset(name, tmp_path / "gone")


@ALL
def test_a_damaged_file_is_named_counted_and_skipped_only_on_request(name: str, replica: Callable[[str], Path]):
    root = replica(name)
    dataset, broken = open_dataset(name, root), first(name, root)
    broken.video.write_bytes(b"not a video at all" * 9)
    with pytest.raises(ValueError, match=broken.video.name) as refused:
        dataset.read(broken)
    assert "\n" not in str(refused.value)
    with pytest.raises(ValueError, match=broken.video.name):
        list(dataset.iterate())
    report = Report()
    kept = [entry.id for entry, _ in dataset.iterate(skip_damaged=True, report=report)]
    assert len(kept) == COUNTS[name] - 1
    assert broken.id not in kept
    assert [problem.entry.id for problem in report.damaged] == [broken.id]
    assert report.total == COUNTS[name]
    assert [problem.entry.id for problem in dataset.check().damaged] == [broken.id]


@ALL
def test_a_missing_file_is_named_and_counted(name: str, replica: Callable[[str], Path]):
    root = replica(name)
    gone = first(name, root)
    gone.video.unlink()
    dataset = open_dataset(name, root)
    with pytest.raises(ValueError, match=rf"{gone.video.name}.*is not there"):
        dataset.read(first(name, root))
    report = dataset.check()
    assert len(report.missing) == 1
    assert report.missing[0].reason == f"{gone.video.relative_to(root)} is not there"
    assert report.damaged == []


def test_skipping_without_counting_is_refused(replicas: dict[str, Path]):
    with pytest.raises(ValueError, match="needs a report"):
        next(open_dataset("grid", replicas["grid"]).iterate(skip_damaged=True))


def test_a_clip_that_was_cut_off_counts_as_damaged(replica: Callable[[str], Path]):
    root = replica("lrs3")
    halve(first("lrs3", root).video)
    assert len(open_dataset("lrs3", root).check().damaged) == 1


def test_a_name_that_is_no_dataset_is_refused():
    with pytest.raises(ValueError, match=r"no dataset is called 'hdtf'; choose one of grid, crema_d"):
        dataset_card("hdtf")


@ALL
def test_a_card_tells_what_must_be_known_before_asking_for_the_data(name: str):
    card = dataset_card(name)
    assert card.name == name
    for told in (card.title, card.authors, card.venue, card.licence, card.allowed_use, card.obtain.how, card.layout):
        assert told
    assert card.obtain.address.startswith("http")
    assert card.sources
    assert bool(card.splits) or card.splits_note.startswith("none")
    for slip in card.survey_differs.values():
        assert slip.printed
        assert slip.corrected
        assert slip.source


def test_the_eleven_stand_in_the_order_of_the_survey():
    assert [card.title for card in cards()] == [
        "GRID", "CREMA-D", "MODALITY", "MEAD", "ObamaSet", "LRW", "LRS2-BBC", "LRS3-TED", "VoxCeleb", "VoxCeleb2",
        "AVSpeech",
    ]  # fmt: skip


def test_layouts_on_the_cards_show_what_the_datasets_look_for(tmp_path: Path):
    """A folder with the paths that a card draws is recognised."""
    for card in cards():
        root = tmp_path / card.name
        for line in card.layout.splitlines():
            for shown in line.split("   ")[0].split(", "):
                if "/" in shown.strip("/") or "." in shown:
                    place = root / shown.strip().rstrip("…").rstrip("/")
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.touch()
        assert open_dataset(card.name, root).card is card
