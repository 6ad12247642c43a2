"""The adversarial explorer for a wall: the mouths and their gaps alone, large enough to be read from the last row."""

from __future__ import annotations

from dataclasses import replace

import torch
from matplotlib.figure import Figure

from thlab.course.plot import INK, NORMAL, PALETTE
from thlab.course.widgets import adversarial_explorer
from thlab.systems.wav2lip import lower


def draw_wall(actor: str, voice: str, shift: int, other: int, moment: int, share: float | int) -> Figure:
    """Draw seven mouths as filmed and as painted, and their gaps; parameters as ``adversarial_explorer.draw``."""
    del moment
    seen = adversarial_explorer.scene(actor)
    made = adversarial_explorer.painted(actor, voice, shift, other, round(float(share), 2))
    moments = list(adversarial_explorer.MOMENTS)
    rows = [torch.cat(list(lower(faces)), 2) for faces in (seen.frames[moments], made["painted"])]
    fig, size = Figure((8, 2.9), facecolor="white"), rows[0].shape[1]
    ax = fig.add_axes((0.11, 0.56, 0.88, 0.43))
    ax.imshow(torch.cat(rows, 1).movedim(0, -1).numpy(), aspect="auto")
    ax.set_yticks([size // 2, 3 * size // 2], ["filmed", "painted"], fontsize=NORMAL)
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    ax = fig.add_axes((0.11, 0.03, 0.88, 0.46))
    ax.plot(10 * seen.gap[moments], "o-", color=INK, linewidth=2, label="filmed")
    ax.plot(10 * made["gap"], "s--", color=PALETTE[1], linewidth=2, label="painted")
    ax.set(xlim=(-0.5, len(moments) - 0.5), ylim=(-0.1, 2.6), xticks=[])
    ax.set_ylabel("lip gap (cm)", fontsize=NORMAL)
    ax.tick_params(labelsize=NORMAL)
    ax.legend(frameon=False, fontsize=NORMAL, ncols=2, loc="upper right")
    return fig


EXPLORER = replace(adversarial_explorer.EXPLORER, projected=draw_wall)
"""The same explorer; on slides it shows less, and larger."""
