"""Which of the 468 points of MediaPipe's mesh lie where: rings around lips and eyes, the oval, what speech leaves.

Every row runs from the subject's right to the subject's left, as seen in a picture: from left to right. Points 468 to
477, where there are any, are the irises: first the subject's right (centre, then four on its border), then the left.
The numbers are those of Kartynnik et al. 2019, read off MediaPipe's canonical face.
"""

from __future__ import annotations

import numpy as np

POINTS = 468
"""Points of the mesh without irises."""

UPPER_LIP = np.array([
    [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308],
    [62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292],
    [76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306],
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291],
])  # fmt: skip
"""Rings of the upper lip from where lips meet (0) to the border of the red (3); eleven points from corner to corner."""
LOWER_LIP = np.array([
    [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308],
    [62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292],
    [76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306],
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291],
])  # fmt: skip
"""The same of the lower lip; the corners are those of the upper."""
ABOVE_LIPS = np.array([57, 186, 92, 165, 167, 164, 393, 391, 322, 410, 287])
BELOW_LIPS = np.array([57, 43, 106, 182, 83, 18, 313, 406, 335, 273, 287])
"""The first ring of skin around the lips."""
INNER_UPPER, INNER_LOWER = UPPER_LIP[0], LOWER_LIP[0]
OUTER_UPPER, OUTER_LOWER = UPPER_LIP[3], LOWER_LIP[3]
MIDDLE = 5
"""Column of the lip rings in the middle of the mouth."""
MOUTH_CORNERS = (61, 291)
"""The corners of the red, the subject's right first."""

UPPER_LID = {
    "R": np.array([
        [33, 246, 161, 160, 159, 158, 157, 173, 133],
        [130, 247, 30, 29, 27, 28, 56, 190, 243],
        [226, 113, 225, 224, 223, 222, 221, 189, 244],
    ]),
    "L": np.array([
        [362, 398, 384, 385, 386, 387, 388, 466, 263],
        [463, 414, 286, 258, 257, 259, 260, 467, 359],
        [464, 413, 441, 442, 443, 444, 445, 342, 446],
    ]),
}  # fmt: skip
"""Rings above each eye, from the rim of the lid (0) over the crease (1) to below the brow (2); nine points each."""
LOWER_LID = {
    "R": np.array([
        [33, 7, 163, 144, 145, 153, 154, 155, 133],
        [130, 25, 110, 24, 23, 22, 26, 112, 243],
        [226, 31, 228, 229, 230, 231, 232, 233, 244],
    ]),
    "L": np.array([
        [362, 382, 381, 380, 374, 373, 390, 249, 263],
        [463, 341, 256, 252, 253, 254, 339, 255, 359],
        [464, 453, 452, 451, 450, 449, 448, 261, 446],
    ]),
}  # fmt: skip
"""The same below each eye; the corners are those of the upper lid."""
IRIS = {"R": np.arange(468, 473), "L": np.arange(473, 478)}
"""Centre and border of each iris."""

OVAL = np.array([
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
])  # fmt: skip
"""The border of the mesh, from the top of the forehead over the subject's left."""
CHIN, FOREHEAD = 152, 10
RIGID = np.array([
    10, 338, 297, 332, 284, 251, 389, 356, 109, 67, 103, 54, 21, 162, 127, 9, 8, 168, 6, 197, 195, 5, 4, 1, 33, 133,
    263, 362, 116, 123, 345, 352, 98, 327, 50, 280, 454, 234,
])  # fmt: skip
"""Points that neither speech nor blinks move: forehead, temples, nose, corners of the eyes, cheekbones."""
NOSE_AND_CHEEKS = np.array([1, 4, 5, 6, 2, 98, 327, 197, 50, 280])
"""Points that corrections of the lips leave where they are, with the lower lids and the oval."""
CHEEKS = {
    "R": np.array([117, 118, 119, 100, 142, 203, 206, 207, 187, 123]),
    "L": np.array([346, 347, 348, 329, 371, 423, 426, 427, 411, 352]),
}
"""Rings around a patch of bare cheek each, for the colour of the skin."""
FOREHEAD_PATCH = np.array([69, 108, 151, 337, 299, 336, 9, 107])
"""A ring around bare skin between the brows and the middle of the forehead."""
