"""The mesh of 468 points as a morphable face: rings, triangles, and the head's expressions carried over to it."""

from thlab.face.mesh.basis import MeshBasis, MeshPose, fit_expression, fit_pose, mesh_basis

__all__ = ["MeshBasis", "MeshPose", "fit_expression", "fit_pose", "mesh_basis"]
