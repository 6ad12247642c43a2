"""Points of a face: found, converted, aligned, compressed and drawn."""

from thlab.face.landmarks.conversion import mesh_to_ibug
from thlab.face.landmarks.detection import Detection, Detector, chosen_face
from thlab.face.landmarks.face_mesh import FaceMesh

__all__ = ["Detection", "Detector", "FaceMesh", "chosen_face", "mesh_to_ibug"]
