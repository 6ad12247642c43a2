"""The inside of a speaking mouth, painted between the lips of a photograph: cavity, tongue, teeth."""

from thlab.render.mouth.interior import paint
from thlab.render.mouth.look import LipLines, MouthFrame, MouthLook, learn

__all__ = ["LipLines", "MouthFrame", "MouthLook", "learn", "paint"]
