"""From measured pairs to a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from thlab.experiments.checkpoints import git_revision
from thlab.experiments.scorecard.card import Scorecard
from thlab.experiments.scorecard.measures import ALL
from thlab.experiments.scorecard.pairs import Pair, score_pair
from thlab.experiments.scorecard.values import Measured, Missing, Value, over_clips, over_seconds
from thlab.metrics.frechet import Moments, frechet_distance, noise_floor

FEATURES = "face_reader's identity"
"""Name of the features behind the Fréchet distance: 48 numbers a face, of a network that knows synthetic people."""
VIDEOS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m4v")
STILL = "still"
ABOUT_STILL = "still: one frame of the real clip, held; what moves no lips must not look better than what does"
ABOUT_SYNC = (
    "sync is judged by thlab's own SyncNet, which knows synthetic people: never compare it with published LSE-D and "
    "LSE-C; and it rewards mush, so read it beside lip r and its spread"
)
NAMED = 3
"""Files that are named in a note."""


def score_videos(
    real: Path, fake: Path, *, cut: bool = False, resize: bool = False, quiet: bool = True
) -> Scorecard:
    """One table of everything, of two videos or of two folders of videos that bear the same names.

    Args:
        real: as filmed.
        fake: as made.
        cut: whether longer videos are cut to the length of their partners.
        resize: whether made pictures are brought to the size of the real ones.
        quiet: no progress bars.

    Raises:
        ValueError: a video or folder is not there, no name is in both folders, or as ``score_pair``.
    """
    command = f"thlab score {real.name} {fake.name}" + " --cut" * cut + " --resize" * resize
    if real.is_dir() != fake.is_dir():
        raise ValueError(f"expected two videos or two folders, but only one of {real} and {fake} is a folder")
    if not real.is_dir():
        pair = score_pair(real, fake, cut=cut, resize=resize, quiet=quiet)
        return card_of([pair], short(fake), f"{fake.name} against {real.name}", command)
    couples, notes = matched(real, fake)
    pairs = [score_pair(*couple, cut=cut, resize=resize, quiet=quiet) for couple in couples]
    title = f"{len(pairs)} clips of {fake.name} against those of {real.name}"
    return card_of(pairs, short(fake), title, command, notes=notes, folder=True)


def matched(real: Path, fake: Path) -> tuple[list[tuple[Path, Path]], list[str]]:
    """Videos of the same name in two folders, and a note on those that have no partner.

    Raises:
        ValueError: there is no such pair, or a folder has two videos of one name.
    """
    names = (by_stem(real), by_stem(fake))
    both = sorted(set(names[0]) & set(names[1]))
    if not both:
        raise ValueError(f"no video in {real} has the name of one in {fake}; name them alike (a.mp4 and a.mp4)")
    notes = []
    for folder, here, there in ((real, names[0], names[1]), (fake, names[1], names[0])):
        alone = sorted(set(here) - set(there))
        if alone:
            told = ", ".join(alone[:NAMED]) + ", …" * (len(alone) > NAMED)
            notes.append(f"left out: {len(alone)} of {folder.name} without a partner ({told})")
    return [(names[0][name], names[1][name]) for name in both], notes


def by_stem(folder: Path) -> dict[str, Path]:
    """The videos of a folder by name without ending."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in VIDEOS and path.is_file():
            if path.stem in found:
                raise ValueError(f"{folder} has both {found[path.stem].name} and {path.name}; leave one of them")
            found[path.stem] = path
    return found


def short(path: Path, *, longest: int = 24) -> str:
    """A name that fits above a column."""
    name = path.stem if path.is_file() else path.name
    return name if len(name) <= longest else name[: longest - 1] + "…"


def card_of(
    pairs: Sequence[Pair], name: str, title: str, command: str, *, notes: Sequence[str] = (), folder: bool = False
) -> Scorecard:
    """The table of one pair, its intervals over seconds, or of several, over clips."""
    name = f"{name} (made)" if name in ("real", STILL) else name
    values = {
        label: {key: one(key, [pair.subjects[subject] for pair in pairs], folder) for key in keys(pairs, subject)}
        for label, subject in ((name, "fake"), ("real", "real"), (STILL, "still"))
    }
    features = [pair.features for pair in pairs]
    floor = ""
    for label, subject in ((name, "fake"), (STILL, "still")):
        values[label]["frechet"], floor = distance_of(features, subject, floor)
    told = list(dict.fromkeys([*notes, *(note for pair in pairs for note in pair.notes), *([floor] if floor else [])]))
    return Scorecard(
        title=title,
        command=command,
        revision=git_revision(),
        unit="clips" if folder else "s",
        subjects=values,
        notes=[*told, ABOUT_STILL, ABOUT_SYNC],
        measures=ALL,
    )


def keys(pairs: Sequence[Pair], subject: str) -> list[str]:
    """Every measure that was taken of a subject in any pair."""
    return list(dict.fromkeys(key for pair in pairs for key in pair.subjects[subject]))


def one(key: str, measured: Sequence[Measured], folder: bool) -> Value:
    """One cell: of one clip over its seconds, of several over clips."""
    taken = [clip[key] if key in clip else Missing("it was not taken") for clip in measured]
    return over_clips(taken) if folder else over_seconds(taken[0])


def distance_of(
    features: Sequence[Mapping[str, Float[Tensor, "_frames numbers"]]], subject: str, floor: str
) -> tuple[Value, str]:
    """The Fréchet distance of all frames together, and a note on what two samples of the same would show."""
    both = [pair for pair in features if subject in pair and "real" in pair]
    if not both:
        return Value(None, why="it needs faces, and none is known"), floor
    try:
        made, real = (Moments.of(torch.cat([pair[who] for pair in both]), name=FEATURES) for who in (subject, "real"))
        value = frechet_distance(made, real)
        least = noise_floor(real, generated=made.count)
    except ValueError as problem:
        return Value(None, why=str(problem)), floor
    note = (
        f"Fréchet distance: on {FEATURES}, all {real.count} frames together, no interval; two halves of equal faces "
        f"would show about {least:.2g}"
    )
    return Value(value, n=len(both)), note
