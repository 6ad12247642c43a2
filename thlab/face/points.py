"""The 68 landmarks of iBUG by name, as slices and indices into them (Sagonas et al. 2013, "300 faces in-the-wild")."""

from __future__ import annotations

MOUTH = slice(48, 68)
"""The lips, outer and inner contour."""
FACE = slice(0, 68)
RIGHT_CORNER, LEFT_CORNER = 36, 45
"""The outer corners of the subject's right and left eye."""
STABLE = (*range(27, 36), 36, 39, 42, 45)
"""Those that neither speech nor blinks move: the nose and the corners of the eyes."""
