"""How blurred a face is: the width of its sharpest edges, whatever their contrast and the size of the picture."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, UInt8
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

from thlab.corpus.cleaning.geometry import inter_ocular

Picture = UInt8[np.ndarray, "height width 3"]
"""Red, green, blue from 0 to 255."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in the brightness of video (ITU-R BT.601)."""
PROBE = 0.04
"""Blur that is added to see how much it changes, in inter-ocular distances."""
SHARPEST = 0.05
"""Share of the pixels, those with the steepest gradients, whose edges are measured."""


def blur_radius(picture: Picture, landmarks: Float[np.ndarray, "68 2"]) -> float:
    """The standard deviation of the blur of a face, as a percentage of its inter-ocular distance.

    An edge of blur σ has the gradient 1/√(σ² + s²) after it was blurred by s, so the ratio R of its gradients at two
    known blurs tells σ, and the height of the edge drops out: σ² = (s_2² − R² s_1²)/(R² − 1).

    Args:
        picture: the whole picture.
        landmarks: of the face, in pixels.

    Returns:
        Percent; about 1 for a sharp picture of 100 px between the eyes. The most that can be told is 100. NaN where
        the face lies outside the picture or has no edge.

    Source: the ratio of gradients is of Zhuo & Sim 2011, "Defocus map estimation from a single image", Eq. 5.
    Chapter 01.
    """
    face = grey_face(picture, landmarks)
    scale = float(inter_ocular(landmarks[None])[0])
    narrow, wide = PROBE / 2 * scale, PROBE * scale
    if min(face.shape, default=0) < 8 or scale < 1:
        return float("nan")
    steep, flat = (gaussian_gradient_magnitude(face, spread, mode="nearest") for spread in (narrow, wide))
    edges = steep >= max(float(np.quantile(steep, 1 - SHARPEST)), 1e-3)
    if not edges.any():
        return float("nan")
    ratio = float(np.median(steep[edges] / np.maximum(flat[edges], 1e-6))) ** 2
    if ratio <= 1:
        return 100.0
    squared = (wide**2 - ratio * narrow**2) / (ratio - 1)
    return float(np.clip(100 * np.sqrt(max(squared, 0.0)) / scale, 0, 100))


def grey_face(picture: Picture, landmarks: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "rows columns"]:
    """The brightness of the box around brows, nose and mouth, 0 to 255."""
    return picture[face_box(landmarks)].astype(np.float32) @ LUMA


def face_box(landmarks: Float[np.ndarray, "68 2"]) -> tuple[slice, slice]:
    """Rows and columns around brows, eyes, nose and mouth: the face without hair and background."""
    inner = landmarks[17:]
    left, top = (max(0, math.floor(side)) for side in inner.min(0))
    right, bottom = (max(0, math.ceil(side)) for side in inner.max(0))
    return slice(top, bottom), slice(left, right)


def blurred_by(picture: Picture, spread: float) -> Picture:
    """The picture after a Gaussian blur of so many pixels."""
    if spread <= 0:
        return picture
    soft = gaussian_filter(picture.astype(np.float32), (spread, spread, 0), mode="nearest")
    return soft.round().clip(0, 255).astype(np.uint8)
