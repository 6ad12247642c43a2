"""People are drawn from seeds: the same ones every time, varied, and with what is planted in them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from thlab.face.head.hair_styles import STYLES
from thlab.face.head.person import HAIR_STYLES, Person, colour, sample_person

MANY = 400


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [sample_person(seed) for seed in range(MANY)]


def test_the_same_seed_gives_the_same_person():
    first, second = sample_person(7), sample_person(7)
    for field in dataclasses.fields(Person):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))


def test_other_seeds_give_other_people(people: list[Person]):
    assert len({person.identity.tobytes() for person in people}) == MANY


def test_colours_are_linear_and_can_be_reflected(people: list[Person]):
    for person in people:
        for name in ("skin", "hair", "brow", "iris", "lips", "frame", "cloth", "trim"):
            assert all(0 < channel < 1 for channel in getattr(person, name)), name
    assert colour("#ffffff") == (1, 1, 1)
    assert colour("#808080")[0] == pytest.approx(0.2159, abs=1e-4)  # 128/255 in IEC 61966-2-1


def test_women_have_no_beards_and_grey_hair_belongs_to_the_old(people: list[Person]):
    assert all(person.beard == person.moustache == 0 for person in people if person.female)
    assert sum(person.beard > 0 for person in people) > 40
    grey = [person.age for person in people if np.ptp(person.hair) < 0.06 and min(person.hair) > 0.15]
    assert min(grey) > 56


def test_darker_skin_is_darker(people: list[Person]):
    tone = np.array([person.skin_tone for person in people])
    light = np.array([np.mean(person.skin) for person in people])
    assert np.corrcoef(tone, light)[0, 1] < -0.95


def test_every_style_occurs_and_can_be_combed(people: list[Person]):
    assert {person.hair_style for person in people} == set(HAIR_STYLES)
    assert set(HAIR_STYLES) - set(STYLES) == {"bald", "buzz"}


def test_women_and_men_are_about_equally_many(people: list[Person]):
    assert 0.4 < np.mean([person.female for person in people]) < 0.6
