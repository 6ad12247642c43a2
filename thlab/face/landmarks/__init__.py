"""Points of a face: found, followed, converted, aligned, compressed and drawn."""

from thlab.face.landmarks.conversion import mesh_to_ibug
from thlab.face.landmarks.detection import Detection, Detector, chosen_face
from thlab.face.landmarks.face_mesh import FaceMesh
from thlab.face.landmarks.tracking import Track, follow, track

__all__ = ["Detection", "Detector", "FaceMesh", "Track", "chosen_face", "follow", "mesh_to_ibug", "track"]
