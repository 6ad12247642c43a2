"""The rig of a portrait: coefficients, a turn of the head and a glance go in, the place of every vertex comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int32
from scipy.spatial import Delaunay

from thlab.face.head.camera import rotation
from thlab.face.head.solid import smoothstep
from thlab.face.mesh.basis import TO_CAMERA, mesh_basis
from thlab.face.mesh.topology import (
    CHIN,
    INNER_LOWER,
    INNER_UPPER,
    LOWER_LID,
    MIDDLE,
    OVAL,
    POINTS,
    UPPER_LID,
)
from thlab.face.portrait.lips import Lips
from thlab.face.portrait.modes import closing, fitted_modes, mouth_stretch
from thlab.face.portrait.rest import RestFace
from thlab.face.portrait.surroundings import surroundings

Vertices = Float32[np.ndarray, "vertices 3"]
BEHIND_CHIN = (0.0, -0.05, -0.75)
"""The head turns about a point so far from the chin, head units in the axes of the head."""
TEETH_FORWARD = 0.05
"""The teeth lie so far in front of where lips meet, head units."""
EYE_WIDENED = 1.12
"""The patch of an eye reaches under its lids by so much."""
IRIS_WIDENED = 1.2
"""The ring that moves with the iris, in multiples of its radius."""
GLANCE = 0.15
"""Head units that an iris moves per radian."""
GLANCE_ROOM, GLANCE_MOST = 0.30, (0.022, 0.008)
"""An iris moves at most by this share of the white beside it, and sideways and upwards at most so far."""
TURNED_FROM, TURNED_TO, TURNED_KEEPS = 0.20, 0.60, 0.25
"""Yaw of the photograph from which its head turns less, and the share that is left from the second: what lies behind
the silhouette was never photographed."""


@dataclass(frozen=True, eq=False)
class Placed:
    """One frame of a rig; pixels, x right, y down, z away."""

    vertices: Vertices
    """The mesh first, then what is around."""
    opening: float
    """Of the inner lips in the middle, head units."""
    mouth_origin: Float32[np.ndarray, "2"]
    """Where the skull has its teeth: what is painted in the mouth is fixed to it."""
    mouth_axes: Float32[np.ndarray, "2 2"]
    """Columns: one head unit to the right and one down, in the turned head."""

    @property
    def mesh(self) -> Float32[np.ndarray, "468 3"]:
        """The points of the face."""
        return self.vertices[:POINTS]

    @property
    def mouth_frame(self) -> tuple[Float32[np.ndarray, "2"], Float32[np.ndarray, "2 2"]]:
        """Origin and axes of what is fixed to the skull."""
        return self.mouth_origin, self.mouth_axes


class Rig:
    """A portrait that can be moved.

    Args:
        rest: the face of the photograph.
        height: of the part of the picture that moves, in pixels.
        width: of that part.
    """

    def __init__(self, rest: RestFace, *, height: int, width: int) -> None:
        self.rest, self.pose = rest, rest.pose
        self._places = self.pose.to_head(rest.points)
        self.stretch = mouth_stretch(self._places)
        self._fields = fitted_modes(self._places, yaw=self.pose.angles[0])
        self._lips = Lips(self._places, self.pose)
        self._closed = self._closing()
        self._around = surroundings(rest.points, self.pose, height=height, width=width)
        self._eyes = [eye_patch(rest, side) for side in "RL"]
        self._glances = [glance_limits(rest, side) for side in "RL"]
        self.rest_vertices: Vertices = self._all_vertices()
        self.triangles: Int32[np.ndarray, "triangles 3"] = self._all_triangles()
        self._camera = (self.rest_vertices * TO_CAMERA).astype(np.float32)
        self._pivot = (rest.points[CHIN] * TO_CAMERA + self.pose.scale * self.pose.rotation @ BEHIND_CHIN).astype(
            np.float32
        )
        self._follow_head = np.ones(len(self._camera), np.float32)
        self._follow_head[POINTS : POINTS + len(self._around.points)] = self._around.follow_head
        self.freedom = freedom(self.pose.angles[0])

    def _closing(self) -> Float32[np.ndarray, "468 3"]:
        """What turns the mouth of the photograph into closed lips."""
        if not self.rest.open_mouth:
            return np.zeros((POINTS, 3), np.float32)
        return closing(self._places, self._fields, self._lips).astype(np.float32)

    def _all_vertices(self) -> Vertices:
        points = [self.rest.points, self._around.points, *(points for points, _ in self._eyes)]
        return np.concatenate(points).astype(np.float32)

    def _all_triangles(self) -> Int32[np.ndarray, "triangles 3"]:
        """In the order in which they are painted: around, eyes, mouth, then the face from far to near.

        The far cheek of a turned face folds under the nose; painted first, it is painted over.
        """
        around = np.concatenate([OVAL, POINTS + np.arange(len(self._around.points))])[self._around.triangles]
        first, eyes = POINTS + len(self._around.points), []
        for points, triangles in self._eyes:
            eyes.append(triangles + first)
            first += len(points)
        mesh = mesh_basis().triangles
        mesh = mesh[np.argsort(-self.rest.points[mesh, 2].max(1))]
        return np.concatenate([around, *eyes, mouth_strip(), mesh]).astype(np.int32)

    def deform(
        self, expression: Float[np.ndarray, "modes"], *, closed: float = 1.0
    ) -> Float32[np.ndarray, "468 3"]:
        """The face before the head turns, in head units and its axes.

        Args:
            expression: coefficients in the order of ``action_units.EXPRESSIONS``.
            closed: how far a mouth that is open in the photograph is closed first; 0 begins with the photograph.
        """
        places = self._places.astype(np.float32) + np.float32(closed) * self._closed
        for mode in np.flatnonzero(expression):
            places += np.float32(expression[mode]) * self._fields[mode]
        if self.rest.open_mouth and closed < 1:
            return places
        return self._lips.settle(places, expression)

    def place(
        self,
        expression: Float[np.ndarray, "modes"],
        pose: Float[np.ndarray, "6"],
        gaze: Float[np.ndarray, "2"],
        *,
        closed: float = 1.0,
    ) -> Placed:
        """Where everything lies in one frame.

        Args:
            expression: coefficients in the order of ``action_units.EXPRESSIONS``.
            pose: turn and shift of the head away from that of the photograph, with the signs of ``face.motion``;
                a head that is photographed from the side turns less.
            gaze: yaw and pitch of the eyes away from where they look in the photograph, radians.
            closed: see :meth:`deform`.
        """
        face = self.deform(expression, closed=closed)
        moved = self._camera.copy()
        moved[:POINTS] = self.pose.scale * face @ self.pose.rotation.T + self.pose.shift
        oval = (moved[:POINTS] - self._camera[:POINTS])[OVAL]
        around = slice(POINTS, POINTS + len(self._around.points))
        moved[around] += self._around.follow_expression[:, None] * (self._around.oval_shares @ oval)
        self._glance(moved, gaze)
        turn, shift = self._turn(pose)
        turned = (moved - self._pivot) @ turn.T + self._pivot + shift
        vertices = moved + self._follow_head[:, None] * (turned - moved)
        opening, frame = self._lips.opening(face), self._mouth_frame(turn, shift)
        return Placed(vertices * TO_CAMERA.astype(np.float32), opening, *frame)

    def _turn(self, pose: Float[np.ndarray, "6"]) -> tuple[Float32[np.ndarray, "3 3"], Float32[np.ndarray, "3"]]:
        """The rotation of the head and its shift in pixels."""
        yaw, pitch, roll = self.freedom * float(pose[0]), float(pose[1]), float(pose[2])
        shift = self.pose.scale * np.array([pose[3], pose[4], 0.0])
        return rotation(yaw, pitch, roll), shift.astype(np.float32)

    def _glance(self, moved: Vertices, gaze: Float[np.ndarray, "2"]) -> None:
        """Shift the irises in the patches of the eyes."""
        first = POINTS + len(self._around.points)
        for (points, _), most in zip(self._eyes, self._glances, strict=True):
            wanted = GLANCE * np.array([gaze[0], -gaze[1]])
            way = self.pose.scale * self.pose.rotation[:, :2] @ np.clip(wanted, -most, most)
            moved[first + len(points) - IRIS_POINTS : first + len(points)] += way.astype(np.float32)
            first += len(points)

    def _mouth_frame(
        self, turn: Float32[np.ndarray, "3 3"], shift: Float32[np.ndarray, "3"]
    ) -> tuple[Float32[np.ndarray, "2"], Float32[np.ndarray, "2 2"]]:
        """The place of the teeth, which follow the skull and not the lips."""
        ids = [INNER_UPPER[MIDDLE], INNER_LOWER[MIDDLE]]
        meeting = (self._places + self._closed)[ids].mean(0) + np.array([0, 0, TEETH_FORWARD])
        there = self.pose.scale * self.pose.rotation @ meeting + self.pose.shift
        origin = turn @ (there.astype(np.float32) - self._pivot) + self._pivot + shift
        axes = self.pose.scale * (turn @ self.pose.rotation)[:2, :2] * [self.stretch, -1.0]
        flip = TO_CAMERA[:2].astype(np.float32)
        return (origin[:2] * flip).astype(np.float32), (axes * flip[:, None]).astype(np.float32)


def freedom(yaw: float) -> float:
    """The share of its turns to the side that is left to a head photographed at an angle."""
    turned = float(smoothstep(TURNED_FROM, TURNED_TO, abs(yaw)))
    return 1 - (1 - TURNED_KEEPS) * turned


def mouth_strip() -> Int32[np.ndarray, "triangles 3"]:
    """Triangles between the inner lips, from corner to corner."""
    triangles = []
    for column in range(len(INNER_UPPER) - 1):
        a, b, c, d = (row[column + step] for row in (INNER_UPPER, INNER_LOWER) for step in (0, 1))
        triangles += [(a, b, c)] if a != c else []
        triangles += [(c, b, d)] if b != d else []
    return np.array(triangles, np.int32)


IRIS_POINTS = 9
"""Vertices of an eye patch that move with the iris: a ring of eight, and the centre."""


def eye_patch(rest: RestFace, side: str) -> tuple[Float[np.ndarray, "points 3"], Int32[np.ndarray, "triangles 3"]]:
    """A mesh over one eye that reaches under the lids: its rim, widened, then a ring about the iris and its centre."""
    rim = rest.points[np.concatenate([UPPER_LID[side][0], LOWER_LID[side][0][-2:0:-1]])]
    middle = rim.mean(0)
    centre, radius = iris_of(rest, side)
    angle = np.arange(IRIS_POINTS - 1) * 2 * np.pi / (IRIS_POINTS - 1)
    ring = centre + IRIS_WIDENED * radius * np.stack([np.cos(angle), np.sin(angle)], 1)
    iris = np.concatenate([ring, centre[None]])
    flat = np.column_stack([iris, np.full(len(iris), middle[2])])
    points = np.concatenate([middle + (rim - middle) * EYE_WIDENED, flat])
    return points, Delaunay(points[:, :2]).simplices.astype(np.int32)


def iris_of(rest: RestFace, side: str) -> tuple[Float[np.ndarray, "2"], float]:
    """Centre and radius of an iris, pixels."""
    iris = rest.irises[:5] if side == "R" else rest.irises[5:]
    return iris[0, :2], float(np.median(np.linalg.norm(iris[1:, :2] - iris[0, :2], axis=1)))


def glance_limits(rest: RestFace, side: str) -> Float[np.ndarray, "2"]:
    """How far an iris may move sideways and up, head units: less where it fills the eye."""
    corners = rest.points[UPPER_LID[side][0][[0, -1]], :2]
    _, radius = iris_of(rest, side)
    white = max(0.0, 0.5 * float(np.linalg.norm(corners[1] - corners[0])) - radius) / rest.pose.scale
    return np.minimum(GLANCE_ROOM * white, GLANCE_MOST)
