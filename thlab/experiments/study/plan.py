"""The plan of a study, the key to its page: which clips are shown under which codes, in which order to whom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np

from thlab.experiments.study.orders import balanced_order, random_order, with_repeats
from thlab.media import atomic_path

Kind = Literal["rated", "check", "repeat", "worst", "best"]
Design = Literal["balanced", "random"]

SCALE = {5: "Excellent", 4: "Good", 3: "Fair", 2: "Poor", 1: "Bad"}
"""Absolute category rating, with the names of ITU-T P.800 and P.910."""
QUESTION = "How natural is this talking person?"
PLANNED_RATERS = 60
"""Orders that a page holds; the next rater begins them anew."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of codes: none that is taken for another."""
CODE_LENGTH = 6
ASKED_FOR = (2, 4, 1, 5)
"""What attention checks ask for, in turn; never 3, which lazy raters choose anyway."""


@dataclass(frozen=True)
class Shown:
    """One clip of the page."""

    code: str
    """All that the page knows of it."""
    kind: Kind
    """``rated``; ``check``, which says what to choose; ``repeat`` of a rated one; ``worst``, ``best`` for practice."""
    system: str = ""
    content: str = ""
    answer: int | None = None
    """What a check asks for."""


@dataclass(frozen=True)
class Plan:
    """A study. It is saved beside the page and never shown to raters."""

    study: str
    """Identifies it: pages and their CSV files carry it."""
    title: str
    question: str
    shown: tuple[Shown, ...]
    orders: tuple[tuple[str, ...], ...]
    """Codes, in the order in which the first rater, the second … sees them."""

    @cached_property
    def by_code(self) -> dict[str, Shown]:
        """What lies behind a code."""
        return {item.code: item for item in self.shown}

    @cached_property
    def systems(self) -> tuple[str, ...]:
        """In alphabetical order."""
        return tuple(sorted({item.system for item in self.of("rated")}))

    @cached_property
    def contents(self) -> tuple[str, ...]:
        """In alphabetical order."""
        return tuple(sorted({item.content for item in self.of("rated")}))

    def of(self, *kinds: str) -> tuple[Shown, ...]:
        """The clips of some kinds."""
        return tuple(item for item in self.shown if item.kind in kinds)

    def order(self, rater: int) -> tuple[str, ...]:
        """What the n-th rater sees, counted from 1."""
        return self.orders[(rater - 1) % len(self.orders)]

    def save(self, path: Path) -> Path:
        """Write the key as JSON."""
        with atomic_path(path) as part:
            part.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")
        return path


def read_plan(path: Path) -> Plan:
    """Read the key of a study.

    Raises:
        ValueError: it is missing, or no key.
    """
    try:
        plain = json.loads(path.read_text("utf-8"))
        shown = tuple(Shown(**item) for item in plain.pop("shown"))
        return Plan(shown=shown, orders=tuple(map(tuple, plain.pop("orders"))), **plain)
    except OSError as error:
        raise ValueError(f"the key {path} cannot be read ({error.strerror}); it was written beside the page") from None
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path} is no key of a study; expected the JSON that was written beside the page") from None


def plan_study(
    clips: Sequence[tuple[str, str]],
    *,
    seed: int,
    title: str = "Talking people",
    question: str = QUESTION,
    design: Design = "balanced",
    checks: int = 2,
    repeats: int = 1,
    anchors: Sequence[Kind] = (),
    raters: int = PLANNED_RATERS,
    fingerprint: str = "",
) -> Plan:
    """Plan who sees what, when, and under which code.

    Args:
        clips: system and content of each; every system shows every content, so that ratings can be paired.
        seed: of codes and orders.
        title: what raters see on top; it must not tell.
        question: what they are asked of each clip.
        design: ``balanced``: systems follow a Williams square, see ``orders.balanced_order``; ``random``: a shuffle.
        checks: attention checks.
        repeats: clips that are shown twice.
        anchors: ``worst`` and ``best``, if there are such clips for practice.
        raters: how many orders are planned.
        fingerprint: of the clips' bytes, so that other clips make another study.

    Raises:
        ValueError: there are no clips, a clip is named twice, a system lacks a content, or a number makes no sense.
    """
    _check(clips, checks, repeats, raters)
    rng = np.random.default_rng(seed)
    again = [clips[place] for place in rng.permutation(len(clips))[:repeats]]
    items = [("rated", *clip, None) for clip in clips] + [("repeat", *clip, None) for clip in again]
    items += [("check", "", "", ASKED_FOR[number % len(ASKED_FOR)]) for number in range(checks)]
    items += [(kind, "", "", None) for kind in anchors]
    codes = _codes(len(items), rng)
    shown = tuple(Shown(code, *item) for code, item in zip(codes, items, strict=True))
    orders = tuple(_order(shown, number, rng, design) for number in range(raters))
    study = _identity(codes, fingerprint)
    return Plan(study, title, question, tuple(sorted(shown, key=lambda item: item.code)), orders)


def _order(shown: Sequence[Shown], number: int, rng: np.random.Generator, design: str) -> tuple[str, ...]:
    """What one rater sees: rated clips, then repeats and checks put between them."""
    rated = {(item.system, item.content): item.code for item in shown if item.kind == "rated"}
    systems, contents = (sorted({clip[side] for clip in rated}) for side in (0, 1))
    ordering = balanced_order if design == "balanced" else random_order
    places = ordering(len(systems), len(contents), rater=number, rng=rng)
    codes = [rated[systems[system], contents[content]] for system, content in places]
    twice = {rated[item.system, item.content]: item.code for item in shown if item.kind == "repeat"}
    checks = [item.code for item in shown if item.kind == "check"]
    return tuple(with_repeats(codes, twice, checks, rng=rng))


def _codes(count: int, rng: np.random.Generator) -> list[str]:
    """Words without meaning, all different."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes["".join(LETTERS[i] for i in rng.integers(len(LETTERS), size=CODE_LENGTH))] = None
    return list(codes)


def _identity(codes: Sequence[str], fingerprint: str) -> str:
    return sha256(("".join(codes) + fingerprint).encode()).hexdigest()[:10]


def _check(clips: Sequence[tuple[str, str]], checks: int, repeats: int, raters: int) -> None:
    if not clips:
        raise ValueError("expected clips to rate, got none")
    if len(set(clips)) < len(clips):
        twice = next(clip for clip in clips if list(clips).count(clip) > 1)
        raise ValueError(f"system {twice[0]} shows the content {twice[1]} twice; name files by what is said in them")
    contents = {content for _, content in clips}
    for system in sorted({system for system, _ in clips}):
        lacking = sorted(contents - {content for name, content in clips if name == system})
        if lacking:
            raise ValueError(
                f"system {system} lacks the content {lacking[0]}, which others show; ratings are paired by content, "
                "so give every system a file of each name"
            )
    if raters < 1 or checks < 0 or not 0 <= repeats <= len(clips):
        raise ValueError(
            f"expected 0 or more checks, 0 to {len(clips)} repeats and at least one rater, got {checks}, {repeats} and "
            f"{raters}"
        )
