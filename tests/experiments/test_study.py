"""A study is planned in balance, its page tells nothing, and orders, codes and keys are what they promise."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from thlab.experiments.study import clips as clips_module
from thlab.experiments.study.clips import attention_clip, card_of, clips_of, packed, read_videos
from thlab.experiments.study.orders import balanced_order, random_order, williams_square, with_repeats
from thlab.experiments.study.page import make_study
from thlab.experiments.study.plan import ASKED_FOR, Plan, plan_study, read_plan
from thlab.media import Clip, read_note, write_audio, write_clip

CLIPS = [(system, content) for system in ("real", "talker", "wav2lip") for content in ("bird", "boat", "cup", "dog")]


def clip(seed: int = 0, *, frames: int = 10, size: int = 32) -> Clip:
    """A few frames of one colour each, with a hum."""
    colours = np.random.default_rng(seed).integers(0, 255, (frames, 1, 1, 3), np.uint8)
    sound = 0.1 * torch.sin(torch.arange(frames * 640) / 20)
    return Clip(frames=torch.from_numpy(np.broadcast_to(colours, (frames, size, size, 3)).copy()), audio=sound)


def plan(**named) -> Plan:
    return plan_study(CLIPS, **{"seed": 0, **named})


@pytest.mark.parametrize("systems", [2, 3, 4, 5, 6])
def test_in_a_williams_square_places_and_followers_are_balanced(systems: int):
    rows = williams_square(systems)
    places = Counter((place, system) for row in rows for place, system in enumerate(row))
    followers = Counter(pair for row in rows for pair in pairwise(row))
    assert len(places) == systems**2
    assert len(set(places.values())) == 1
    assert len(followers) == systems * (systems - 1)
    assert len(set(followers.values())) == 1


@pytest.mark.parametrize(("systems", "contents"), [(3, 4), (4, 4), (2, 7), (5, 2), (1, 3), (4, 1), (1, 1)])
def test_a_balanced_order_shows_each_clip_once_and_each_system_once_a_block(systems: int, contents: int):
    for rater in range(4):
        order = balanced_order(systems, contents, rater=rater, rng=np.random.default_rng(rater))
        assert len(set(order)) == len(order) == systems * contents
        for block in range(contents):
            shown = [system for system, _ in order[block * systems : (block + 1) * systems]]
            assert sorted(shown) == list(range(systems))


def test_over_raters_every_system_stands_at_every_place_of_a_block_equally_often():
    orders = [balanced_order(4, 4, rater=rater, rng=np.random.default_rng(rater)) for rater in range(4)]
    places = Counter((place % 4, system) for order in orders for place, (system, _) in enumerate(order))
    assert set(places.values()) == {4}


def test_no_content_follows_itself_where_that_can_be_had():
    for rater in range(20):
        order = balanced_order(3, 4, rater=rater, rng=np.random.default_rng(rater))
        assert all(first[1] != second[1] for first, second in pairwise(order))


def test_a_random_order_shows_each_clip_once_and_another_order_each_time():
    rng = np.random.default_rng(0)
    first, second = (random_order(3, 4, rater=0, rng=rng) for _ in range(2))
    assert sorted(first) == sorted(second) == [(system, content) for system in range(3) for content in range(4)]
    assert first != second


def test_repeats_stand_half_a_study_away_and_checks_in_their_shares():
    codes = [f"c{place}" for place in range(20)]
    for seed in range(20):
        order = with_repeats(codes, {"c3": "r3", "c15": "r15"}, ["k1", "k2"], rng=np.random.default_rng(seed))
        assert sorted(order) == sorted([*codes, "r3", "r15", "k1", "k2"])
        assert all(abs(order.index(f"r{n}") - order.index(f"c{n}")) >= 8 for n in (3, 15))
        assert sorted(order.index(check) * 2 // len(order) for check in ("k1", "k2")) == [0, 1]


def test_one_seed_makes_one_plan_and_another_seed_another():
    assert plan() == plan()
    assert plan().study != plan(seed=1).study
    assert plan().study != plan(fingerprint="other clips").study


def test_every_rater_sees_every_clip_once_and_raters_beyond_the_plan_begin_anew():
    made = plan(checks=2, repeats=1, anchors=("worst", "best"), raters=7)
    seen = {item.code for item in made.of("rated", "repeat", "check")}
    assert len(seen) == 12 + 1 + 2
    assert all(sorted(made.order(rater)) == sorted(seen) for rater in range(1, 9))
    assert made.order(8) == made.order(1) != made.order(2)


def test_checks_ask_for_different_answers_and_never_for_3():
    asked = [item.answer for item in plan(checks=4).of("check")]
    assert sorted(asked) == sorted(ASKED_FOR)
    assert 3 not in asked


def test_codes_tell_nothing_and_stand_in_an_order_of_their_own():
    made = plan()
    assert len(made.by_code) == len(made.shown)
    assert [item.code for item in made.shown] == sorted(made.by_code)
    assert [item.system for item in made.of("rated")] != sorted(item.system for item in made.of("rated"))


def test_a_key_is_read_as_it_was_written(tmp_path: Path):
    made = plan(anchors=("best",))
    assert read_plan(made.save(tmp_path / "key.json")) == made


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"shown": [{"name": 1}]}', "study,rater"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str):
    (tmp_path / "key.json").write_text(text)
    with pytest.raises(ValueError, match=r"no key of a study"):
        read_plan(tmp_path / "key.json")
    with pytest.raises(ValueError, match="cannot be read"):
        read_plan(tmp_path / "nothing.json")


@pytest.mark.parametrize(
    ("clips", "named", "told"),
    [
        ([], {}, "expected clips"),
        ([*CLIPS, CLIPS[0]], {"repeats": 0}, "real shows the content bird twice"),
        (CLIPS[1:], {}, "system real lacks the content bird"),
        (CLIPS, {"checks": -1}, "got -1, 1 and 60"),
        (CLIPS, {"repeats": 13}, "0 to 12 repeats"),
        (CLIPS, {"raters": 0}, "at least one rater"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(clips, named: dict, told: str):
    with pytest.raises(ValueError, match=told):
        plan_study(clips, seed=0, **named)


def test_files_are_known_by_folder_and_name(tmp_path: Path):
    for name in ("real/a.mp4", "real/b.mp4", "fake/a.mp4", "real/notes.txt", "other/real/a.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = clips_of([tmp_path / "real", tmp_path / "fake" / "a.mp4", tmp_path / "real" / "a.mp4"])
    assert list(found) == [("fake", "a"), ("real", "a"), ("real", "b")]
    with pytest.raises(ValueError, match="both content a of real"):
        clips_of([tmp_path / "real", tmp_path / "other" / "real"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no video"):
        clips_of([tmp_path / "empty"])


def test_sound_without_pictures_is_no_clip_of_a_study(tmp_path: Path):
    write_audio(clip().audio.numpy(), tmp_path / "a.wav")
    with pytest.raises(ValueError, match="no pictures"):
        read_videos({("real", "a"): tmp_path / "a.wav"})


def test_packed_clips_carry_one_note_and_no_names(tmp_path: Path):
    write_clip(clip(), tmp_path / "secret.mp4", note="made by wav2lip")
    files = packed({"a": read_videos({("x", "y"): tmp_path / "secret.mp4"})["x", "y"], "b": clip(1)})
    for code, data in files.items():
        (tmp_path / f"{code}.mp4").write_bytes(data)
        assert read_note(tmp_path / f"{code}.mp4") == read_note(tmp_path / "a.mp4") != "made by wav2lip"
        assert b"wav2lip" not in data
        assert b"secret" not in data


def noise(frames: int) -> Clip:
    rng = torch.Generator().manual_seed(0)
    return Clip(frames=torch.randint(0, 255, (frames, 48, 48, 3), dtype=torch.uint8, generator=rng))


def test_all_clips_are_packed_at_the_quality_of_the_one_that_needs_most(monkeypatch: pytest.MonkeyPatch):
    alone = len(packed({"a": noise(4)})["a"])
    monkeypatch.setattr(clips_module, "MOST_BYTES", 2 * alone)
    together = packed({"a": noise(4), "b": noise(20)})
    assert len(together["a"]) < alone
    assert len(together["b"]) <= 2 * alone


def test_a_clip_that_does_not_fit_is_refused_with_its_length(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clips_module, "MOST_BYTES", 2000)
    with pytest.raises(ValueError, match=r"1\.6 s takes \d+ kB at the lowest quality, more than 2;"):
        packed({"a": noise(2), "b": noise(40)})


def test_an_attention_check_begins_like_a_clip_and_says_what_to_choose():
    check = attention_clip(clip(frames=60), 2)
    assert check.frames is not None
    assert check.audio is not None
    assert check.frames.shape[1:3] == (320, 320)
    assert torch.equal(check.frames[-1], card_of(2, (320, 320)))
    assert not torch.equal(check.frames[10], check.frames[-1])
    assert check.audio[16_000:32_000].abs().max() > 0.1
    assert not torch.equal(card_of(2, (320, 320)), card_of(4, (320, 320)))


def test_a_card_can_be_read():
    card = Image.fromarray(card_of(4, (320, 320)).numpy()).convert("L")
    ink = np.argwhere(np.asarray(card) < 128)
    assert np.ptp(ink[:, 1]) < 310
    assert np.ptp(ink[:, 1]) > 120


@pytest.fixture(scope="module")
def study():
    names = [(system, content) for system in ("real", "talker") for content in ("bird", "boat")]
    clips = {name: clip(number) for number, name in enumerate(names)}
    return make_study(clips, seed=3, anchors={"worst": clip(20), "best": clip(21)}, title="A <b>title</b>", checks=1)


def test_the_page_knows_neither_systems_nor_contents_nor_answers(study):
    told = re.sub(r'"media": \{.*\}', "", study.html)
    for word in ("talker", "real", "bird", "boat", "rated", "repeat", '"check"'):
        assert word not in told.partition('id="data"')[2].partition("</script>")[0], word
    known = json.loads(study.html.partition('id="data">')[2].partition("</script>")[0])
    assert known["codes"] == sorted(known["media"]) == [item.code for item in study.plan.shown]
    assert [known["codes"][place] for place in known["orders"][4]] == list(study.plan.order(5))
    assert known["title"] == "A <b>title</b>"


def test_the_page_names_nothing_outside_of_itself(study):
    around = re.sub(r'id="data">.*?</script>', "", study.html, flags=re.DOTALL)
    assert "http" not in re.sub(r'http-equiv="Content-Security-Policy"', "", around)
    assert "default-src 'none'" in around
    assert "@import" not in around


def test_page_and_key_are_two_files(study, tmp_path: Path):
    study.write(tmp_path / "page.html", tmp_path / "key.json")
    assert (tmp_path / "page.html").read_text() == study.html
    assert read_plan(tmp_path / "key.json") == study.plan
    with pytest.raises(ValueError, match="cannot both be"):
        study.write(tmp_path / "same.html", tmp_path / "same.html")


def test_anchors_are_called_worst_and_best():
    with pytest.raises(ValueError, match="worst and best, got middling"):
        make_study({("a", "b"): clip()}, seed=0, anchors={"middling": clip()})
