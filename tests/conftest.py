"""Switch the shape checks on before anything of thlab is imported.

Every annotated function and dataclass is checked by beartype, except in modules called ``kernels``: numba compiles
those, and cannot compile a wrapper.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jaxtyping import install_import_hook

if TYPE_CHECKING:
    from thlab.media import Clip

PACKAGE = Path(__file__).parent.parent / "thlab"
LEFT_OUT = {"kernels", "__init__", "__main__"}


def checked_modules() -> list[str]:
    """Every module of thlab whose shapes are checked."""
    paths = (path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return sorted(".".join(path.parts) for path in paths if path.name not in LEFT_OUT)


install_import_hook(checked_modules(), "beartype.beartype")


@pytest.fixture(scope="session")
def clips() -> list[Clip]:
    """Two neutral clips of one person, 32 px, drawn quickly; where a module has clips of its own, these step back."""
    from thlab.corpus.plan import CorpusConfig
    from thlab.corpus.synthetic import SyntheticCorpus

    config = CorpusConfig(size=32, clips_an_actor=2, emotions=("neutral",), supersample=1, shadows=False)
    return SyntheticCorpus(config, cache=None).clips(range(2))
