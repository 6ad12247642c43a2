"""Where the head is in every frame of a video, and the crop that shows it as the synthetic corpus shows its people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, UInt8
from scipy.ndimage import gaussian_filter1d

from thlab.face.head.camera import FACE_CROP, PIVOT, Camera
from thlab.face.mesh.basis import TO_CAMERA, mesh_basis
from thlab.face.mesh.topology import RIGID
from thlab.timebase import FPS

CALM = 1.0 * FPS
"""Standard deviation, in frames, of the Gaussian that smooths the path of the crop: it follows a person who moves
over, and lets nods, turns and tremors be seen."""
TINY = 1e-3
"""Pixels per head unit of a face that is not there."""


@dataclass(frozen=True, eq=False)
class Poses:
    """How the mesh lies in each frame: p = s R q + t, in the axes of the head, seen without perspective."""

    scale: Float[np.ndarray, "frames"]
    """Pixels per head unit of 10 cm."""
    rotation: Float[np.ndarray, "frames 3 3"]
    shift: Float[np.ndarray, "frames 3"]
    """Pixels; y up."""

    def __len__(self) -> int:
        return len(self.scale)

    def __getitem__(self, frames: slice) -> Poses:
        return Poses(self.scale[frames], self.rotation[frames], self.shift[frames])

    def to_head(self, points: Float[np.ndarray, "frames points 3"]) -> Float[np.ndarray, "frames points 3"]:
        """From pixels of the picture to head units, in the axes of the head."""
        away = points * TO_CAMERA - self.shift[:, None]
        return np.einsum("fpk,fkj->fpj", away, self.rotation) / self.scale[:, None, None]

    def displacement(self, moved: Float[np.ndarray, "frames points 3"]) -> Float[np.ndarray, "frames points 3"]:
        """A movement in head units as one in pixels of the picture."""
        return self.scale[:, None, None] * np.einsum("fpk,fjk->fpj", moved, self.rotation) * TO_CAMERA

    def angles(self) -> Float[np.ndarray, "frames 3"]:
        """Yaw, pitch and roll in radians, with the signs of ``thlab.face.motion``."""
        r = self.rotation
        pitch = np.arcsin(np.clip(-r[:, 1, 2], -1, 1))
        return np.stack([np.arctan2(r[:, 0, 2], r[:, 2, 2]), pitch, np.arctan2(-r[:, 1, 0], r[:, 1, 1])], 1)


def fit_poses(points: Float[np.ndarray, "frames points 3"]) -> Poses:
    """``thlab.face.mesh.basis.fit_pose`` for many frames at once; a face that is not there gets the scale 0.

    Source: Umeyama 1991, Eqs. 40 to 43.
    """
    here, there = mesh_basis().points[RIGID].astype(float), points[:, RIGID] * TO_CAMERA
    from_mean, to_mean = here - here.mean(0), there - there.mean(1, keepdims=True)
    left, strengths, right = np.linalg.svd(np.swapaxes(to_mean, 1, 2) @ from_mean)
    signs = np.ones((len(points), 3))
    signs[:, 2] = np.where(np.linalg.det(left @ right) < 0, -1, 1)
    rotation = (left * signs[:, None]) @ right
    scale = (strengths * signs).sum(1) / np.square(from_mean).sum()
    return Poses(scale, rotation, there.mean(1) - scale[:, None] * (rotation @ here.mean(0)))


@dataclass(frozen=True, eq=False)
class Crops:
    """A square of the picture for each frame."""

    centre: Float[np.ndarray, "frames 2"]
    """Pixels; x right, y down."""
    side: Float[np.ndarray, "frames"]
    """Pixels."""

    def __len__(self) -> int:
        return len(self.side)

    def __getitem__(self, frames: slice) -> Crops:
        return Crops(self.centre[frames], self.side[frames])

    def into(self, points: Float[np.ndarray, "frames points 2"], size: int) -> Float[np.ndarray, "frames points 2"]:
        """Points of the picture in pixels of the crop."""
        zoom = (size / self.side)[:, None, None]
        return (points - self.centre[:, None]) * zoom + size / 2


def camera_scale(size: int, camera: Camera = FACE_CROP) -> float:
    """Pixels per head unit where the rigid points of a face at rest are, in a picture by the corpus' camera."""
    return camera.focal(size) / (camera.distance - float(rigid_middle()[2]))


