"""What is true about a frame: landmarks and whether they are seen, regions, depth, normals, and where on the skin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8

from thlab.face.head.avatar import Avatar, bare_neck
from thlab.face.head.camera import Camera
from thlab.face.head.landmarks import landmark_ids
from thlab.face.head.mesh import Material, Part
from thlab.render.rasterize import Fragments, interpolate, rasterize

HIDDEN_BEHIND = 0.06
"""A landmark is hidden when something is so much (head units) nearer to the camera at its pixel."""
TURNED_AWAY = np.where(np.arange(68) < 17, -0.60, -0.25)
"""The least cosine to the camera of a landmark's normal; those of the contour lie where the surface turns away."""


class Region(IntEnum):
    """What a pixel shows. Every pixel has exactly one."""

    BACKGROUND = 0
    SKIN = 1
    """The face with lids, lashes and beard, and a bald scalp."""
    NECK = 2
    LIPS = 3
    """The red of the lips."""
    MOUTH = 4
    """The inside of the mouth with the tongue, without teeth."""
    TEETH = 5
    """Teeth and gums."""
    EYES = 6
    BROWS = 7
    HAIR = 8
    """Hair, and the scalp that it covers."""
    EARS = 9
    CLOTH = 10
    GLASSES = 11


OF_MATERIAL = {
    Material.SKIN: Region.SKIN, Material.MOUTH: Region.MOUTH, Material.TEETH: Region.TEETH,
    Material.TONGUE: Region.MOUTH, Material.BUST: Region.CLOTH, Material.EYE: Region.EYES, Material.LASH: Region.SKIN,
    Material.WET_RIM: Region.SKIN, Material.HAIR: Region.HAIR, Material.GLASSES: Region.GLASSES,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FrameTruth:
    """Everything known about one frame; pictures have the size of the frame."""

    landmarks: Float32[np.ndarray, "68 2"]
    """x right, y down, in pixels; the middle of the first pixel is (0.5, 0.5). In the order of 300-W."""
    visible: Bool[np.ndarray, "68"]
    """In the picture, facing the camera, and behind nothing."""
    regions: UInt8[np.ndarray, "height width"]
    """A :class:`Region` a pixel."""
    depth: Float32[np.ndarray, "height width"]
    """Distance to the camera along its axis, head units of 10 cm; infinite on the background."""
    normals: Float32[np.ndarray, "height width 3"] | None = None
    """Unit normals towards the camera: x the subject's left, y up, z to the camera; zero on the background. None when
    not asked for."""
    uv: Float32[np.ndarray, "height width 2"] | None = None
    """Place on the skin's texture, 0 to 1; zero off the skin of the head. None when not asked for."""


def regions_of(avatar: Avatar, fragments: Fragments) -> UInt8[np.ndarray, "height width"]:
    """Name what every pixel shows."""
    by_material = np.array([OF_MATERIAL[material] for material in Material])
    material = avatar.material[np.maximum(fragments.ids, 0)]
    regions = np.where(fragments.covered, by_material[material], Region.BACKGROUND)
    mesh, extra = avatar.mesh, len(avatar.extra.vertices)
    facts = np.column_stack([mesh.lip_ring, mesh.part == Part.EAR, mesh.vertices])
    values = interpolate(fragments, avatar.triangles, np.concatenate([facts, np.zeros((extra, facts.shape[1]))]))
    skin = (regions == Region.SKIN) & (material == Material.SKIN)
    regions[skin & (values[..., 1] > 0.5)] = Region.EARS
    regions[skin & (values[..., 1] <= 0.5) & (values[..., 0] < 3)] = Region.LIPS
    u, v = np.moveaxis(interpolate(fragments, avatar.triangles, avatar.traits[:, :2].astype(float)), -1, 0)
    texels = len(avatar.texture.brows)
    column, row = (np.clip(c * texels, 0, texels - 1).astype(int) for c in (u, v))
    face = (regions == Region.SKIN) & skin
    regions[face & (avatar.texture.brows[row, column] > 0.4)] = Region.BROWS
    regions[face & (avatar.texture.scalp[row, column] > 0.5)] = Region.HAIR
    bust = (material == Material.BUST) & fragments.covered
    regions[bust & bare_neck(avatar, values[..., 2:])] = Region.NECK
    return regions.astype(np.uint8)


def see_landmarks(
    avatar: Avatar,
    screen: Float32[np.ndarray, "vertices 3"],
    normals: Float32[np.ndarray, "vertices 3"],
    world: Float32[np.ndarray, "vertices 3"],
    depth: Float[np.ndarray, "height width"],
    camera: Camera,
) -> tuple[Float32[np.ndarray, "68 2"], Bool[np.ndarray, "68"]]:
    """Where the landmarks are, and which can be seen."""
    ids = landmark_ids()
    places = screen[ids, :2]
    size = len(depth)
    column, row = (np.clip(np.floor(places[:, k]).astype(int), 0, size - 1) for k in (0, 1))
    inside = ((places >= 0) & (places < size)).all(1)
    distance = camera.distance - world[ids, 2]
    to_camera = np.array([0, 0, camera.distance]) - world[ids]
    cosine = np.einsum("pk,pk->p", normals[ids], to_camera) / np.linalg.norm(to_camera, axis=1)
    near = [
        depth[np.clip(row + dy, 0, size - 1), np.clip(column + dx, 0, size - 1)]
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    ]
    uncovered = np.max(near, axis=0) > distance - HIDDEN_BEHIND
    return places.copy(), inside & (cosine > TURNED_AWAY) & uncovered


def measure(
    avatar: Avatar,
    world: Float32[np.ndarray, "vertices 3"],
    normals: Float32[np.ndarray, "vertices 3"],
    screen: Float32[np.ndarray, "vertices 3"],
    camera: Camera,
    size: int,
    *,
    maps: bool = True,
) -> FrameTruth:
    """Work out the truth of a placed head, one sample in the middle of every pixel; ``maps``: also normals and uv."""
    fragments = rasterize(
        screen, avatar.triangles, size, size, perspective=True, one_sided=avatar.one_sided, frayed=avatar.frayed,
        strands=avatar.strands,
    )  # fmt: skip
    depth = np.where(fragments.covered, np.float32(camera.focal(size)) / fragments.depth, np.float32(np.inf))
    regions = regions_of(avatar, fragments)
    landmarks, visible = see_landmarks(avatar, screen, normals, world, depth, camera)
    seen = FrameTruth(landmarks=landmarks, visible=visible, regions=regions, depth=depth.astype(np.float32))
    if not maps:
        return seen
    pointing = interpolate(fragments, avatar.triangles, normals)
    position = interpolate(fragments, avatar.triangles, world)
    uv = interpolate(fragments, avatar.triangles, avatar.traits[:, :2])
    on_skin = np.isin(regions, (Region.SKIN, Region.LIPS, Region.BROWS))
    return replace(
        seen,
        normals=turned_to_camera(pointing, position, fragments.covered, camera),
        uv=np.where(on_skin[..., None], uv, 0).astype(np.float32),
    )


def turned_to_camera(
    normals: Float32[np.ndarray, "height width 3"],
    position: Float32[np.ndarray, "height width 3"],
    covered: Bool[np.ndarray, "height width"],
    camera: Camera,
) -> Float32[np.ndarray, "height width 3"]:
    """Unit normals; those that interpolation, or the back of a ribbon, turned away from the camera are bent back."""
    view = np.array([0, 0, camera.distance], np.float32) - position
    view /= np.linalg.norm(view, axis=-1, keepdims=True)
    unit = normals / (np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-9)
    cosine = np.einsum("hwk,hwk->hw", unit, view)[..., None]
    bent = unit + np.maximum(0.01 - cosine, 0) * view
    bent /= np.linalg.norm(bent, axis=-1, keepdims=True) + 1e-9
    return np.where(covered[..., None], bent, 0).astype(np.float32)
