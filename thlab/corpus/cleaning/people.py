"""Everybody in the picture: faces of one video after another joined to tracks, a track a person and shot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float, Int

from thlab.corpus.cleaning.geometry import FaceTrack, inter_ocular
from thlab.face.landmarks.detection import Detection, Detector, Picture
from thlab.face.landmarks.face_mesh import FaceMesh

MOST = 4
"""Faces that are looked for at once."""
FARTHEST = 0.6
"""How far a face may move from one frame to the next, in its own widths, and be the same."""
GROWTH = 1.6
"""Factor by which it may grow or shrink."""
PATIENCE = 12
"""Frames for which a lost face is waited for."""


@dataclass(frozen=True, eq=False)
class People:
    """The faces of a video."""

    tracks: tuple[FaceTrack, ...]
    """Each as long as the video; the one that is largest and longest there first."""
    counts: Int[np.ndarray, "frames"]
    """How many faces are in each frame."""

    @property
    def alone(self) -> float:
        """The share of frames with exactly one face; 0 without frames."""
        return float((self.counts == 1).mean()) if len(self.counts) else 0.0

    @property
    def lone_face(self) -> FaceTrack:
        """The face of the frames with exactly one, whoever it is; found nowhere else."""
        landmarks = np.zeros((len(self.counts), 68, 2), np.float32)
        for track in self.tracks:
            landmarks[track.found] = track.landmarks[track.found]
        return FaceTrack(landmarks, self.counts == 1)


def follow_people(pictures: Iterable[Picture], *, detector: Detector | None = None) -> People:
    """Find and follow all faces, a picture at a time, so that a video of any length takes the same memory.

    Args:
        pictures: 25 a second.
        detector: what finds faces; MediaPipe's mesh, up to four of them, when None.

    Raises:
        ValueError: MediaPipe is needed and not there.

    Chapter 01.
    """
    follower = PeopleFollower(detector or face_finder())
    for picture in pictures:
        follower.see(picture)
    return follower.people()


class PeopleFollower:
    """Joins faces to the tracks that they continue."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._open: list[_Thread] = []
        self._threads: list[_Thread] = []
        self._counts: list[int] = []

    def see(self, picture: Picture) -> list[Detection]:
        """Look at the next picture; the faces in it, the largest first."""
        frame, faces = len(self._counts), self._detector.detect(picture, most=MOST)
        self._open = [thread for thread in self._open if frame - thread.last <= PATIENCE]
        free = list(self._open)
        for face in faces:
            thread = _nearest(face, free)
            if thread is None:
                thread = _Thread([], [])
                self._threads.append(thread)
                self._open.append(thread)
            else:
                free.remove(thread)
            thread.add(frame, face)
        self._counts.append(len(faces))
        return faces

    def people(self) -> People:
        """What was seen so far."""
        threads = sorted(self._threads, key=lambda thread: -thread.weight)
        return People(tuple(thread.track(len(self._counts)) for thread in threads), np.array(self._counts, int))


def face_finder() -> Detector:
    """MediaPipe's mesh, made for video, that follows nobody yet; one after another may use it, not two at a time.

    There is only one, since each takes a third of a second and memory that is not given back; what it followed before,
    a black picture makes it forget.

    Raises:
        ValueError: MediaPipe is not there.
    """
    finder = _mesh()
    finder.detect(np.zeros((64, 64, 3), np.uint8))
    return finder


@cache
def _mesh() -> FaceMesh:
    return FaceMesh(still=False, most=MOST)


@dataclass(frozen=True, eq=False)
class _Thread:
    """One face as far as it was followed."""

    frames: list[int]
    points: list[Float[np.ndarray, "68 2"]]

    def add(self, frame: int, face: Detection) -> None:
        self.frames.append(frame)
        self.points.append(face.ibug().astype(np.float32))

    @property
    def last(self) -> int:
        return self.frames[-1]

    @property
    def weight(self) -> float:
        """Its size in pixels, summed over its frames."""
        return float(inter_ocular(np.stack(self.points)).sum())

    def track(self, length: int) -> FaceTrack:
        landmarks, found = np.zeros((length, 68, 2), np.float32), np.zeros(length, bool)
        landmarks[self.frames], found[self.frames] = np.stack(self.points), True
        return FaceTrack(landmarks, found)


def _nearest(face: Detection, threads: list[_Thread]) -> _Thread | None:
    """The track that a face continues."""
    points = face.ibug()
    middle, width = points.mean(0), float(np.ptp(points[:, 0]))
    away = [float(np.linalg.norm(thread.points[-1].mean(0) - middle)) / width for thread in threads]
    grown = [abs(np.log(width / np.ptp(thread.points[-1][:, 0]))) < np.log(GROWTH) for thread in threads]
    near = [place for place in np.argsort(away) if away[place] < FARTHEST and grown[place]]
    return threads[near[0]] if near else None
