"""One person ready to be filmed: their shape, skin, hair and clothes, put together once and then only read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32

from thlab.face.action_units import expression as named_expression
from thlab.face.head.contact import lip_gap, settle
from thlab.face.head.geometry import mean_head
from thlab.face.head.glasses import make_glasses
from thlab.face.head.hair import make_hair
from thlab.face.head.identity_basis import Eyes, eyes_of
from thlab.face.head.mesh import HeadMesh, Material, Part
from thlab.face.head.model import head_model
from thlab.face.head.occlusion import openness
from thlab.face.head.person import Person
from thlab.face.head.solid import smoothstep
from thlab.face.head.texture import Texture, make_texture
from thlab.face.head.unwrap import texture_coordinates
from thlab.render.rasterize import vertex_normals

Traits = Float32[np.ndarray, "vertices 7"]
"""What a material needs to know of a vertex: u, v, openness to the sky, three numbers a, b, c, and a shade.

Skin: texture coordinates; the shade is the dark of the lash line. Teeth: u in teeth, v from the edge (0) to the gum
(1). Hair: u counts strands, v runs along; (a, b, c) is the direction of the strand. Bust: (a, b, c) is the place at
rest. Eyes: a is +1 for the subject's left; the shade is the light that the lids let through.
"""
Palette = Float32[np.ndarray, "rows 4"]
"""Skin; cloth; trim; hair and its gloss; iris and its radius; lashes and the pupil's radius; frame; neckline."""
NECK_TOP, NECK_BASE = -0.80, -1.40
"""Between these heights the neck twists: above, it follows the head; below, it stays with the shoulders."""


@dataclass(frozen=True, eq=False)
class Extra:
    """What is attached to the head and moves stiffly with it: hair and glasses."""

    vertices: Float32[np.ndarray, "vertices 3"]
    normals: Float32[np.ndarray, "vertices 3"]
    triangles: Int32[np.ndarray, "triangles 3"]
    """Numbered from 0, within the extra."""
    material: Int32[np.ndarray, "triangles"]
    traits: Traits
    strands: Float32[np.ndarray, "vertices 2"]
    casts: Bool[np.ndarray, "triangles"]
    """Which triangles cast shadows."""
    one_sided: Bool[np.ndarray, "triangles"]
    """Which need not be drawn when seen from behind."""


def hair_extra(person: Person) -> list[Extra]:
    hair = make_hair(person)
    if hair is None:
        return []
    traits = np.zeros((len(hair.vertices), 7), np.float32)
    traits[:, :2], traits[:, 2], traits[:, 3:6], traits[:, 6] = hair.strands, 1, hair.tangents, hair.tint
    material = np.full(len(hair.triangles), Material.HAIR, np.int32)
    return [Extra(hair.vertices, hair.normals, hair.triangles, material, traits, hair.strands, hair.casts, hair.hugs)]


def glasses_extra(person: Person) -> list[Extra]:
    glasses = make_glasses(person)
    if glasses is None:
        return []
    vertices, triangles = glasses
    traits = np.zeros((len(vertices), 7), np.float32)
    traits[:, 2] = 1
    normals = vertex_normals(vertices, triangles)
    material = np.full(len(triangles), Material.GLASSES, np.int32)
    none = np.zeros(len(triangles), bool)
    return [Extra(vertices, normals, triangles, material, traits, np.zeros((len(vertices), 2), np.float32), none, none)]


def together(extras: list[Extra]) -> Extra:
    """All extras as one, empty if there are none."""
    if not extras:
        none = np.zeros((0, 3), np.float32)
        no, whole = np.zeros(0, bool), np.zeros((0, 3), np.int32)
        return Extra(none, none, whole, np.zeros(0, np.int32), np.zeros((0, 7), np.float32), none[:, :2].copy(), no, no)
    offsets = np.cumsum([0] + [len(extra.vertices) for extra in extras[:-1]])
    return Extra(
        vertices=np.concatenate([extra.vertices for extra in extras]),
        normals=np.concatenate([extra.normals for extra in extras]),
        triangles=np.concatenate([e.triangles + o for e, o in zip(extras, offsets, strict=True)]).astype(np.int32),
        material=np.concatenate([extra.material for extra in extras]),
        traits=np.concatenate([extra.traits for extra in extras]),
        strands=np.concatenate([extra.strands for extra in extras]),
        casts=np.concatenate([extra.casts for extra in extras]),
        one_sided=np.concatenate([extra.one_sided for extra in extras]),
    )


def tooth_coordinates(mesh: HeadMesh, name: str) -> Float[np.ndarray, "vertices 2"]:
    """u counts teeth along the arch, v runs from the biting edge to the gum."""
    columns = 41
    rows = len(mesh.loops[name]) // columns
    u = np.linspace(6.5, 13.5, columns)
    v = np.array([1.1, 0.78, 0.35, 0.1, 0.0])[:rows]
    return np.stack(np.broadcast_arrays(u, v[:, None]), -1).reshape(-1, 2)


