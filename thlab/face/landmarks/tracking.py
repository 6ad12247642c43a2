"""A face through a video: found, followed, lost and found again; its points steady, but neither late nor flattened."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, UInt8
from torch import Tensor

from thlab.face.landmarks import search
from thlab.face.landmarks.detection import Detection, Detector, Picture
from thlab.face.landmarks.face_mesh import FaceMesh
from thlab.face.landmarks.smoothing import Steadier

MESH = 478
"""Points of MediaPipe's mesh, irises included."""

NOISE = 0.005
"""Distance from a smooth path, in widths of the face, that counts as noise of the detector."""
SEARCH_EVERY = 12
"""Frames between searches for a small face while there is none: the thorough search takes many times a frame's time."""
NOBODY = "no face was found in any of {count} frames; take a video that shows one from the front"
WINDOW = 2.5
"""Side of the window that a small face is followed in, in sizes of its box."""
JUMP = 0.6
"""A face that moves further than this from one frame to the next, in widths, is another one, or after a cut."""


@dataclass(frozen=True, eq=False)
class Track:
    """One face through a video; a row a frame."""

    landmarks: Float32[Tensor, "frames 68 2"]
    """The 68 points of iBUG in pixels, centres at .5; without a face, on the straight way between its neighbours."""
    visible: Bool[Tensor, "frames 68"]
    """Whether the camera can see the point; False where there is no face."""
    found: Bool[Tensor, "frames"]
    """Whether there was a face to be found."""
    mesh: Float32[Tensor, "frames 478 3"]
    """The points of the mesh; zero throughout when the detector gives none."""


class Follower:
    """A detector that follows the largest face of a video, and looks closer when it is too small to be seen.

    The whole picture is tried first, at MediaPipe's speed for video. While that finds nothing, every twelfth frame is
    searched thoroughly, and a face found so is followed in a window around it.
    """

    name = "mediapipe"

    def __init__(self) -> None:
        self._video, self._still = FaceMesh(still=False, most=1), FaceMesh()
        self._window: search.Box | None = None
        self._missed = 0

    def detect(self, picture: Picture, *, most: int = 1) -> list[Detection]:
        """The face, or an empty list; ``most`` beyond 1 changes nothing."""
        faces = self._in_window(picture)
        if not faces and self._window is not None:
            self._window, self._missed = None, 0
            faces = self._in_window(picture)
        if faces:
            self._missed = 0
            return faces
        self._missed += 1
        return self._search(picture) if self._missed % SEARCH_EVERY == 1 else []

    def _in_window(self, picture: Picture) -> list[Detection]:
        if self._window is None:
            return self._video.detect(picture)
        part, back = search.cut_out(picture, self._window)
        faces = [back(face) for face in self._video.detect(part)]
        if faces and search.overlap(faces[0].box, search.square_around(self._window, share=0.8)) < 1:
            self._window = search.square_around(faces[0].box, share=WINDOW)
        return faces

    def _search(self, picture: Picture) -> list[Detection]:
        faces = self._still.detect(picture)
        if faces:
            self._window = search.square_around(faces[0].box, share=WINDOW)
            self._missed = 0
        return faces


def follow(
    pictures: Iterable[UInt8[np.ndarray, "height width 3"] | UInt8[Tensor, "height width 3"]],
    detector: Detector | None = None,
    *,
    noise: float = NOISE,
) -> Iterator[Detection | None]:
    """The face of each picture of a video, its points smoothed in time; None where there is none.

    Two pictures are looked ahead and no more are kept, so a video of any length takes the same memory. After a loss, or
    a jump to another place (a cut), smoothing begins anew.

    Args:
        pictures: one after another, 25 a second.
        detector: any finder of faces; when None, MediaPipe's mesh, made for video (:class:`Follower`).
        noise: what is smoothed away, see :func:`thlab.face.landmarks.smoothing.steady`, in widths of the face; 0 leaves
            the points as they were found.

    Chapter 06.
    """
    finder, steadier = detector or Follower(), Steadier()
    waiting: deque[Detection] = deque()

    def done(points: list[np.ndarray]) -> Iterator[Detection]:
        return (replace(waiting.popleft(), points=smooth) for smooth in points)

    for picture in pictures:
        faces = finder.detect(np.asarray(picture))
        if not faces or (waiting and jumped(waiting[-1], faces[0])):
            yield from done(steadier.flush())
        if not faces:
            yield None
            continue
        waiting.append(faces[0])
        yield from done(steadier.push(faces[0].points, noise=noise * width_of(faces[0])))
    yield from done(steadier.flush())


def track(frames: UInt8[Tensor, "frames height width 3"], detector: Detector | None = None) -> Track:
    """One face through the pictures of a clip, smoothed, with the frames where it was lost filled in.

    Raises:
        ValueError: there is no face in any frame.
    """
    return gathered(list(follow(frames, detector)))


def gathered(faces: Sequence[Detection | None]) -> Track:
    """What :func:`follow` gave, as tensors.

    Raises:
        ValueError: there is no face in any frame.
    """
    pairs = [None if face is None else (face.ibug(), face.ibug_visible()) for face in faces]
    landmarks, seen, found = light_track(pairs)
    known = [face for face in faces if face is not None]
    if known[0].scheme == "mesh478":
        mesh = filled(np.stack([face.points for face in known]), found)
    else:
        mesh = np.zeros((len(faces), MESH, 3))
    return Track(
        torch.from_numpy(landmarks), torch.from_numpy(seen), torch.from_numpy(found), torch.from_numpy(mesh).float()
    )


def light_track(
    faces: Sequence[tuple[Float[np.ndarray, "68 2"], Bool[np.ndarray, "68"]] | None],
) -> tuple[Float32[np.ndarray, "frames 68 2"], Bool[np.ndarray, "frames 68"], Bool[np.ndarray, "frames"]]:
    """Landmarks, visibility and whether there was a face, as in :class:`Track` but without the mesh: for long videos.

    Args:
        faces: the 68 points of each frame and which are visible; None where there is no face.

    Raises:
        ValueError: there is no face in any frame.
    """
    known = [face for face in faces if face is not None]
    if not known:
        raise ValueError(NOBODY.format(count=len(faces)))
    found = np.array([face is not None for face in faces], bool)
    seen = np.zeros((len(faces), 68), bool)
    seen[found] = [visible for _, visible in known]
    return filled(np.stack([points for points, _ in known]), found).astype(np.float32), seen, found


def filled(
    known: Float[np.ndarray, "known points axes"], found: Bool[np.ndarray, "frames"]
) -> Float[np.ndarray, "frames points axes"]:
    """A row for every frame: those that are missing lie on the way between their neighbours, or stand still."""
    times, rows = np.flatnonzero(found), np.arange(len(found))
    after = np.clip(np.searchsorted(times, rows), 0, len(times) - 1)
    before = np.clip(np.searchsorted(times, rows, side="right") - 1, 0, len(times) - 1)
    length = np.maximum(times[after] - times[before], 1)
    share = np.clip((rows - times[before]) / length, 0, 1)[:, None, None]
    return known[before] * (1 - share) + known[after] * share


def width_of(face: Detection) -> float:
    """Of its box, in pixels."""
    left, _, right, _ = face.box
    return right - left


def jumped(last: Detection, fresh: Detection) -> bool:
    """Whether a face is at another place than it can have moved to in one frame."""
    away = fresh.points[:, :2].mean(0) - last.points[:, :2].mean(0)
    return float(np.hypot(*away)) > JUMP * width_of(last)
