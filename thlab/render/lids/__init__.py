"""Eyelids of a photograph that close: a lid of this picture's own skin, and its own line of lashes."""

from thlab.render.lids.closing import paint
from thlab.render.lids.look import EyeLines, LidLook, learn

__all__ = ["EyeLines", "LidLook", "learn", "paint"]
