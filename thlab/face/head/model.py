"""The morphable head: V = mean + identity · B_id + expression · B_exp."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float, Float32

from thlab.face.head.expression_basis import expression_basis
from thlab.face.head.geometry import mean_head
from thlab.face.head.identity_basis import identity_basis

Vertices = Float32[np.ndarray, "vertices 3"]


@dataclass(frozen=True)
class HeadModel:
    """A linear model of faces; what is not linear follows in ``contact.settle``.

    Units of 10 cm; x to the subject's left, y up, z forward.

    Source: the form of Blanz & Vetter 1999 with an expression basis as in C. Cao et al. 2014 (FaceWarehouse); the
    numbers are ours, not scans.
    Notebook: 09, "The morphable face".
    """

    mean: Vertices
    identity: Float32[np.ndarray, "identities vertices 3"]
    expression: Float32[np.ndarray, "expressions vertices 3"]

    def vertices(
        self, identity: Float[np.ndarray, "identities"], expression: Float[np.ndarray, "expressions"]
    ) -> Vertices:
        """The face with these coefficients."""
        return self.with_expression(self.neutral(identity), expression)

    def neutral(self, identity: Float[np.ndarray, "identities"]) -> Vertices:
        """A person at rest: the part that is the same in every frame."""
        return self.mean + weighted(identity, self.identity)

    def with_expression(self, neutral: Vertices, expression: Float[np.ndarray, "expressions"]) -> Vertices:
        """Add an expression to a person at rest."""
        return neutral + weighted(expression, self.expression)


def weighted(coefficients: Float[np.ndarray, "modes"], basis: Float32[np.ndarray, "modes vertices 3"]) -> Vertices:
    """Σ_k c_k B_k over the modes in use: most of an expression is zero, and BLAS threads cost more than they save."""
    total = np.zeros(basis.shape[1:], np.float32)
    for mode in np.flatnonzero(coefficients):
        total += np.float32(coefficients[mode]) * basis[mode]
    return total


@cache
def head_model() -> HeadModel:
    """The model of this course's heads, built on the first call and kept."""
    return HeadModel(mean_head().vertices, identity_basis(), expression_basis())
