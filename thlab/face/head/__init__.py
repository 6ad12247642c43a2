"""The open procedural head: a morphable face with hair, clothes and light, and every truth about its pictures."""

from thlab.face.head.avatar import Avatar
from thlab.face.head.background import plain_background, sample_background
from thlab.face.head.camera import FACE_CROP, Camera, rotation
from thlab.face.head.contact import (
    MouthShape,
    eye_gap,
    lip_gap,
    lip_gap_of,
    lip_seal,
    mouth_shape,
    mouth_shape_of,
    settle,
)
from thlab.face.head.geometry import HeadMesh, Material, Part, mean_head
from thlab.face.head.identity_basis import (
    IDENTITY_MODES,
    Eyes,
    eyes_of,
    identity_displacement,
    sample_identity,
)
from thlab.face.head.landmarks import landmark_ids
from thlab.face.head.light import Light, sample_light, studio_light
from thlab.face.head.model import HeadModel, head_model
from thlab.face.head.person import HAIR_STYLES, Person, sample_person
from thlab.face.head.renderer import Renderer
from thlab.face.head.stage import Stage
from thlab.face.head.truth import FrameTruth, Region

__all__ = [
    "FACE_CROP", "HAIR_STYLES", "IDENTITY_MODES", "Avatar", "Camera", "Eyes", "FrameTruth", "HeadMesh", "HeadModel",
    "Light", "Material", "MouthShape", "Part", "Person", "Region", "Renderer", "Stage", "eye_gap", "eyes_of",
    "head_model", "identity_displacement", "landmark_ids", "lip_gap", "lip_gap_of", "lip_seal", "mean_head",
    "mouth_shape", "mouth_shape_of", "plain_background", "rotation", "sample_background", "sample_identity",
    "sample_light", "sample_person", "settle", "studio_light",
]  # fmt: skip
