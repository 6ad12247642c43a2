"""How much faster our SSIM is than scikit-image's, at the same settings, on 100 colour frames of 256 pixels.

``python tests/benchmarks/bench_image_metrics.py`` prints a table and fails when the ratio is below what it must be, or
when the values differ. Both get frames of bytes, as a clip holds them, and both take turns; the best of several rounds
counts, since other work on the machine disturbs. The last line is the ratio of processor times of one thread each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from skimage.metrics import structural_similarity
from torch.nn import functional

from thlab.metrics.image import ms_ssim, psnr, ssim

WANTED = 5
"""Times scikit-image's speed."""
FRAMES, SIZE = 100, 256
ROUNDS = 4


def clips() -> tuple[np.ndarray, np.ndarray]:
    """Smooth frames with some texture, and noisy ones, as bytes, colours last."""
    rng = torch.Generator().manual_seed(0)
    real = functional.interpolate(torch.rand(FRAMES, 3, 40, 40, generator=rng), (SIZE, SIZE), mode="bicubic")
    made = real + 0.05 * torch.randn(real.shape, generator=rng)
    frames = ((255 * pictures.clamp(0, 1)).byte().movedim(1, -1).numpy() for pictures in (made, real))
    return next(frames), next(frames)


@torch.no_grad()
def ours(made: np.ndarray, real: np.ndarray, metric: Callable[..., torch.Tensor] = ssim) -> float:
    """The mean over frames."""
    planes = (torch.from_numpy(frames).movedim(-1, 1).float() for frames in (made, real))
    return metric(*planes, data_range=255.0).mean().item()


def theirs(made: np.ndarray, real: np.ndarray) -> float:
    """The same by scikit-image, with Wang's settings."""
    return float(np.mean([
        structural_similarity(x, y, data_range=255, channel_axis=-1, gaussian_weights=True, sigma=1.5,
                              use_sample_covariance=False)
        for x, y in zip(made, real, strict=True)
    ]))  # fmt: skip


def seconds(work: Callable[[], float], clock: Callable[[], float]) -> tuple[float, float]:
    """How long it took, and what came out."""
    start = clock()
    value = work()
    return clock() - start, value


def main() -> int:
    made, real = clips()
    rounds = [
        (seconds(lambda: ours(made, real), time.perf_counter), seconds(lambda: theirs(made, real), time.perf_counter))
        for _ in range(ROUNDS)
    ]
    fast, slow = (min(pair[which][0] for pair in rounds) for which in (0, 1))
    apart = abs(rounds[0][0][1] - rounds[0][1][1])
    print(f"SSIM of {FRAMES} frames: ours {fast:.2f} s, scikit-image {slow:.2f} s: {slow / fast:.1f} times (at least "
          f"{WANTED}); values differ by {apart:.0e}")  # fmt: skip
    for name, metric in (("PSNR", psnr), ("MS-SSIM", ms_ssim)):
        took = min(seconds(lambda m=metric: ours(made, real, m), time.perf_counter)[0] for _ in range(ROUNDS))
        print(f"{name}: {took:.2f} s")
    torch.set_num_threads(1)
    alone = [min(seconds(lambda w=work: w(made[:20], real[:20]), time.thread_time)[0] for _ in range(ROUNDS))
             for work in (ours, theirs)]  # fmt: skip
    print(f"processor time of one thread: {alone[1] / alone[0]:.1f} times")
    return int(slow < WANTED * fast or apart > 1e-5)


if __name__ == "__main__":
    sys.exit(main())
