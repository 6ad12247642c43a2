"""One HTML file in which somebody rates clips: blind, in an order of their own, without the network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from thlab.experiments.study.answers import COLUMNS
from thlab.experiments.study.clips import attention_clip, packed
from thlab.experiments.study.plan import QUESTION, SCALE, Design, Plan, plan_study
from thlab.media import Clip, atomic_path

TEMPLATE = "page.html"
DATA = "__DATA__"
PRACTICE = {
    "worst": "This one counts as <b>1 – Bad</b>: among the worst that you will see.",
    "best": "This one counts as <b>5 – Excellent</b>: as good as you will see.",
}
PAUSE = 5
"""Seconds that a rating takes besides watching, for the estimate that raters are given."""


@dataclass(frozen=True)
class Study:
    """A page with its key."""

    plan: Plan
    html: str
    """What raters open."""

    def write(self, page: Path, key: Path) -> None:
        """Write both files; the key stays with you.

        Raises:
            ValueError: they would be one file.
        """
        if page.resolve() == key.resolve():
            raise ValueError(f"page and key cannot both be {page}; name another file for --key")
        with atomic_path(page) as part:
            part.write_text(self.html, "utf-8")
        self.plan.save(key)


def make_study(
    clips: Mapping[tuple[str, str], Clip],
    *,
    seed: int,
    anchors: Mapping[str, Clip] | None = None,
    title: str = "Talking people",
    question: str = QUESTION,
    design: Design = "balanced",
    checks: int = 2,
    repeats: int = 1,
) -> Study:
    """Plan a study and make its page.

    The page knows random codes only. Every rater gets a planned order by number, practises on the anchors, plays each
    clip to its end before rating it, and cannot go back: a first impression is asked for, as in absolute category
    rating (ITU-T P.910); until *Next* is pressed the answer can be changed. Answers are kept in the browser at every
    step, so that a reload loses none, and saved as CSV; nothing is sent.

    Args:
        clips: with frames, by system and content.
        seed: of codes and orders.
        anchors: by ``worst`` and ``best`` a clip for practice.
        title: what raters see on top.
        question: what they are asked.
        design: see :func:`plan_study`.
        checks: attention checks, clips that say what to choose.
        repeats: clips shown twice.

    Raises:
        ValueError: see :func:`plan_study`; or a clip takes more than 300 kB.

    Chapter 16.
    """
    anchors = anchors or {}
    unknown = sorted(set(anchors) - PRACTICE.keys())
    if unknown:
        raise ValueError(f"expected anchors called worst and best, got {', '.join(unknown)}")
    kinds: Any = [kind for kind in PRACTICE if kind in anchors]
    named: dict[str, Any] = {"title": title, "question": question, "design": design, "checks": checks}
    plan = plan_study(
        sorted(clips), seed=seed, repeats=repeats, anchors=kinds, fingerprint=fingerprint(clips), **named
    )
    media = packed({item.code: _clip_of(item, clips, anchors) for item in plan.shown})
    seconds = sum(_clip_of(plan.by_code[code], clips, anchors).duration + PAUSE for code in plan.order(1))
    return Study(plan, page_of(plan, media, minutes=max(1, round(seconds / 60))))


def _clip_of(item: Any, clips: Mapping[tuple[str, str], Clip], anchors: Mapping[str, Clip]) -> Clip:
    """What is shown under a code; a check begins like some clip of the study."""
    if item.kind in PRACTICE:
        return anchors[item.kind]
    if item.kind == "check":
        names = sorted(clips)
        return attention_clip(clips[names[item.answer % len(names)]], item.answer)
    return clips[item.system, item.content]


def fingerprint(clips: Mapping[tuple[str, str], Clip]) -> str:
    """Of the pictures, so that a study with other clips is another study."""
    digest = hashlib.sha256()
    for name in sorted(clips):
        frames = clips[name].frames
        assert frames is not None
        digest.update(frames.contiguous().numpy().tobytes())
    return digest.hexdigest()


def page_of(plan: Plan, media: Mapping[str, bytes], *, minutes: int) -> str:
    """The template with what it needs to know: neither systems nor contents, nor what checks ask for."""
    practice = [{"code": item.code, "says": PRACTICE[item.kind]} for kind in PRACTICE for item in plan.of(kind)]
    known = {
        "study": plan.study, "title": plan.title, "question": plan.question, "minutes": minutes,
        "scale": [[point, name] for point, name in SCALE.items()], "columns": list(COLUMNS),
        "orders": _numbered(plan), "codes": [item.code for item in plan.shown], "practice": practice,
        "media": {code: base64.b64encode(media[code]).decode() for code in sorted(media)},
    }  # fmt: skip
    text = json.dumps(known, ensure_ascii=False).replace("<", "\\u003c")
    template = (files("thlab.experiments.study") / TEMPLATE).read_text("utf-8")
    return template.replace(DATA, text)


def _numbered(plan: Plan) -> Sequence[Sequence[int]]:
    """Orders by the place of each code, which is shorter."""
    place = {item.code: number for number, item in enumerate(plan.shown)}
    return [[place[code] for code in order] for order in plan.orders]
