"""OpenCV, imported when it is first used, so that what is built on it can be imported where it is not installed.

Use it as ``from thlab.render import opencv as cv2``.
"""

from __future__ import annotations

import importlib
from typing import Any

MISSING = "real pictures are drawn on with OpenCV, which is not installed ({reason}); run: pip install -e '.[faces]'"


def __getattr__(name: str) -> Any:
    """A function or constant of cv2.

    Raises:
        ValueError: OpenCV is not installed, or does not load.
    """
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        value = getattr(importlib.import_module("cv2"), name)
    except ImportError as reason:
        raise ValueError(MISSING.format(reason=str(reason).splitlines()[0])) from reason
    globals()[name] = value
    return value
