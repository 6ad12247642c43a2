"""The finders of faces by name, with what each needs to be found: packages, weights, or a trained checkpoint."""

from __future__ import annotations

from pathlib import Path

from thlab.experiments.checkpoints import load_checkpoint, restore
from thlab.face.landmarks.detection import Detector
from thlab.face.landmarks.face_mesh import FaceMesh
from thlab.face.landmarks.fan import FaceAlignment
from thlab.face.landmarks.heatmap_detector import HeatmapDetector
from thlab.nn.heatmap_network import HeatmapNetwork, HeatmapNetworkConfig
from thlab.systems.base import config_from

NAMES = ("mediapipe", "own", "face-alignment")
"""What ``--detector`` takes."""


def detector_of(name: str, *, download: bool = False) -> Detector:
    """A finder of faces, ready to be used.

    Args:
        name: ``mediapipe``; ``own``: our network, in the boxes of MediaPipe's detector where that is installed, else
            where it finds a face itself; ``face-alignment``.
        download: whether face-alignment may fetch its weights.

    Raises:
        ValueError: there is no such finder, or it lacks what it needs.
    """
    if name not in NAMES:
        raise ValueError(f"no detector is called {name!r}; choose one of {', '.join(NAMES)}")
    if name == "mediapipe":
        return FaceMesh()
    return own_detector() if name == "own" else FaceAlignment(download=download)


def own_detector(path: Path | None = None, *, alone: bool = False) -> HeatmapDetector:
    """Our network with its kept weights.

    Args:
        path: other weights.
        alone: whether it should look for faces itself, even where MediaPipe could tell it where they are.

    Raises:
        ValueError: the weights are missing, damaged or another network's.
    """
    weights, card = load_checkpoint("landmarker", path)
    network = HeatmapNetwork(config_from(HeatmapNetworkConfig, card.config))
    restore(network, weights, system="landmarker")
    if alone:
        return HeatmapDetector(network)
    try:
        finder = FaceMesh()
    except ValueError:  # MediaPipe is not installed
        return HeatmapDetector(network)
    return HeatmapDetector(network, boxes=finder.face_boxes)
