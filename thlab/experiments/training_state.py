"""The state of a training on disk: tensors and a few facts, written whole or not at all."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from thlab.media.atomic import atomic_path


def write_state(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Keep tensors in full precision, and facts as JSON beside them in the same file.

    Raises:
        OSError: the disk is full or not writable; what was kept before is still there.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with atomic_path(path) as part:
        save_file(plain, part, metadata={"facts": json.dumps(facts)})


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What :func:`write_state` kept.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})["facts"])
            return {name: file.get_tensor(name) for name in file.keys()}, facts  # noqa: SIM118
    except (SafetensorError, OSError, struct.error, KeyError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not the whole state of a training ({error}); start again with --fresh") from None
