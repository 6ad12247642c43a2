"""MediaPipe's face mesh: 478 points of a face, offline; the model lies in the package.

Source: Kartynnik et al. 2019, "Real-time facial surface geometry from monocular video on mobile GPUs" (the mesh);
Grishchenko et al. 2020, "Attention mesh" (lips, eyes and irises). Chapter 06.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from thlab.face.landmarks.detection import Detection, Picture

MISSING = (
    "faces in pictures are found by MediaPipe, which is not installed ({reason}); run: pip install -e '.[faces]' "
    "(on a bare Debian also: apt-get install libgl1 libglib2.0-0)"
)
SURE = 0.3
"""Least confidence of a detection: at MediaPipe's default of 0.5 paintings are missed."""


class FaceMesh:
    """Finds faces and fits the mesh.

    Args:
        still: whether pictures have nothing to do with each other; otherwise a face is followed from one to the next,
            which is quicker and steadier.
        most: faces at most that are looked for.

    Raises:
        ValueError: MediaPipe is not installed, or does not load.
    """

    name = "mediapipe"

    def __init__(self, *, still: bool = True, most: int = 8) -> None:
        with _silence():
            self._mesh = _solution().FaceMesh(
                static_image_mode=still, max_num_faces=most, refine_landmarks=True, min_detection_confidence=SURE
            )
            self._mesh.process(np.zeros((8, 8, 3), np.uint8))  # its models are loaded by threads that log on their own

    def detect(self, picture: Picture, *, most: int = 1) -> list[Detection]:
        """The faces of a picture, the largest first."""
        answer = self._mesh.process(np.ascontiguousarray(picture))
        height, width = picture.shape[:2]
        scale = np.array([width, height, width], np.float32)
        found = [_points(face) * scale for face in answer.multi_face_landmarks or []]
        faces = [Detection(points.astype(np.float32), "mesh478") for points in found]
        return sorted(faces, key=lambda face: -face.area)[:most]


def _points(face: Any) -> np.ndarray:
    return np.array([(point.x, point.y, point.z) for point in face.landmark], np.float32)


def _solution() -> Any:
    os.environ.setdefault("GLOG_minloglevel", "3")
    warnings.filterwarnings("ignore", "SymbolDatabase.GetPrototype", UserWarning)  # MediaPipe's own call of protobuf
    try:
        from mediapipe.python.solutions import face_mesh
    except (ImportError, OSError) as error:
        raise ValueError(MISSING.format(reason=str(error).splitlines()[0])) from None
    return face_mesh


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep the log of TensorFlow Lite off the terminal while it starts; it writes past Python's own stderr."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
