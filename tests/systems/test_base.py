from __future__ import annotations

from dataclasses import dataclass

import pytest

from thlab.media import Clip
from thlab.systems.base import SYSTEMS, config_from, pictures_of, sound_of, system_class
from thlab.systems.speech2vid import Speech2Vid


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_is_where_the_table_says_and_has_a_card(name: str):
    kind = system_class(name)
    assert kind.__module__ == f"thlab.systems.{name}"
    assert kind.card.name
    assert kind.card.drivers
    assert kind.players
    assert kind.config_class is not None


def test_the_cards_in_the_survey_are_among_its_seventeen():
    seventeen = {
        "Speech2Vid": 2017, "Deep Video Portraits": 2018, "ATVG": 2019, "FOMM": 2019, "MakeItTalk": 2020,
        "Wav2Lip": 2020, "FACIAL": 2021, "LSP": 2021, "AnyoneNet": 2021, "Audio2Head": 2021, "EVP": 2021,
        "PC-AVS": 2021, "AD-NeRF": 2021, "StyleTalker": 2022, "DFA-NeRF": 2022, "DFRF": 2022, "DiffTalk": 2023,
    }  # fmt: skip
    for name in SYSTEMS:
        card = system_class(name).card
        if card.in_survey:
            assert seventeen[card.name] == card.year


def test_an_unknown_system_is_refused_with_the_names_of_those_that_are_there():
    with pytest.raises(ValueError, match=r"wav3lip.*speech2vid"):
        system_class("wav3lip")


def test_a_knob_that_a_system_lacks_is_refused():
    with pytest.raises(ValueError, match="Speech2Vid has no knob 'emotion'"):
        Speech2Vid().refuse_knobs(emotion="happy", pose=None)
    Speech2Vid().refuse_knobs(emotion=None)


def test_what_a_driving_or_reference_clip_lacks_is_named():
    with pytest.raises(ValueError, match="X is driven by sound"):
        sound_of(Clip(), "X")
    with pytest.raises(ValueError, match="X needs a picture"):
        pictures_of(Clip(), "X")


@dataclass(frozen=True)
class Plain:
    width: int = 1
    steps: tuple[int, ...] = ()


def test_a_configuration_comes_back_from_json():
    assert config_from(Plain, {"width": 3, "steps": [1, 2]}) == Plain(3, (1, 2))


def test_a_card_of_another_version_is_refused():
    with pytest.raises(ValueError, match=r"height.*another version"):
        config_from(Plain, {"height": 3})
