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

from thlab.face.landmarks import search
from thlab.face.landmarks.detection import Detection, Picture

MISSING = (
    "faces in pictures are found by MediaPipe, which is not installed ({reason}); run: pip install -e '.[faces]' "
    "(on a bare Debian also: apt-get install libgl1 libglib2.0-0)"
)
SURE = 0.3
"""Least confidence of a detection: at MediaPipe's default of 0.5 paintings are missed."""
SURE_TURNED, SURE_IN_TILES = 0.6, 0.8
"""The same for pictures turned on their side, and for tiles: there are many chances to be wrong, and at 0.3 a cat
becomes a person, at 0.7 a dog."""
MOST_BOXES = 8
FAR = 1
"""MediaPipe's number of its detector for faces up to 5 m away."""


class FaceMesh:
    """Finds faces and fits the mesh.

    The package's first detector sees faces that fill a good part of the picture. Where pictures have nothing to do with
    each other, the smaller ones are looked for where its other detector, for faces far away, sees them, in the whole
    picture and then in tiles; and when nothing is found, in the picture turned on its sides. A face upside down is
    often taken for an upright one, and its points are then wrong: turn such pictures first.

    Args:
        still: whether pictures have nothing to do with each other; otherwise a face is followed from one to the next,
            which is quicker and steadier, and only the whole picture is looked at.
        most: faces at most that are looked for.

    Raises:
        ValueError: MediaPipe is not installed, or does not load.
    """

    name = "mediapipe"

    def __init__(self, *, still: bool = True, most: int = 8) -> None:
        with _silence():
            face_mesh, face_detection = _solutions()
            self._mesh = face_mesh.FaceMesh(
                static_image_mode=still, max_num_faces=most, refine_landmarks=True, min_detection_confidence=SURE
            )
            self._mesh.process(np.zeros((8, 8, 3), np.uint8))  # its models are loaded by threads that log on their own
            self._far = None
            if still:
                self._far = face_detection.FaceDetection(model_selection=FAR, min_detection_confidence=SURE)
                self._far.process(np.zeros((8, 8, 3), np.uint8))

    def close(self) -> None:
        """Free its models, about 22 MB; it finds nothing any more."""
        self._mesh.close()
        if self._far is not None:
            self._far.close()

    def detect(self, picture: Picture, *, most: int = 1) -> list[Detection]:
        """The faces of a picture, the largest first."""
        faces = self._whole(picture)
        if self._far is not None and len(faces) < most:
            faces = search.merged(faces + self._closer(picture, known=faces))
        if self._far is not None and not faces:
            faces = search.merged(self._in_tiles(picture)) or search.found_turned(picture, self._turned)
        return sorted(faces, key=lambda face: -face.area)[:most]

    def boxes(self, picture: Picture, *, least: float = SURE) -> list[search.Box]:
        """Where the detector for faces far away sees some, the surest first; left, top, right, bottom in pixels.

        Args:
            least: the confidence, 0 to 1, below which nothing counts.

        Raises:
            ValueError: this one follows a video.
        """
        if self._far is None:
            raise ValueError("a FaceMesh that follows a video has no boxes; make one with still=True")
        answer = self._far.process(np.ascontiguousarray(picture))
        height, width = picture.shape[:2]
        seen = [face for face in answer.detections or [] if face.score[0] >= least]
        found = sorted(seen, key=lambda face: -face.score[0])
        relative = [face.location_data.relative_bounding_box for face in found]
        return [
            (box.xmin * width, box.ymin * height, (box.xmin + box.width) * width, (box.ymin + box.height) * height)
            for box in relative
        ]

    def face_boxes(self, picture: Picture) -> list[search.Box]:
        """Boxes around the faces of a picture: where :meth:`detect` finds them, the largest first."""
        return [face.box for face in self.detect(picture, most=MOST_BOXES)]

    def _whole(self, picture: Picture) -> list[Detection]:
        answer = self._mesh.process(np.ascontiguousarray(picture))
        height, width = picture.shape[:2]
        scale = np.array([width, height, width], np.float32)
        found = [_points(face) * scale for face in answer.multi_face_landmarks or []]
        return [Detection(points.astype(np.float32), "mesh478") for points in found]

    def _closer(self, picture: Picture, *, known: list[Detection]) -> list[Detection]:
        return search.found_at(picture, self.boxes(picture), self._whole, known=known)

    def _turned(self, picture: Picture) -> list[Detection]:
        boxes = self.boxes(picture, least=SURE_TURNED)
        return search.found_at(picture, boxes, self._whole, known=[])

    def _in_tiles(self, picture: Picture) -> list[Detection]:
        faces: list[Detection] = []
        for tile in search.tiles(picture.shape[:2]):
            part, back = search.cut_out(picture, tile)
            boxes = self.boxes(part, least=SURE_IN_TILES)
            faces += [back(face) for face in search.found_at(part, boxes, self._whole, known=[])]
        return faces


def _points(face: Any) -> np.ndarray:
    return np.array([(point.x, point.y, point.z) for point in face.landmark], np.float32)


def _solutions() -> tuple[Any, Any]:
    os.environ.setdefault("GLOG_minloglevel", "3")
    warnings.filterwarnings("ignore", "SymbolDatabase.GetPrototype", UserWarning)  # MediaPipe's own call of protobuf
    try:
        from mediapipe.python.solutions import face_detection, face_mesh
    except (ImportError, OSError) as error:
        raise ValueError(MISSING.format(reason=str(error).splitlines()[0])) from None
    return face_mesh, face_detection


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
