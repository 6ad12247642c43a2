"""Trained weights and their card: ``NAME.safetensors`` beside ``NAME.json``, in half precision."""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from thlab.media.atomic import atomic_path
from thlab.systems.base import System, config_from, system_class

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data_samples" / "checkpoints"
FORMAT = 1
"""Version of the file layout; a file with another one is refused."""


@dataclass(frozen=True)
class CheckpointCard:
    """Where a set of weights comes from."""

    system: str
    """Stem of the system's file in ``thlab/systems``."""
    command: str
    """What to type to train it again."""
    config: dict
    """Fields of the system's configuration."""
    seed: int
    budget: str
    minutes: float
    """Training time, without making the data."""
    revision: str = ""
    """Git revision of the code that trained it."""
    corpus: str = ""
    """What it was trained on."""
    metrics: dict = field(default_factory=dict)
    """Held-out figures at the end of training."""
    format: int = FORMAT


def git_revision() -> str:
    """The revision of the working tree, with a '+' when it has changes; '' outside a checkout."""
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def save_checkpoint(
    weights: Mapping[str, Float[Tensor, "..."]], card: CheckpointCard, *, folder: Path = FOLDER
) -> Path:
    """Write weights (as float16) and card; a crash leaves the old pair or the new one, never half a file.

    Returns:
        The path of the weights.
    """
    path = folder / f"{card.system}.safetensors"
    half = {name: tensor.detach().cpu().half().contiguous() for name, tensor in weights.items()}
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False, sort_keys=True)
    # The card also lies inside the weights, so that the two cannot be confused.
    with atomic_path(path) as part:
        save_file(half, part, metadata={"card": text})
        part.chmod(0o644)  # safetensors makes files that only their owner can read
    with atomic_path(path.with_suffix(".json")) as part:
        part.write_text(text + "\n")
    return path


def load_checkpoint(system: str, path: Path | None = None) -> tuple[dict[str, Tensor], CheckpointCard]:
    """Read weights (as float32) and the card of a system.

    Raises:
        ValueError: no such file, a pickle, a truncated file, another system's or another format's weights.
    """
    path = Path(path or FOLDER / f"{system}.safetensors")
    hint = f"train it with 'thlab train {system}' or fetch the repository's {path.name} again"
    if not path.is_file():
        raise ValueError(f"expected the weights of {system!r} at {path}, found no file; {hint}")
    if looks_pickled(path):
        raise ValueError(f"{path} is a pickle, which can run code when opened; thlab reads safetensors only; {hint}")
    try:
        with safe_open(path, framework="pt") as file:
            card = read_card(file.metadata() or {}, system, path)
            return {name: file.get_tensor(name).float() for name in file.keys()}, card  # noqa: SIM118
    except (SafetensorError, OSError, struct.error) as error:
        raise ValueError(f"{path} is not a whole safetensors file ({error}); {hint}") from None


def looks_pickled(path: Path) -> bool:
    """Whether a file starts as a pickle or as the zip archive that torch.save writes."""
    with path.open("rb") as file:
        start = file.read(4)
    return start[:2] in {b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"} or start == b"PK\x03\x04"


def read_card(metadata: Mapping[str, str], system: str, path: Path) -> CheckpointCard:
    """The card inside a weights file, checked against what was asked for."""
    try:
        fields = json.loads(metadata["card"])
        card = CheckpointCard(**fields)
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(f"{path} carries no card of thlab; expected weights written by 'thlab train'") from None
    if card.system != system:
        raise ValueError(f"{path} holds the weights of {card.system!r}, but {system!r} was asked for")
    if card.format != FORMAT:
        raise ValueError(f"{path} has format {card.format}, this thlab reads {FORMAT}; train {system!r} again")
    return card


def restore(module: torch.nn.Module, weights: Mapping[str, Tensor], *, system: str) -> None:
    """Put weights into a network.

    Raises:
        ValueError: the names or shapes are not those of the network.
    """
    try:
        module.load_state_dict(dict(weights))
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise ValueError(f"the weights do not fit {system!r}: {first}") from None
    module.eval()


def load_system(name: str, path: Path | None = None) -> System:
    """A trained system, ready to animate.

    Raises:
        ValueError: there is no such system, or its checkpoint is missing, damaged, another system's or of another
            version.
    """
    kind = system_class(name)
    weights, card = load_checkpoint(name, path)
    system = kind(config_from(kind.config_class, card.config))
    restore(system, weights, system=name)
    return system