def lash_strands(count: int) -> Float32[np.ndarray, "vertices 2"]:
    """Lashes: roots in one row, closed; tips in the next, parted."""
    along = np.linspace(0, 42, count)
    root, tip = np.stack([along, np.full(count, 0.30)], 1), np.stack([along, np.ones(count)], 1)
    return np.concatenate([root, tip]).astype(np.float32)


def head_traits(mesh: HeadMesh) -> Traits:
    """Traits that do not depend on the person."""
    traits = np.zeros((len(mesh.vertices), 7), np.float32)
    traits[:, :2] = texture_coordinates(mesh)
    traits[:, 2] = 1
    bust = mesh.part == Part.BUST
    traits[bust, 3:6] = mesh.vertices[bust]
    for part, sign in ((Part.EYEBALL_L, 1), (Part.EYEBALL_R, -1)):
        traits[mesh.part == part, 3] = sign
    for ring, light in enumerate((1.0, 0.75, 0.45, 0.20, 0.0)):
        traits[mesh.loops[f"bag_{ring}"], 6] = light
    traits[mesh.loops["mouth_0"], 6] = 0
    for name, light in (("teeth_upper", 1.0), ("teeth_lower", 0.80)):
        ids = mesh.loops[name]
        traits[ids, :2] = tooth_coordinates(mesh, name)
        traits[ids, 6] = light * (0.35 + 0.65 * np.exp(-((mesh.vertices[ids, 0] / 0.17) ** 2)))
    tongue = mesh.loops["tongue"]
    traits[tongue, 6] = smoothstep(0.20, 0.78, mesh.vertices[tongue, 2])
    return traits


def add_lash_line(traits: Traits, mesh: HeadMesh, person: Person) -> Traits:
    """Darken the margins of the lids, where the lashes grow."""
    drawn = traits.copy()
    strength = 0.55 + 0.35 * person.makeup + 0.1 * person.female
    half = len(mesh.loops["eye_L_0"]) // 2 + 1
    for side in "LR":
        margin, next_ring, rim = mesh.loops[f"eye_{side}_0"], mesh.loops[f"eye_{side}_1"], mesh.loops[f"lid_rim_{side}"]
        drawn[margin[half:], 6] = 0.22 * strength
        drawn[margin[:half], 6] = strength
        drawn[next_ring[1 : half - 1], 6] = 0.22 * strength
        drawn[rim[:half], 6] = 0.9 * strength
    return drawn


EAR_RELIEF = (0.35, 0.42, 0.55, 0.95, 0.68, 0.95, 1.0, 1.0, 1.0)
"""How open the rings of an ear are, from the canal outwards: finer than the maps of ``occlusion`` can see."""


def ear_relief(mesh: HeadMesh) -> Float32[np.ndarray, "vertices"]:
    """A factor for the openness of the ears; 1 elsewhere."""
    factor = np.ones(len(mesh.vertices), np.float32)
    for name in ("ear_L", "ear_R"):
        rings = mesh.loops[name].reshape(len(EAR_RELIEF), -1)
        factor[rings] = np.array(EAR_RELIEF)[:, None]
    return factor


def palette(person: Person) -> Palette:
    """A person's colours, one a row, as the shading kernel wants them."""
    curly = person.hair_style in ("afro", "curls", "long_curls", "buzz")
    gloss = (0.35 if curly else 0.75) * (0.6 if max(person.hair) > 0.3 else 1.0)
    rows = [
        (*person.skin, 0.0),
        (*person.cloth, 0.0),
        (*(person.trim if person.stripes else tuple(0.78 * c for c in person.cloth)), 0.0),
        (*person.hair, gloss),
        (*person.iris, person.iris_radius),
        (*(min(0.5 * c, 0.012) for c in person.brow), 0.40),
        (*person.frame, 0.0),
        (-1.36 - 0.16 * person.neckline, 1.1 + 1.6 * person.neckline, 0.28 + 0.25 * person.neckline, person.stripes),
    ]
    return np.array(rows, np.float32)


