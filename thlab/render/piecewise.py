"""Move a picture piece by piece: a mesh laid over it is deformed, and every triangle takes its pixels along.

The mesh says where each pixel comes from (a map of source coordinates), and the picture is read there once: however
many triangles lie over one another, no pixel is interpolated twice.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, Int32, UInt8

from thlab.render import kernels
from thlab.render import opencv as cv2

Picture = UInt8[np.ndarray, "height width 3"]
Places = Float32[np.ndarray, "vertices 2"]
Map = Float32[np.ndarray, "height width"]
SLACK = 1e-3
"""By this share triangles are widened, so that no crack opens between neighbours."""


class PiecewiseWarp:
    """The warp of one picture by one mesh. It keeps buffers: use one a thread; they may share the picture.

    Args:
        picture: what is moved.
        rest: where the vertices of the mesh lie in it; pixels, x right, y down, centres at .5.
        triangles: in the order in which they are painted: what is nearer later. Together they should cover the
            picture; pixels that none of them covers stay as they are.

    Source: piecewise affine warps as in Cootes et al. 2001, "Active appearance models". Chapter 07.
    """

    def __init__(self, picture: Picture, rest: Places, triangles: Int32[np.ndarray, "triangles 3"]) -> None:
        self.picture, self.rest, self.triangles = picture, rest, triangles
        height, width = picture.shape[:2]
        self._still = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        self._maps = (self._still[0].copy(), self._still[1].copy())

    def sources(self, moved: Places) -> tuple[Map, Map]:
        """Where each pixel comes from, x and y, centres at whole numbers; the next call writes over them."""
        for map_, still in zip(self._maps, self._still, strict=True):
            map_[:] = still
        kernels.fill_sources(moved, self.rest, self.triangles, SLACK, *self._maps)
        return self._maps

    def __call__(self, moved: Float[np.ndarray, "vertices 2"]) -> Picture:
        """The picture with its mesh at other places; bicubic, the border repeated."""
        map_x, map_y = self.sources(np.ascontiguousarray(moved, np.float32))
        return cv2.remap(self.picture, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
