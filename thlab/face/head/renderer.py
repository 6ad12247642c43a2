"""From numbers to a picture: expression, pose and gaze in, pixels (and every truth about them) out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from jaxtyping import Float, Float32, UInt8

from thlab.face.head import kernels
from thlab.face.head.avatar import Avatar
from thlab.face.head.background import Background
from thlab.face.head.camera import PIVOT, TORSO_SHARE, Camera, gaze_rotation, rotation
from thlab.face.head.light import Light
from thlab.face.head.occlusion import parallel_view
from thlab.face.head.solid import smoothstep
from thlab.face.head.truth import FrameTruth, measure
from thlab.face.motion import Motion
from thlab.render.rasterize import Fragments, depth_map, rasterize, resolve, vertex_normals

Picture = UInt8[np.ndarray, "height width 3"]
BRIGHTEST = 1.6
"""Linear samples are clipped here, before they are averaged."""
SHOULDER = 0.62
"""Up to this linear value the picture is faithful; above, highlights roll off."""
BEHIND_LIPS = np.float32(0.995)
"""Teeth are drawn as if about 4 mm further away: a lip pressed against them does not let them through."""
SHADOW_EXTENT = 3.6
TEXELS_A_SAMPLE = 1.6
"""The texture's halving is chosen so that a sample covers at most about so many texels of the face."""


@cache
def film() -> UInt8[np.ndarray, "codes"]:
    """The byte for linear light from 0 to :data:`BRIGHTEST`: a soft shoulder, then the sRGB curve."""
    x = np.linspace(0, BRIGHTEST, 4097)
    rolled = np.where(x < SHOULDER, x, 1 - (1 - SHOULDER) * np.exp(-(x - SHOULDER) / (1 - SHOULDER)))
    encoded = np.where(rolled < 0.0031308, 12.92 * rolled, 1.055 * rolled ** (1 / 2.4) - 0.055)
    return np.clip(255 * encoded + 0.5, 0, 255).astype(np.uint8)


class Placed:
    """The vertices of one frame, in the room and on the screen. Buffers are kept from frame to frame."""

    def __init__(self, avatar: Avatar) -> None:
        self.avatar = avatar
        self.head = np.empty((avatar.head_count, 3), np.float32)
        self.world = np.empty((avatar.count, 3), np.float32)
        self.normals = np.empty((avatar.count, 3), np.float32)
        self.screen = np.empty((avatar.count, 3), np.float32)
        self.lamp = np.empty((avatar.count, 3), np.float32)
        self.traits = avatar.traits.copy()
        self.turn = np.eye(3, dtype=np.float32)
        self.eye_centres = np.empty((2, 3), np.float32)
        self.opening = 0.0
        self.row = np.empty(0)
        """The numbers that the head was last moved by."""

    def move(
        self, expression: Float[np.ndarray, "modes"], pose: Float[np.ndarray, "6"], gaze: Float[np.ndarray, "2"]
    ) -> None:
        """Set the face, and place head and torso in the room; nothing is done twice for the same numbers."""
        row = np.concatenate([expression, pose, gaze])
        if np.array_equal(row, self.row):
            return
        self.row = row
        avatar = self.avatar
        self.head = avatar.vertices(expression, gaze_pitch=float(gaze[1]))
        self.turn = rotation(*(float(angle) for angle in pose[:3]))
        shift = np.asarray(pose[3:], np.float32)
        torso = TORSO_SHARE * shift
        arguments = (avatar.follow, self.turn, PIVOT, shift, torso)
        kernels.place(self.head, *arguments, 0, self.world)
        kernels.place(avatar.extra.vertices, *arguments, avatar.head_count, self.world)
        self._find_normals()
        self.eye_centres = ((avatar.eyes.centres - PIVOT) @ self.turn.T + PIVOT + shift).astype(np.float32)

    def look_from(self, camera: Camera, size: int) -> None:
        """Project onto a picture of ``size`` samples."""
        centre_x, level = camera.centre(size)
        kernels.project(self.world, camera.distance, camera.focal(size), centre_x, size / 2, level, self.screen)
        self.screen[self.avatar.teeth, 2] *= BEHIND_LIPS

    def _find_normals(self) -> None:
        """Smooth normals of the moving face; those of hair and glasses only turn."""
        avatar = self.avatar
        vertex_normals(self.world[: avatar.head_count], avatar.mesh.triangles, into=self.normals[: avatar.head_count])
        kernels.turn_all(avatar.extra.normals, self.turn, avatar.head_count, self.normals)

    def shade_parts(self) -> None:
        """What depends on the opening of lids and lips."""
        loops = self.avatar.mesh.loops
        for side, name in enumerate("LR"):
            margin = loops[f"eye_{name}_0"]
            half = len(margin) // 2
            upper, lower = margin[: half + 1], np.concatenate([margin[half:], margin[:1]])
            kernels.shade_eyeball(
                self.head,
                loops[f"eyeball_{name}"],
                upper,
                lower,
                self.avatar.eyes.centres[side],
                self.avatar.eyes.radius,
                self.traits,
            )
        inner = loops["mouth_0"]
        quarter = len(inner) // 4
        gap = float(self.head[inner[quarter], 1] - self.head[inner[3 * quarter], 1])
        self.opening = float(smoothstep(0.0, 0.16, np.float64(gap)))


