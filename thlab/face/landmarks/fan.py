"""The face-alignment library as a finder of 68 points; its weights are never fetched without being asked for.

Source: Bulat & Tzimiropoulos 2017, "How far are we from solving the 2D & 3D face alignment problem?". Chapter 06.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thlab.face.landmarks.detection import Detection, Picture

SITE = "https://www.adrianbulat.com/downloads/python-fan/"
WEIGHTS = {"s3fd-619a316812.pth": 90, "2DFAN4-11f355bf06.pth.tar": 96}
"""Files of the library's detector and network, and their megabytes (of the numbers in them)."""
MISSING = "face-alignment is not installed ({reason}), which --detector face-alignment needs: pip install -e '.[faces]'"


class FaceAlignment:
    """Finds faces by S3FD and their points by stacked hourglasses; about a second a face on a laptop's processor.

    Args:
        download: whether missing weights may be fetched from the network.
        device: as torch names it.

    Raises:
        ValueError: the package is not installed, or its weights are missing and may not be fetched.
    """

    name = "face-alignment"

    def __init__(self, *, download: bool = False, device: str = "cpu") -> None:
        if (missing := missing_weights()) and not download:
            raise ValueError(_refusal(missing))
        self._aligner = _aligner(device)

    def detect(self, picture: Picture, *, most: int = 1) -> list[Detection]:
        """The faces of a picture, the largest first."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # "No faces were detected."
            answer = self._aligner.get_landmarks_from_image(np.ascontiguousarray(picture), return_landmark_score=True)
        landmarks, scores, _ = answer
        faces = [
            Detection(_with_depth(points), "ibug68", float(np.clip(np.mean(score), 0, 1)))
            for points, score in zip(landmarks or [], scores or [], strict=True)
        ]
        return sorted(faces, key=lambda face: -face.area)[:most]


def weight_folder() -> Path:
    """Where torch keeps what it fetched; ``TORCH_HOME`` names another place."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def missing_weights() -> list[str]:
    """The files that the library would fetch now."""
    return [name for name in WEIGHTS if not (weight_folder() / name).is_file()]


def _refusal(missing: list[str]) -> str:
    listed = ", ".join(f"{SITE}{name} (about {WEIGHTS[name]} MB)" for name in missing)
    return (
        f"face-alignment's weights are not on this machine: {listed}; nothing is fetched unless you ask: put them into "
        f"{weight_folder()}, or give --download (FaceAlignment(download=True)), or take --detector mediapipe"
    )


def _with_depth(points: np.ndarray) -> np.ndarray:
    """Its points count pixel centres at .5, as ours do: what it adds and takes away leaves a half."""
    return np.concatenate([points[:, :2], np.zeros((len(points), 1))], 1).astype(np.float32)


def _aligner(device: str) -> Any:
    try:
        import face_alignment
    except (ImportError, OSError) as error:
        raise ValueError(MISSING.format(reason=str(error).splitlines()[0])) from None
    kind = face_alignment.LandmarksType.TWO_D
    return face_alignment.FaceAlignment(kind, device=device, compile=False, face_detector="sfd")
