"""A face in one photograph as something that can be moved: its mesh at rest, and where each point goes in a frame."""

from thlab.face.portrait.framing import Framing, frame_face
from thlab.face.portrait.rest import RestFace, rest_face
from thlab.face.portrait.rig import Placed, Rig

__all__ = ["Framing", "Placed", "RestFace", "Rig", "frame_face", "rest_face"]
