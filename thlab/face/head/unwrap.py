"""The skin laid flat: texture coordinates, and what lies at every texel of the mean head.

Textures are painted in space, not on paper: a region ("the cheek") is a formula of the mean head's x, y, z at a texel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float, Float32
from scipy.ndimage import distance_transform_edt

from thlab.face.head.geometry import HeadMesh, mean_head
from thlab.face.head.mesh import Material, Part
from thlab.render.rasterize import interpolate, rasterize

TEXELS = 512
"""Width and height of the skin's texture: about half a pixel of a picture of 256."""
TOP, BOTTOM = 1.30, -1.30
AXIS_Z = -0.1
"""The texture is wrapped around the upright axis x = 0, z = AXIS_Z, its seam at the back."""

Texels = Float32[np.ndarray, "texels texels"]
"""A value at every texel; rows run down the face, columns from the subject's right to the left."""


def flat(points: Float[np.ndarray, "vertices 3"]) -> Float32[np.ndarray, "vertices 2"]:
    """Texture coordinates u, v in [0, 1]: an unrolled cylinder that gives the face more room than the back."""
    angle = np.arctan2(points[:, 0], points[:, 2] - AXIS_Z)
    u = 0.5 + 0.5 * np.sin(angle / 2)
    v = (TOP - points[:, 1]) / (TOP - BOTTOM)
    return np.stack([u, v], 1).astype(np.float32)


def texture_coordinates(mesh: HeadMesh) -> Float32[np.ndarray, "vertices 2"]:
    """u, v of every vertex of the mean head; ears borrow a quiet patch of the cheek."""
    coordinates = flat(mesh.vertices)
    ear = mesh.part == Part.EAR
    x, y = mesh.vertices[ear, 0], mesh.vertices[ear, 1]
    patch = np.stack([np.sign(x) * 0.56, -0.25 + 0.12 * (y + 0.14), np.full_like(x, 0.40)], 1)
    coordinates[ear] = flat(patch)
    return coordinates


@dataclass(frozen=True, eq=False)
class SurfaceMap:
    """The mean head at every texel; texels beyond the skin repeat the nearest one on it."""

    x: Texels
    y: Texels
    z: Texels
    lip_ring: Texels
    """0 where the lips meet, 3 at the border of the red, 9 away from the mouth."""
    lid_ring: Texels
    """1 at the margin of the lid, 1.3 in the crease, 9 away from the eyes."""
    lid_height: Texels
    """1 in the middle of the upper lid, −1 of the lower."""

    @property
    def side(self) -> Texels:
        """Distance from the middle of the face."""
        return np.abs(self.x)


@cache
def surface_map() -> SurfaceMap:
    """What lies where, found by drawing the mean head onto its own texture; kept."""
    mesh = mean_head()
    skin = (mesh.triangles < mesh.skin_count).all(1) & (mesh.material == Material.SKIN)
    coordinates = texture_coordinates(mesh)
    across_the_seam = np.ptp(coordinates[mesh.triangles, 0], axis=1) > 0.4
    triangles = np.ascontiguousarray(mesh.triangles[skin & ~across_the_seam])
    screen = np.column_stack([coordinates * TEXELS, mesh.vertices[:, 2]]).astype(np.float32)
    fragments = rasterize(screen, triangles, TEXELS, TEXELS)
    lid_height = np.where(mesh.eye_side > 0, np.sin(mesh.lid_angle), 0)
    attributes = np.column_stack([mesh.vertices, mesh.lip_ring, mesh.lid_ring, lid_height])
    values = interpolate(fragments, triangles, attributes)
    nearest = distance_transform_edt(~fragments.covered, return_distances=False, return_indices=True)
    filled = values[tuple(nearest)]
    return SurfaceMap(*(np.ascontiguousarray(filled[..., k]) for k in range(6)))
