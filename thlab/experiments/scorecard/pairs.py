"""A pair of videos, or two folders of them: what is real, what is made, and everything that can be said of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from thlab.experiments.scorecard.alike import check_sizes, cut_alike, resized, told_size
from thlab.experiments.scorecard.motion import natural
from thlab.experiments.scorecard.pictures import Looked, first_found, look, scales_told
from thlab.experiments.scorecard.reading import Seen, see, truth_of
from thlab.experiments.scorecard.sync import no_sync, sync_tracks
from thlab.experiments.scorecard.values import (
    CORRELATION,
    MEAN,
    MEAN_OVER,
    SPREAD_OVER,
    Measured,
    Missing,
    Single,
    Track,
)
from thlab.experiments.scores import judge, read_faces
from thlab.face.points import MOUTH
from thlab.media import Truth
from thlab.metrics.landmark import align, eye_distance, lip_gap


@dataclass(frozen=True, eq=False)
class Pair:
    """One pair, measured."""

    name: str
    subjects: dict[str, Measured]
    """``fake``, ``real`` and ``still``."""
    features: dict[str, Float[Tensor, "frames numbers"]]
    """Of their faces, for the Fréchet distance; empty where the face is not known."""
    notes: list[str]


def score_pair(real: Path, fake: Path, *, cut: bool = False, resize: bool = False, quiet: bool = True) -> Pair:
    """Measure one video against another of the same moments.

    Args:
        real: as filmed.
        fake: as made.
        cut: whether the longer is cut, however much longer it is.
        resize: whether the pictures of the second are brought to the size of the first.
        quiet: no progress bars.

    Raises:
        ValueError: a video cannot be read; lengths differ by more than two frames, or sizes differ, and that is not
            asked for.
    """
    pair, notes = _both(real, fake, quiet=quiet)
    check_sizes(*pair, resize=resize)
    pair, cuts = cut_alike(*pair, cut=cut)
    if pair[0].size != pair[1].size:
        notes.append(f"{pair[1].name} was resized from {told_size(pair[1])} to {told_size(pair[0])}")
        pair = (pair[0], resized(pair[1], pair[0].size))
    looked = look(*pair, quiet=quiet)
    return measured(pair[0], pair[1], looked, [*notes, *cuts])


def _both(real: Path, fake: Path, *, quiet: bool) -> tuple[tuple[Seen, Seen], list[str]]:
    """Read both faces alike: by their truths where both have landmarks, else both by the mesh."""
    truths = [truth_of(real), truth_of(fake)]
    known = [truth is not None and truth.landmarks is not None for truth in truths]
    notes = []
    if any(known) and not all(known):
        notes.append("only one of the two has landmarks in its truth, so both faces are read by the mesh")
    used: list[Truth | None] = truths if all(known) else [None, None]
    return (see(real, truth=used[0], quiet=quiet), see(fake, truth=used[1], quiet=quiet)), notes


# -- from what was seen to measures -----------------------------------------------------------------------------------


def measured(real: Seen, fake: Seen, looked: Looked, notes: Sequence[str] = ()) -> Pair:
    """Everything that can be said of a pair."""
    faces = {name: torch.cat(parts) for name, parts in looked.faces.items()}
    features: dict[str, Tensor] = {}
    for name in {"real", "fake"} & faces.keys():
        features[name] = read_faces(judge(), faces[name]).identity
    if "real" in features:
        first = first_found(real)
        features["still"] = features["real"][first : first + 1].expand(real.count, -1)
    kept = both_found(real, fake)
    subjects: dict[str, dict[str, Track | Single | Missing]] = {"fake": {}, "real": {}, "still": {}}
    for subject in ("fake", "still"):
        subjects[subject] |= pictures_of(looked, subject, real)
        subjects[subject] |= identities(features, subject, kept, real, fake)
    subjects["fake"] |= lips_of(real, fake, kept)
    subjects["fake"] |= detail_of(looked, real, fake)
    subjects["still"] |= {"lip_r": Single(0.0), "lip_spread": Single(0.0)} if real.landmarks is not None else {}
    told = [*notes, *lost(real), *lost(fake), *scales_told(real.size)]
    for subject, seen in (("fake", fake), ("real", real), ("still", real)):
        heard = seen if subject == "fake" and not fake.mute else real
        subjects[subject] |= sync_of(looked, subject, heard, seen)
        if subject != "still":
            subjects[subject] |= natural(seen.take, real.take, itself=subject == "real")
    if fake.mute and not real.mute:
        told.append(f"{fake.mute}, so its lips are judged by the sound of {real.name}")
    return Pair(fake.name, dict(subjects), features, told)


def both_found(real: Seen, fake: Seen) -> np.ndarray:
    """Frames in which both faces were found; none where a face is not known at all."""
    if real.found is None or fake.found is None:
        return np.zeros(0, int)
    return np.flatnonzero(real.found & fake.found)


def unknown(*seen: Seen) -> str:
    """Why a face is not known."""
    return next((one.why for one in seen if one.landmarks is None), "no frame shows both faces")


def lost(seen: Seen) -> list[str]:
    """A note where the face is missing in some frames."""
    if seen.found is None or seen.found.all():
        return []
    return [
        f"the face of {seen.name} was not found in {int((~seen.found).sum())} of {seen.count} frames; they are left "
        "out of what is read from landmarks"
    ]


def pictures_of(looked: Looked, subject: str, real: Seen) -> Measured:
    """The numbers of the pictures; those of the mouth alone where it is known."""
    frames = np.array(looked.compared)
    missing = {name: Missing(why) for name, why in looked.missing.get(subject, {}).items()}
    if real.landmarks is None:
        missing |= {f"{name}_mouth": Missing(real.why) for name in ("psnr", "ssim", "ms_ssim")}
    numbers = {
        name: Track((np.array(row),), frames, MEAN) for name, row in looked.numbers.get(subject, {}).items()
        if name != "detail" and name not in missing
    }  # fmt: skip
    return missing | {name: finite(track) if name.startswith("psnr") else track for name, track in numbers.items()}


def finite(track: Track) -> Track:
    """PSNR without frames that are equal to the byte, whose PSNR is infinite; infinite where all are."""
    known = np.isfinite(track.rows[0])
    return Track((track.rows[0][known],), track.frames[known], MEAN) if known.any() else track


def detail_of(looked: Looked, real: Seen, fake: Seen) -> Measured:
    """Fine detail around the mouth, over that of the real pictures."""
    if real.landmarks is None or fake.landmarks is None:
        return {"detail": Missing(unknown(real, fake))}
    rows = tuple(np.array(looked.numbers[subject]["detail"]) for subject in ("fake", "real"))
    return {"detail": Track(rows, np.array(looked.compared), MEAN_OVER)}


def identities(
    features: dict[str, Tensor], subject: str, kept: np.ndarray, real: Seen, fake: Seen
) -> Measured:
    """The cosine of the face's identity with the real one's, frame by frame."""
    if subject not in features or "real" not in features or len(kept) == 0:
        return {"identity": Missing(unknown(real, fake))}
    cosine = (features[subject] * features["real"]).sum(-1)[kept].numpy()
    return {"identity": Track((cosine,), kept, MEAN)}


def lips_of(real: Seen, fake: Seen, kept: np.ndarray) -> Measured:
    """Landmark distances, whether the lips follow, and whether they shake."""
    names = ("lip_r", "lip_spread", "lmd_mean", "lmd_squared", "lmd_summed", "lmd_aligned", "lmd", "jitter")
    if real.landmarks is None or fake.landmarks is None or len(kept) == 0:
        return {name: Missing(unknown(real, fake)) for name in names}
    ours, theirs = fake.landmarks[kept], real.landmarks[kept]
    apart = lip_distances(ours, theirs)
    calm = lip_distances(align(ours, theirs), theirs)
    gaps = (lip_gap(ours).numpy(), lip_gap(theirs).numpy())
    return {
        "lip_r": Track(gaps, kept, CORRELATION),
        "lip_spread": Track(gaps, kept, SPREAD_OVER),
        "lmd_mean": Track((apart.mean(1),), kept, MEAN),
        "lmd_squared": Track((np.square(apart).mean(1),), kept, MEAN),
        "lmd_summed": Track((apart.sum(1),), kept, MEAN),
        "lmd_aligned": Track((calm.mean(1),), kept, MEAN),
        "lmd": Track((calm.mean(1) / eye_distance(theirs).numpy(),), kept, MEAN),
        "jitter": jitter(fake, real),
    }


def lip_distances(ours: Tensor, theirs: Tensor) -> Float[np.ndarray, "frames points"]:
    """Of each point of the mouth, in pixels."""
    return (ours - theirs)[:, MOUTH].norm(dim=-1).numpy()


def jitter(fake: Seen, real: Seen) -> Track | Missing:
    """Acceleration of the mouth's points over the real ones', where both are found three frames in a row."""
    assert fake.landmarks is not None
    assert real.landmarks is not None
    there = np.isin(np.arange(real.count), both_found(real, fake))
    thrice = np.flatnonzero(there[:-2] & there[1:-1] & there[2:]) if real.count > 2 else np.zeros(0, int)
    if len(thrice) == 0:
        return Missing("jitter needs a face in three frames in a row")
    mouths = (fake.landmarks[:, MOUTH], real.landmarks[:, MOUTH])
    bends = [points.diff(n=2, dim=0).norm(dim=-1).mean(-1).numpy()[thrice] for points in mouths]
    return Track((bends[0], bends[1]), thrice, MEAN_OVER)


def sync_of(looked: Looked, subject: str, heard: Seen, seen: Seen) -> Measured:
    """What the judge of lips says."""
    if subject not in looked.lips:
        return no_sync(unknown(seen))
    if heard.mute or heard.audio is None:
        return no_sync(heard.mute)
    return sync_tracks(torch.cat(looked.lips[subject]), heard.audio)
