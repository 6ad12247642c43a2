"""Who somebody is: everything about a person that does not change while they speak, drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from thlab.face.head.identity_basis import sample_identity

Colour = tuple[float, float, float]
"""Linear red, green and blue, 0 to 1."""


def colour(code: str) -> Colour:
    """``#rrggbb`` in sRGB to linear light (IEC 61966-2-1)."""
    encoded = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    r, g, b = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return float(r), float(g), float(b)


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """``share`` of b in a."""
    r, g, b_ = (float(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return r, g, b_


def scaled(a: Colour, gains: tuple[float, float, float] | float) -> Colour:
    """A colour, channel by channel brighter or darker, kept within what a surface can reflect."""
    r, g, b = (float(np.clip(x, 0.003, 0.95)) for x in np.multiply(a, gains))
    return r, g, b


SKIN = tuple(
    map(colour, ("#f4d5c3", "#ecc4a8", "#e2b08e", "#d19a73", "#bb8059", "#9d6646", "#7c4c34", "#623c2a", "#4e2f21"))
)
"""Skin from the lightest to the darkest, evenly spaced for ``Person.skin_tone``."""
HAIR = {
    "black": colour("#17120f"), "espresso": colour("#2a1d16"), "brown": colour("#3f2a1e"),
    "chestnut": colour("#57361f"), "light brown": colour("#6f5036"), "dark blond": colour("#8b6c48"),
    "blond": colour("#b4946a"), "auburn": colour("#6e2f1a"),
    "ginger": colour("#a1552a"), "grey": colour("#85817b"), "white": colour("#c4c0b9"),
}  # fmt: skip
HAIR_ODDS_LIGHT = (2, 3, 3, 3, 2.5, 2, 1.5, 1, 0.8, 0, 0)
HAIR_ODDS_DARK = (6, 4, 1.5, 0.4, 0, 0, 0, 0, 0, 0, 0)
HAIR_ODDS_OLD = (0.5, 0.6, 0.6, 0.4, 0.3, 0.2, 0.2, 0, 0, 4, 2.5)
IRIS = tuple(map(colour, ("#3f2412", "#553418", "#6d4a22", "#6a6233", "#55704a", "#45708c", "#5f88aa", "#6c7880")))
IRIS_ODDS_LIGHT = (3, 3, 2, 1.2, 1, 1.6, 1.4, 1)
IRIS_ODDS_DARK = (5, 3, 0.6, 0, 0, 0, 0, 0)
LIPSTICK = tuple(map(colour, ("#a8414c", "#93364c", "#b55a64", "#7f303b", "#bd6a60", "#a05262")))
CLOTH = tuple(
    map(
        colour,
        ("#31495c", "#6f3a45", "#d8d2c6", "#40583f", "#26292f", "#a8623d", "#55699a", "#b79a48", "#81779c", "#b97f7f",
         "#4a837d", "#65493a", "#8e9aa6", "#c9b8a0", "#394a6b", "#7c2f3c"),
    )
)  # fmt: skip
FRAMES = tuple(map(colour, ("#15151a", "#4b2a1a", "#6e6a62", "#2b2f45")))

WOMEN = {
    "long": 3.0, "long_waves": 2.5, "long_curls": 1.3, "bob": 2.0, "fringe": 1.6, "ponytail": 1.6, "bun": 1.5,
    "pixie": 1.2, "afro": 0.6,
}  # fmt: skip
MEN = {
    "crop": 2.5, "side": 2.5, "swept": 2.0, "quiff": 1.8, "curls": 1.5, "buzz": 1.5, "bald": 0.9, "afro": 0.6,
    "shoulder": 0.7,
}  # fmt: skip
HAIR_STYLES = tuple(dict.fromkeys((*WOMEN, *MEN)))
"""The names of all hair styles; see ``thlab.face.head.hair``."""
TEXTURED_ONLY_ON_DARK = {"afro"}


@dataclass(frozen=True, eq=False)
class Person:
    """One invented person. Colours are linear; amounts run from 0 to 1 unless said otherwise."""

    seed: int
    female: bool
    age: float
    """Years, 18 to 75."""
    identity: Float32[np.ndarray, "modes"]
    """Coefficients of the identity basis."""
    skin_tone: float
    """0 the lightest, 1 the darkest."""
    skin: Colour
    hair_style: str
    hair: Colour
    brow: Colour
    iris: Colour
    iris_radius: float
    """Share of the eyeball's radius."""
    brow_thickness: float
    """1 is the mean."""
    brow_arch: float
    """0 is the mean; about −1 to 1."""
    beard: float
    """How dense; 0 is shaved."""
    moustache: float
    lips: Colour
    makeup: float
    freckles: float
    glasses: str
    """``"none"``, ``"round"`` or ``"square"``."""
    frame: Colour
    cloth: Colour
    trim: Colour
    """The collar and the stripes."""
    stripes: float
    """Stripes per head unit (10 cm); 0 is plain."""
    neckline: float
    """0 round and high, 1 a deep V."""


def chosen(rng: np.random.Generator, odds: tuple[float | int, ...]) -> int:
    """An index, by odds that need not add up to one."""
    weights = np.asarray(odds, float)
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def skin_at(tone: float) -> Colour:
    """Skin between the swatches."""
    place = tone * (len(SKIN) - 1)
    index = min(int(place), len(SKIN) - 2)
    return mixed(SKIN[index], SKIN[index + 1], place - index)


def sample_hair(rng: np.random.Generator, *, female: bool, age: float, tone: float) -> tuple[str, Colour]:
    """A style and a colour."""
    styles = WOMEN if female else MEN
    odds = tuple(
        0.0 if name in TEXTURED_ONLY_ON_DARK and tone < 0.45 else weight * (3 if name == "bald" and age > 45 else 1)
        for name, weight in styles.items()
    )
    style = tuple(styles)[chosen(rng, odds)]
    colours = HAIR_ODDS_OLD if age > 56 else HAIR_ODDS_LIGHT if tone < 0.5 else HAIR_ODDS_DARK
    shade = tuple(HAIR.values())[chosen(rng, colours)]
    return style, scaled(shade, float(np.exp(rng.normal(0, 0.12))))


def sample_beard(rng: np.random.Generator, *, female: bool) -> tuple[float, float]:
    """Density of the beard and of the moustache."""
    beard = (0.0, 0.30, 0.6, 0.9)[chosen(rng, (5, 2, 1.5, 1.5))]
    moustache = beard if rng.random() < 0.85 else 0.0
    if beard == 0 and rng.random() < 0.08:
        moustache = 0.8
    return (0.0, 0.0) if female else (beard, moustache)


def natural_lips(skin: Colour, tone: float) -> Colour:
    """Lips without make-up: redder than the skin, the more so the lighter it is."""
    red = scaled(skin, (0.86, 0.53, 0.53))
    return mixed(red, scaled(skin, (0.80, 0.66, 0.68)), tone * 0.7)


def sample_person(seed: int) -> Person:
    """Invent a person: the same for the same seed on every machine.

    Planted, so that a face says something about a voice and an age about a skin: women and men differ in shape, hair
    and beard; grey hair and bald heads belong to the older; eye and hair colours go with the skin.
    """
    rng = np.random.default_rng([seed, 0x9E3779B9])
    female = bool(rng.random() < 0.5)
    age = float(18 + 57 * rng.beta(1.4, 2.2))
    identity = sample_identity(rng, female=female)
    tone = float(rng.random())
    skin = scaled(skin_at(tone), tuple(np.exp(rng.normal(0, (0.03, 0.03, 0.05))).tolist()))
    style, hair = sample_hair(rng, female=female, age=age, tone=tone)
    iris = IRIS[chosen(rng, IRIS_ODDS_LIGHT if tone < 0.5 else IRIS_ODDS_DARK)]
    beard, moustache = sample_beard(rng, female=female)
    makeup = float(rng.random()) if female else 0.0
    stick = 0.15 + 0.6 * max(0.0, makeup - 0.35) if female else 0.0
    lips = mixed(natural_lips(skin, tone), mixed(LIPSTICK[rng.integers(len(LIPSTICK))], skin, 0.25 * tone), stick)
    return Person(
        seed=seed,
        female=female,
        age=age,
        identity=identity,
        skin_tone=tone,
        skin=skin,
        hair_style=style,
        hair=hair,
        brow=scaled(mixed(hair, (0.03, 0.02, 0.014), 0.45), 0.8),
        iris=iris,
        iris_radius=float(rng.uniform(0.45, 0.50)),
        brow_thickness=float(rng.uniform(0.75, 1.2) * (0.85 if female else 1.15)),
        brow_arch=float(np.clip(rng.normal(0.35 if female else 0.0, 0.4), -1, 1)),
        beard=beard,
        moustache=moustache,
        lips=lips,
        makeup=makeup,
        freckles=float(max(0.0, rng.normal(-0.2, 0.5))) if tone < 0.45 else 0.0,
        glasses=("none", "round", "square")[chosen(rng, (8, 1, 1))],
        frame=FRAMES[rng.integers(len(FRAMES))],
        cloth=CLOTH[rng.integers(len(CLOTH))],
        trim=CLOTH[rng.integers(len(CLOTH))],
        stripes=6.0 if rng.random() < 0.2 else 0.0,
        neckline=float(rng.random()),
    )
