"""How fast a face is followed through a clip, by each finder that is there, on an invented person who speaks.

    python tests/benchmarks/bench_landmarks.py [FRAMES] [PIXELS]

250 frames of 512 pixels unless told otherwise, and 15 for our network, which searches each. Columns: frames a second,
frames in which the face was found, and the mean error without the jaw, in % of the distance of the eyes' outer corners.
MediaPipe's mesh should reach 60. Speed counts on a machine that does nothing else: the best of three rounds is told.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from thlab.experiments.detectors import own_detector
from thlab.face.action_units import EXPRESSIONS, expression
from thlab.face.head import Camera, Renderer, Stage, sample_person
from thlab.face.landmarks import Detection, Detector, follow
from thlab.face.motion import Motion
from thlab.timebase import frame_times

ROUNDS = 3
ACTOR = 18
FACE = slice(17, 68)
FEW = 15
"""Frames for the finder that searches each of them."""


def spoken(frames: int) -> Motion:
    """A mouth that opens four times a second on a head that looks around."""
    times = frame_times(frames)
    faces = np.zeros((frames, len(EXPRESSIONS)), np.float32)
    faces += (0.3 - 0.3 * np.cos(2 * np.pi * 4 * times))[:, None] * expression(jaw_open=1.0)
    pose = np.zeros((frames, 6), np.float32)
    pose[:, 0], pose[:, 1] = 0.3 * np.sin(2 * np.pi * times / 5), 0.1 * np.sin(2 * np.pi * times / 3)
    return Motion(faces, pose, np.zeros((frames, 2), np.float32))


def truths(stage: Stage, motion: Motion) -> np.ndarray:
    """The landmarks of every frame."""
    draw = Renderer(stage.size, camera=Camera())
    rows = zip(motion.expression, motion.pose, motion.gaze, strict=True)
    return np.stack([draw.truth(stage.avatar, *row, maps=False).landmarks for row in rows])


def measured(pictures: list[np.ndarray], detector: Detector | None) -> tuple[float, list[Detection | None]]:
    """Frames a second, and what was found."""
    began = time.perf_counter()
    faces = list(follow(pictures, detector))
    return len(pictures) / (time.perf_counter() - began), faces


def report(name: str, pictures: list[np.ndarray], wanted: np.ndarray, detector: Detector | None) -> None:
    rounds = [measured(pictures, detector) for _ in range(ROUNDS)]
    faces = rounds[0][1]
    eyes = np.linalg.norm(wanted[:, 36] - wanted[:, 45], axis=1)
    errors = [
        np.linalg.norm(face.ibug() - truth, axis=1)[FACE].mean() / between
        for face, truth, between in zip(faces, wanted, eyes, strict=True)
        if face is not None
    ]
    error = f"{100 * np.mean(errors):.2f} %" if errors else "none"
    print(f"{name:<24}{max(speed for speed, _ in rounds):>8.0f}{len(errors):>6}/{len(faces)}{error:>10}", flush=True)


if __name__ == "__main__":
    frames, size = (int(value) for value in (*sys.argv[1:], *("250", "512")[len(sys.argv) - 1 :]))
    stage, motion = Stage(sample_person(ACTOR), size=size), spoken(frames)
    shown, known = list(stage.frames(motion)), truths(stage, motion)
    report("mediapipe", shown, known, None)
    report("own, looking for itself", shown[:FEW], known[:FEW], own_detector(alone=True))
