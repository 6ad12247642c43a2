"""Pictures, clips and sounds out of HTML."""

from __future__ import annotations

import base64
import re
from io import BytesIO

import numpy as np
from PIL import Image


def embedded(html: str, kind: str) -> list[bytes]:
    """The bytes of all data URIs whose MIME type begins so."""
    found = re.findall(rf"data:{kind}[\w/+.-]*;base64,([^\"]+)", html)
    return [base64.b64decode(data) for data in found]


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))