class Renderer:
    """Draws avatars at one size. It keeps buffers: use one renderer a thread; they may share an avatar.

    Args:
        size: width and height of the picture in pixels.
        supersample: samples a pixel along each side.
        shadows: cast shadows of the key lamp.
        camera: the framing; ``camera.FACE_CROP`` suits small training pictures.
    """

    def __init__(
        self, size: int = 256, *, supersample: int = 2, shadows: bool = True, camera: Camera | None = None
    ) -> None:
        if size < 8 or supersample < 1:
            raise ValueError(f"size must be at least 8 and supersample at least 1, got {size} and {supersample}")
        self.size, self.supersample, self.shadows = size, supersample, shadows
        self.camera = Camera() if camera is None else camera
        samples = size * supersample
        self._fragments = Fragments.empty(samples, samples)
        self._samples = np.empty((samples, samples, 3), np.float32)
        self._shadow_map = np.zeros((self._shadow_size(),) * 2, np.float32)
        self._point = np.empty(kernels.POINT_SIZE, np.float32)
        self._placed: Placed | None = None
        self._lamp: tuple[Light, Float32[np.ndarray, "3 4"]] | None = None

    def _shadow_size(self) -> int:
        return 192 if self.size * self.camera.zoom >= 180 else 112

    def _level(self, levels: int) -> int:
        """The halving of the texture whose texels are about as large as samples."""
        texels = 512 / 2.6 * self.camera.FRAME_HEIGHT / (self.size * self.supersample * self.camera.zoom)
        return int(np.clip(np.floor(np.log2(max(texels, 1) * 2 / TEXELS_A_SAMPLE)), 0, levels - 1))

    def _place(
        self,
        avatar: Avatar,
        expression: Float[np.ndarray, "modes"],
        pose: Float[np.ndarray, "6"],
        gaze: Float[np.ndarray, "2"],
    ) -> Placed:
        if self._placed is None or self._placed.avatar is not avatar:
            self._placed = Placed(avatar)
        self._placed.move(expression, pose, gaze)
        return self._placed

    def _cast_shadows(self, placed: Placed, light: Light) -> Float32[np.ndarray, "3 4"]:
        """Draw what the key lamp sees; returns the map from the room to it."""
        if self._lamp is None or self._lamp[0] is not light:
            self._lamp = light, parallel_view(light.key.astype(float), len(self._shadow_map), SHADOW_EXTENT)
        matrix = self._lamp[1]
        if self.shadows:
            kernels.project_parallel(placed.world, matrix, placed.lamp)
            avatar = placed.avatar
            depth_map(placed.lamp, avatar.casters, self._shadow_map, one_sided=avatar.casters_one_sided)
        return matrix

    def render(
        self,
        avatar: Avatar,
        expression: Float[np.ndarray, "modes"],
        pose: Float[np.ndarray, "6"],
        gaze: Float[np.ndarray, "2"],
        light: Light,
        background: Background,
    ) -> Picture:
        """Draw one frame.

        Args:
            expression: coefficients in the order of ``action_units.EXPRESSIONS``.
            pose: yaw, pitch, roll, x, y, z with the signs of ``thlab.face.motion``.
            gaze: yaw and pitch of the eyes relative to the head.
            background: ``size`` × ``size`` linear pixels, see ``background.sample_background``.

        Raises:
            ValueError: the background has another size.
        """
        if background.shape[:2] != (self.size, self.size):
            raise ValueError(
                f"expected a background of {self.size}×{self.size} pixels, got {background.shape[0]}×"
                f"{background.shape[1]}; use sample_background(rng, {self.size})"
            )
        samples = self.size * self.supersample
        placed = self._place(avatar, expression, pose, gaze)
        placed.shade_parts()
        placed.look_from(self.camera, samples)
        rasterize(
            placed.screen, avatar.triangles, samples, samples, perspective=True, one_sided=avatar.one_sided,
            frayed=avatar.frayed, strands=avatar.strands, into=self._fragments,
        )  # fmt: skip
        shadow_view = self._cast_shadows(placed, light)
        levels = avatar.texture.pyramid
        found = self._fragments
        kernels.shade(
            found.ids, found.weights, found.depth, avatar.triangles, avatar.material, placed.world, placed.normals,
            placed.traits, levels[self._level(len(levels))], avatar.palette, light.table, self.camera.distance,
            placed.opening, placed.turn, placed.turn @ gaze_rotation(gaze), placed.eye_centres, avatar.eyes.radius,
            shadow_view, self._shadow_map, self.shadows, background, self.supersample, self._point, self._samples,
        )  # fmt: skip
        return resolve(self._samples, self.supersample, limit=BRIGHTEST, table=film())

    def truth(
        self,
        avatar: Avatar,
        expression: Float[np.ndarray, "modes"],
        pose: Float[np.ndarray, "6"],
        gaze: Float[np.ndarray, "2"],
        *,
        maps: bool = True,
    ) -> FrameTruth:
        """Everything that is known about the frame that :meth:`render` would draw.

        Args:
            maps: whether normals and texture coordinates are wanted; it is quicker without.
        """
        placed = self._place(avatar, expression, pose, gaze)
        placed.look_from(self.camera, self.size)
        return measure(avatar, placed.world, placed.normals, placed.screen, self.camera, self.size, maps=maps)

    def render_motion(self, avatar: Avatar, motion: Motion, light: Light, background: Background) -> Iterator[Picture]:
        """Draw a motion frame by frame."""
        for expression, pose, gaze in zip(motion.expression, motion.pose, motion.gaze, strict=True):
            yield self.render(avatar, expression, pose, gaze, light, background)