class Avatar:
    """A person's head, built once (a few tenths of a second) and shared by any number of renderers, which only read it.

    Its first vertices are those of ``geometry.mean_head()``, in the same order; hair and glasses come after them.
    """

    def __init__(self, person: Person) -> None:
        mesh = mean_head()
        self.person: Person = person
        self.mesh: HeadMesh = mesh
        self.eyes: Eyes = eyes_of(person.identity)
        self.texture: Texture = make_texture(person)
        self.teeth: Int[np.ndarray, "teeth"] = np.flatnonzero(np.isin(mesh.part, (Part.TEETH_UPPER, Part.TEETH_LOWER)))
        self.extra: Extra = together(hair_extra(person) + glasses_extra(person))
        self.palette: Palette = palette(person)
        count = len(mesh.vertices)
        self.shape: Float32[np.ndarray, "vertices 3"] = head_model().neutral(person.identity)
        """The head of this person at rest: the mean and the identity modes."""
        self.triangles: Int32[np.ndarray, "triangles 3"] = np.concatenate(
            [mesh.triangles, self.extra.triangles + count]
        )
        self.material: Int32[np.ndarray, "triangles"] = np.concatenate([mesh.material, self.extra.material])
        self.traits: Traits = np.concatenate([add_lash_line(head_traits(mesh), mesh, person), self.extra.traits])
        self.strands: Float32[np.ndarray, "vertices 2"] = self._strands()
        self.follow: Float32[np.ndarray, "vertices"] = self._follow()
        self.frayed: Bool[np.ndarray, "triangles"] = np.isin(self.material, (Material.HAIR, Material.LASH))
        solid = np.isin(mesh.material, (Material.SKIN, Material.BUST, Material.EYE))
        self.one_sided: Bool[np.ndarray, "triangles"] = np.concatenate([solid, self.extra.one_sided])
        casts = np.concatenate([np.isin(mesh.material, (Material.SKIN, Material.BUST)), self.extra.casts])
        self.casters: Int32[np.ndarray, "triangles 3"] = np.ascontiguousarray(self.triangles[casts])
        """What casts shadows."""
        self.casters_one_sided: Bool[np.ndarray, "triangles"] = self.one_sided[casts]
        self._bake_openness()

    @property
    def head_count(self) -> int:
        """How many vertices belong to the head itself rather than to hair and glasses."""
        return len(self.shape)

    @property
    def count(self) -> int:
        """How many vertices there are in all."""
        return len(self.shape) + len(self.extra.vertices)

    def vertices(
        self, expression: Float[np.ndarray, "modes"], *, gaze_pitch: float = 0.0
    ) -> Float32[np.ndarray, "vertices 3"]:
        """The head's vertices in the head's own frame: the shape, the expression modes, then lips and lids settled.

        Hair and glasses are not among them; they do not move with the face. ``gaze_pitch`` (radians, down) moves the
        lids.
        """
        moved = head_model().with_expression(self.shape, expression)
        return settle(moved, self.eyes, expression, gaze_pitch=gaze_pitch)

    def lip_gap(self, expression: Float[np.ndarray, "modes"]) -> float:
        """How far apart the lips are in the middle, in head units of 10 cm; 0 when closed."""
        return float(lip_gap(self.vertices(expression)))

    def _strands(self) -> Float32[np.ndarray, "vertices 2"]:
        strands = np.zeros((self.head_count, 2), np.float32)
        for name in ("lash_L", "lash_R"):
            ids = self.mesh.loops[name]
            strands[ids] = lash_strands(len(ids) // 2)
        return np.concatenate([strands, self.extra.strands])

    def _follow(self) -> Float32[np.ndarray, "vertices"]:
        """How far each vertex follows the head: the shoulders stay where they are, long hair lies on them."""
        head = np.where(self.mesh.part == Part.BUST, smoothstep(NECK_BASE, NECK_TOP, self.mesh.vertices[:, 1]), 1)
        extra = 0.1 + 0.9 * smoothstep(-1.70, -0.75, self.extra.vertices[:, 1])
        return np.concatenate([head, extra]).astype(np.float32)

    def _bake_openness(self) -> None:
        """Darken what little of the sky reaches: under the chin, beneath the hair, behind the ears."""
        rest = self.vertices(named_expression())
        normals = vertex_normals(rest, self.mesh.triangles)
        vertices = np.concatenate([rest, self.extra.vertices])
        normals = np.concatenate([normals, self.extra.normals])
        open_ = openness(vertices, normals, self.casters, self.casters_one_sided)
        part = self.mesh.part
        soft = np.isin(part, (Part.SKIN, Part.EAR, Part.BUST))
        head = np.where(soft, 0.25 + 0.75 * open_[: self.head_count], 1)
        self.traits[: self.head_count, 2] = head * ear_relief(self.mesh)
        is_hair = np.zeros(len(self.extra.vertices), bool)
        is_hair[self.extra.triangles[self.extra.material == Material.HAIR]] = True
        self.traits[self.head_count :, 2] = np.where(is_hair, 0.30 + 0.70 * open_[self.head_count :], 1)


def bare_neck(avatar: Avatar, rest: Float[np.ndarray, "height width 3"]) -> Bool[np.ndarray, "height width"]:
    """Whether places on the bust, given at rest, are above the neckline of the clothes."""
    height, bend, depth = avatar.palette[7, :3]
    return rest[..., 1] > height + bend * rest[..., 0] ** 2 - depth * rest[..., 2]
