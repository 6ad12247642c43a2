"""What the points of the mesh say about a whole video: who it is, where the head is, and the truth of each clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32

from thlab.corpus.cleaning.geometry import lips_seen
from thlab.corpus.prepare import estimates
from thlab.corpus.prepare.identity import IdentityFit, error_mm, fit_identity
from thlab.corpus.prepare.poses import Crops, Poses, between, calm_crops, fit_poses, pose_track
from thlab.corpus.prepare.shots import Piece
from thlab.corpus.prepare.watching import Watched
from thlab.face.landmarks.conversion import mesh_to_ibug
from thlab.media import Truth

ANOTHER_MM = 3.0
"""Two shots whose faces at rest are farther apart than this are probably of two people."""
LEARNED_FROM = 1500
"""Frames, spread over the video, from which the person's face at rest is learned."""


@dataclass(frozen=True, eq=False)
class Study:
    """What the points of the mesh say about the whole video."""

    poses: Poses
    crops: Crops
    opening: Float[np.ndarray, "frames"]
    """Gap between the lips, in distances of the eyes' outer corners."""
    person: estimates.Person
    fit: IdentityFit
    others: list[int]
    """Shots whose face at rest is not that of the longest one."""


def study_face(watched: Watched, shots: list[tuple[int, int]], pieces: list[Piece]) -> Study:
    """Learn person, poses and crops; no more than a thousand meshes are in memory at once."""
    poses, opening = _all_poses(watched)
    crops = Crops(np.zeros((len(watched), 2)), np.ones(len(watched)))
    for start, stop in shots:
        shot = slice(start, stop)
        calm = calm_crops(poses[shot], watched.found[shot])
        crops.centre[shot], crops.side[shot] = calm.centre, calm.side
    person = estimates.know(_spread(watched, [(piece.start, piece.stop) for piece in pieces], LEARNED_FROM))
    return Study(poses, crops, opening, person, fit_identity(person.rest), _other_people(watched, shots, pieces))


def _all_poses(watched: Watched) -> tuple[Poses, Float[np.ndarray, "frames"]]:
    parts, openings = [], []
    for block in watched.blocks():
        mesh = watched.mesh(block).astype(float)
        parts.append(fit_poses(mesh))
        openings.append(lips_seen(mesh_to_ibug(mesh)).gap)
    whole = (np.concatenate([getattr(part, name) for part in parts]) for name in ("scale", "rotation", "shift"))
    return Poses(*whole), np.concatenate(openings)


def _spread(watched: Watched, stretches: list[tuple[int, int]], most: int) -> Float[np.ndarray, "chosen points 3"]:
    """Meshes of frames spread evenly over some stretches."""
    frames = np.concatenate([np.arange(*stretch) for stretch in stretches])
    frames = frames[watched.found[frames]]
    chosen = frames[np.linspace(0, len(frames) - 1, min(most, len(frames))).round().astype(int)]
    return np.concatenate([watched.mesh(slice(int(f), int(f) + 1)) for f in chosen]).astype(float)


def _other_people(watched: Watched, shots: list[tuple[int, int]], pieces: list[Piece]) -> list[int]:
    """Shots that seem to show somebody else than the longest one."""
    used = sorted({piece.shot for piece in pieces}, key=lambda shot: shots[shot][0] - shots[shot][1])
    rests = {shot: estimates.know(_spread(watched, [shots[shot]], LEARNED_FROM // 5)).rest for shot in used}
    return sorted(shot for shot in used[1:] if error_mm(rests[shot] - rests[used[0]]) > ANOTHER_MM)


def truth_of(watched: Watched, study: Study, piece: Piece, size: int) -> Truth:
    """Everything that is estimated for a piece; landmarks in pixels of the clip."""
    rows = slice(piece.start, piece.stop)
    found = watched.found[rows]
    mesh = between(watched.mesh(rows).astype(float), found)
    crops, person = study.crops[rows], study.person
    expression, poses = estimates.fit_expressions(mesh, person.rest)
    head = poses.to_head(mesh)
    landmarks = crops.into(mesh_to_ibug(mesh), size)
    tracks = {
        "landmarks": landmarks,
        "expression": expression,
        "pose": pose_track(poses, crops, size),
        "gaze": estimates.gaze(head, person.gaze),
        "blink": estimates.blinks(head, person.open_eye),
    }
    named: dict[str, Any] = {name: torch.from_numpy(rounded(track)) for name, track in tracks.items()}
    return Truth(
        **named,
        visible=torch.from_numpy(estimates.visible(landmarks, poses, size) & found[:, None]),
        identity=torch.from_numpy(study.fit.coefficients) if study.fit.fits else None,
    )


def rounded(track: Float[np.ndarray, "frames *numbers"]) -> Float32[np.ndarray, "frames *numbers"]:
    """To about four digits, which halves the files."""
    return (np.round(track * 4096) / 4096).astype(np.float32)
