"""The 68 landmarks of the iBUG scheme as vertices of the head, so that their truth is exact in every frame."""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Int32

from thlab.face.head.geometry import mean_head

GROUPS: dict[str, slice] = {
    "jaw": slice(0, 17),
    "brow_R": slice(17, 22),
    "brow_L": slice(22, 27),
    "nose": slice(27, 36),
    "eye_R": slice(36, 42),
    "eye_L": slice(42, 48),
    "lips_outer": slice(48, 60),
    "lips_inner": slice(60, 68),
}
"""Which of the 68 are what; R and L are the subject's, and all groups but the last two begin at the subject's right."""

MIRRORED = np.array([
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36,
    41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
])  # fmt: skip
"""The landmark across the face."""

EYE_COLUMNS_R = (0, 5, 9, 14, 19, 23)
EYE_COLUMNS_L = (14, 9, 5, 0, 23, 19)
OUTER_LIP_COLUMNS = (22, 18, 13, 11, 9, 4, 0, 40, 36, 33, 30, 26)
INNER_LIP_COLUMNS = (22, 15, 11, 7, 0, 37, 33, 29)


@cache
def landmark_ids() -> Int32[np.ndarray, "68"]:
    """Vertices of the 68 landmarks in the order of iBUG: jaw, brows, nose, eyes, lips, the subject's right first.

    Jaw points are points of the skin, not of the outline: on a turned head they stay where they are and may be hidden,
    where annotators of photographs follow the outline instead.

    Source: Sagonas et al. 2013, "300 Faces in-the-Wild Challenge" (the scheme).
    Notebook: 06, "Landmarks".
    """
    loops = mean_head().loops
    ids = [
        loops["jaw"],
        loops["brow_R"],
        loops["brow_L"],
        loops["nose_bridge"],
        loops["nose_base"],
        loops["eye_R_0"][list(EYE_COLUMNS_R)],
        loops["eye_L_0"][list(EYE_COLUMNS_L)],
        loops["mouth_3"][list(OUTER_LIP_COLUMNS)],
        loops["mouth_0"][list(INNER_LIP_COLUMNS)],
    ]
    return np.concatenate(ids).astype(np.int32)
