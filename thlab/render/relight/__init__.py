"""Soft light and shade on a photograph whose face moves: cheeks that lift, folds that deepen."""

from thlab.render.relight.shading import Relighting, apply, learn

__all__ = ["Relighting", "apply", "learn"]
