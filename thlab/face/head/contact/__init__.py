"""Contact: what the linear model of the head cannot do, and the measures of mouth and eyes that depend on it."""

from thlab.face.head.contact.settling import (
    MouthShape,
    eye_gap,
    lip_gap,
    lip_gap_of,
    lip_seal,
    mouth_shape,
    mouth_shape_of,
    settle,
)

__all__ = ["MouthShape", "eye_gap", "lip_gap", "lip_gap_of", "lip_seal", "mouth_shape", "mouth_shape_of", "settle"]
