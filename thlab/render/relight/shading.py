"""Shade a moved face by what moved: surfaces that turn from the light darken, skin that is squeezed folds.

The photograph holds the light of its rest. Only the change is painted, as a smooth factor close to one: the ratio of
the Lambertian shading of the moved and the resting mesh, and a darkening where neighbouring skin is pushed together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32

from thlab.render import opencv as cv2
from thlab.render.medium import Picture
from thlab.render.relight import kernels

Points3 = Float32[np.ndarray, "vertices 3"]
"""x right and y down in pixels, z in the same unit away from the viewer."""
Triangles = Int32[np.ndarray, "triangles 3"]
Values = Float32[np.ndarray, "vertices"]
AMBIENT = 0.55
"""Share of the light that comes from everywhere."""
TURN_STRENGTH = 0.6
"""How much of the change of shading is painted; the coarse mesh exaggerates it."""
FOLD_STRENGTH = 0.45
"""Darkening for skin squeezed to nothing; a smile squeezes it by a fifth beside the nose."""
LARGEST = 0.16
"""Skin is never made darker or lighter than by this share."""
CELLS = 128
"""Cells of the map along the longer side of the picture."""
SMOOTHING = 0.035
"""Head units: scale of the Gaussian that softens the map."""
USUAL_LIGHT = np.array([0.0, -0.45, -0.89], np.float32)
"""Direction towards a light above and in front."""


@dataclass(frozen=True)
class Relighting:
    """The resting mesh and the light it was photographed in."""

    rest: Points3
    triangles: Triangles
    weights: Values
    light: Float32[np.ndarray, "3"]
    """Unit vector towards the light."""
    unit: float
    """Pixels of a head unit."""
    shading: Values
    """Of the resting vertices."""
    areas: Values
    """Of the skin around the resting vertices, square pixels."""
    strength: float
    """1 as measured on photographs, 0 for no relighting."""


def learn(
    picture: Picture, points: Points3, triangles: Triangles, weights: Values, *, unit: float, strength: float = 1.0
) -> Relighting:
    """Keep the mesh of a photograph at rest, and estimate where its light comes from.

    Args:
        picture: the photograph.
        points: the mesh as it lies in the photograph.
        triangles: its topology, in whatever winding.
        weights: 1 where skin may be shaded, 0 at lips' and lids' inner rings and at the outline of the face.
        unit: pixels of a head unit (10 cm).
        strength: 1 for photographs, paintings and stone; 0 for drawings, which have no shades in between.

    Notebook: 06.
    """
    normals = vertex_normals(points, triangles)
    light = light_of(picture, points, normals, weights)
    return Relighting(
        rest=points,
        triangles=triangles,
        weights=weights,
        light=light,
        unit=unit,
        shading=lambert(normals, light),
        areas=vertex_areas(points, triangles),
        strength=strength,
    )


def apply(picture: Picture, look: Relighting, points: Points3) -> Picture:
    """Relight a frame whose mesh has moved.

    Args:
        picture: the frame, already warped.
        look: learned from the photograph.
        points: where the mesh's vertices are in this frame.

    Returns:
        A new picture; the same array where nothing has moved.

    Source: ratio images (Liu, Shan & Zhang 2001, "Expressive expression mapping with ratio images", Eq. 4), with the
    ratio taken from the mesh instead of a second photograph. Notebook: 06.
    """
    if look.strength == 0.0:
        return picture
    changes = vertex_changes(look, points)
    if not changes.any():
        return picture
    cell = max(picture.shape[:2]) / CELLS
    field = change_map(look, points, changes, picture.shape[:2], cell)
    low, high = points[:, :2].min(0) - 0.1 * look.unit, points[:, :2].max(0) + 0.1 * look.unit
    left, top = np.clip(low, 0, [picture.shape[1], picture.shape[0]]).astype(int)
    right, bottom = np.clip(np.ceil(high), 0, [picture.shape[1], picture.shape[0]]).astype(int)
    lit = picture.copy()
    kernels.shade(lit, field, cell, int(top), int(bottom), int(left), int(right))
    return lit


def vertex_changes(look: Relighting, points: Points3) -> Values:
    """How much lighter (above 0) or darker (below) the skin at each vertex becomes; exactly 0 at rest."""
    turned = lambert(vertex_normals(points, look.triangles), look.light) / look.shading - 1
    squeezed = 1 - np.sqrt(vertex_areas(points, look.triangles) / np.maximum(look.areas, 1e-6))
    change = TURN_STRENGTH * turned - FOLD_STRENGTH * np.clip(squeezed, 0, 1)
    return (LARGEST * np.tanh(change / LARGEST) * look.weights * look.strength).astype(np.float32)


def change_map(
    look: Relighting, points: Points3, changes: Values, size: tuple[int, int], cell: float
) -> Float32[np.ndarray, "rows columns"]:
    """The changes at the vertices as a smooth map over the picture, with `cell` pixels a cell."""
    rows, columns = (int(np.ceil(side / cell)) + 1 for side in size)
    field = np.zeros((rows, columns), np.float32)
    places = np.ascontiguousarray(points[:, :2] / cell, np.float32)
    kernels.fill(field, places, changes, look.triangles)
    return cv2.GaussianBlur(field, (0, 0), max(SMOOTHING * look.unit / cell, 0.5))


def vertex_normals(points: Points3, triangles: Triangles) -> Points3:
    """Unit normals towards the viewer (z below 0), weighted by the areas of the triangles around."""
    corners = points[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = normals * -np.sign(normals[:, 2:] + 1e-12)
    summed = around_vertices(normals, triangles, len(points))
    return (summed / (np.linalg.norm(summed, axis=1, keepdims=True) + 1e-9)).astype(np.float32)


def vertex_areas(points: Points3, triangles: Triangles) -> Values:
    """Area of the triangles around each vertex, in three dimensions."""
    corners = points[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = 0.5 * np.linalg.norm(normals, axis=1, keepdims=True)
    return around_vertices(areas, triangles, len(points))[:, 0].astype(np.float32)


def around_vertices(
    values: Float32[np.ndarray, "triangles channels"], triangles: Triangles, count: int
) -> Float32[np.ndarray, "vertices channels"]:
    """For each vertex the sum of the values of its triangles."""
    corners, repeated = triangles.T.ravel(), np.tile(values, (3, 1))
    return np.stack([np.bincount(corners, column, count) for column in repeated.T], 1).astype(np.float32)


def lambert(normals: Points3, light: Float32[np.ndarray, "3"]) -> Values:
    """Ambient light plus what falls from one direction."""
    return (AMBIENT + (1 - AMBIENT) * np.maximum(normals @ light, 0)).astype(np.float32)


def light_of(picture: Picture, points: Points3, normals: Points3, weights: Values) -> Float32[np.ndarray, "3"]:
    """Direction of the light, from a least-squares fit of luminance = a + b · normal over the skin.

    Drawn half-way to a light above and in front, since the fit mistakes beards and rouge for shade.
    """
    seen = (weights > 0.5) & (normals[:, 2] < -0.2)
    if seen.sum() < 8:
        return USUAL_LIGHT
    soft = cv2.GaussianBlur(picture, (0, 0), 2.0).astype(np.float32).mean(2)
    where = np.clip(np.floor(points[seen, :2]).astype(int), 0, np.array(soft.shape)[::-1] - 1)
    design = np.column_stack([np.ones(seen.sum()), normals[seen]])
    slope = np.linalg.lstsq(design, soft[where[:, 1], where[:, 0]], rcond=None)[0][1:]
    fitted = slope / (np.linalg.norm(slope) + 1e-9)
    light = USUAL_LIGHT + (fitted if fitted[2] < 0 else 0 * fitted)
    return (light / np.linalg.norm(light)).astype(np.float32)