def rigid_middle() -> Float[np.ndarray, "3"]:
    """The middle of the rigid points, in head units."""
    return mesh_basis().points[RIGID].mean(0).astype(float)


def turned_middle(poses: Poses) -> Float[np.ndarray, "frames 3"]:
    """The same after the head has turned around the top of the neck."""
    return poses.rotation @ (rigid_middle() - PIVOT) + PIVOT


def rest_places(poses: Poses) -> Float[np.ndarray, "frames 2"]:
    """Where the head's origin would be if it were not turned: the neck stays where it is. In pixels, y down."""
    middle = poses.scale[:, None] * (poses.rotation @ rigid_middle()) + poses.shift
    return (middle - poses.scale[:, None] * turned_middle(poses))[:, :2] * TO_CAMERA[:2]


def calm_crops(poses: Poses, found: Bool[np.ndarray, "frames"] | None = None, *, calm: float = CALM) -> Crops:
    """The crop that puts a head where the corpus' camera for faces has it, with the same size, moving calmly.

    Position and scale of the unturned head are smoothed with a Gaussian over one shot, so turns and nods stay in the
    picture and a tremor of the landmarks cannot shake it. A tilted head stays tilted.

    Args:
        poses: of one shot.
        found: frames that count; None: all. Between them the path is straight.
        calm: standard deviation of the Gaussian, in frames.
    """
    found = np.ones(len(poses), bool) if found is None else found
    path = np.column_stack([np.log(np.maximum(poses.scale, TINY)), rest_places(poses)])
    smooth = gaussian_filter1d(between(path, found), calm, axis=0, mode="nearest")
    scale, places = np.exp(smooth[:, 0]), smooth[:, 1:]
    _, level = FACE_CROP.centre(1)
    centre = places - scale[:, None] * np.array([0.0, level])
    return Crops(centre, scale / camera_scale(1))


def between(
    track: Float[np.ndarray, "frames *numbers"], found: Bool[np.ndarray, "frames"]
) -> Float[np.ndarray, "frames *numbers"]:
    """The track with straight lines over frames that are not found; held at its ends."""
    if found.all() or not found.any():
        return track
    frames = np.arange(len(track))
    known, flat = frames[found], track.reshape(len(track), -1)
    columns = [np.interp(frames, known, column[found]) for column in flat.T]
    return np.stack(columns, 1).reshape(track.shape).astype(track.dtype)


def pose_track(poses: Poses, crops: Crops, size: int) -> Float[np.ndarray, "frames 6"]:
    """Angles and translation of the head, as if the corpus' camera for faces had filmed the crop."""
    camera, zoom = FACE_CROP, size / crops.side
    scale = poses.scale * zoom
    middle = (poses.scale[:, None] * (poses.rotation @ rigid_middle()) + poses.shift)[:, :2] * TO_CAMERA[:2]
    seen = (middle - crops.centre) * zoom[:, None] / scale[:, None]  # head units from the picture's middle
    _, level = camera.centre(size)
    depth = camera.distance - camera.focal(size) / scale
    there = np.column_stack([seen[:, 0], level - seen[:, 1], depth])
    return np.concatenate([poses.angles(), there - turned_middle(poses)], 1)


def cut_out(
    picture: UInt8[np.ndarray, "height width 3"], centre: Float[np.ndarray, "2"], side: float, size: int
) -> UInt8[np.ndarray, "size size 3"]:
    """A square of a picture in another size, at places between pixels; beyond its edges they are repeated.

    Where the picture shrinks, areas are averaged: the square is drawn some whole times larger first.
    """
    import cv2  # of the extra "faces", which MediaPipe needs too

    finer = max(1, round(side / size))
    scale = size * finer / side
    # cv2 counts pixel centres as whole numbers, thlab at .5.
    shift = size * finer / 2 - scale * centre + 0.5 * scale - 0.5
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    flags = cv2.INTER_LINEAR if scale <= 1.5 else cv2.INTER_CUBIC
    drawn = cv2.warpAffine(picture, matrix, (size * finer,) * 2, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(drawn, (size, size), interpolation=cv2.INTER_AREA) if finer > 1 else drawn
