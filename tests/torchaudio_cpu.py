"""Import torchaudio beside a torch without CUDA.

torchaudio's wheel may carry compiled libraries that ask for CUDA. What we compare with (spectra, MFCC, Kaldi's
conventions) is written in plain torch, so we put an empty stand-in where those libraries would be loaded.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

EXTENSION = "torchaudio._extension"


def import_torchaudio() -> ModuleType:
    """torchaudio itself, or its plain-torch part when its compiled part does not load."""
    try:
        return importlib.import_module("torchaudio")
    except OSError:
        _forget("torchaudio")
        sys.modules[EXTENSION] = _stand_in()
        return importlib.import_module("torchaudio")


def _forget(package: str) -> None:
    """Drop the half-imported modules of a package."""
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[name]


def _stand_in() -> ModuleType:
    """What torchaudio's other modules look for in its extension, saying that nothing is there."""
    module = ModuleType(EXTENSION)
    vars(module).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        fail_if_no_align=_refuse,
        _check_cuda_version=lambda: None,
    )
    return module


def _refuse(function: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(*arguments: Any, **options: Any) -> Any:
        raise RuntimeError(f"{function.__name__} needs torchaudio's compiled part, which did not load")

    return refuse
