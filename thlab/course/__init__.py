"""What only the notebooks need: figures, players, plots, and in rooms of their own ``widgets`` and ``checks``."""

from pathlib import Path

from thlab.course.figures import pictures, show
from thlab.course.players import player, sounds

ROOT = Path(__file__).resolve().parents[2]
"""The repository: chapters find ``data_samples`` in it, wherever JupyterLab was started."""

__all__ = ["ROOT", "pictures", "player", "show", "sounds"]
