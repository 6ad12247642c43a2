"""The grain of a picture: how rough its skin is between neighbouring pixels, and how sharp its edges are.

What is painted must be as rough and as soft as what was photographed, or it looks pasted in. Roughness is copied as a
texture with random phases: the same spectrum as the skin, hence the same noise, pores, brush strokes or stone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from thlab.render import opencv as cv2
from thlab.render.medium import Mask, Picture

COARSEST = 0.025
"""What is coarser than this (the scale of a Gaussian, in shares of the square root of the skin's area) is shading, not
grain: 3 pixels in a face of 512."""
TILE = 128
PATCH = 48
OUTLIERS = 4.0
"""Moles and highlights: residuals beyond this many robust standard deviations are cut off."""
REBLUR = 1.0
"""Pixels, the known second blur of the sharpness estimate."""
BLUR_OF_DIFFERENCES = 1 / 12
"""Square pixels: the difference of two neighbours is the slope blurred by a box of one pixel."""
Tile = Float32[np.ndarray, "side side 3"]


@dataclass(frozen=True)
class Grain:
    """Roughness and softness of one picture."""

    spread: float
    """Standard deviation of the grain's grey value, in levels of 255."""
    blur: float
    """Scale of the Gaussian that the picture's edges look blurred with, pixels."""
    tile: Tile
    """The grain itself, in levels; repeats without a seam."""

    def window(self, corner: tuple[int, int], size: tuple[int, int]) -> Float32[np.ndarray, "height width 3"]:
        """The grain of a box of the picture.

        Args:
            corner: x and y of its first pixel; move it along with what is painted, or the grain will stand still.
            size: height and width.
        """
        side = self.tile.shape[0]
        rows = (np.arange(size[0]) + corner[1]) % side
        columns = (np.arange(size[1]) + corner[0]) % side
        return self.tile[rows[:, None], columns]


def learn(picture: Picture, skin: Mask, *, rng: np.random.Generator) -> Grain:
    """Measure grain and sharpness of a picture on its skin.

    Raises:
        ValueError: where the skin has fewer than 64 pixels.

    Source of the texture: Galerne, Gousseau & Morel 2011, "Random phase textures" (ours takes the spectrum of the
    skin's residual, not of the skin). Chapter 06.
    """
    if skin.sum() < 64:
        raise ValueError(f"the grain needs 64 pixels of skin, but the mask has {int(skin.sum())}; use a larger face")
    rough = residual(picture, skin)
    tile = random_phases(smoothest_patch(rough, skin), rng)
    tile *= robust_spread(rough[skin].mean(1)) / max(float(tile.mean(2).std()), 1e-3)
    return Grain(float(tile.mean(2).std()), edge_blur(picture), tile)


def residual(picture: Picture, skin: Mask) -> Float32[np.ndarray, "height width 3"]:
    """What is finer than shading, by a blur that looks only at skin; zero elsewhere."""
    inside, pixels = skin.astype(np.float32), picture.astype(np.float32)
    scale = float(np.clip(COARSEST * np.sqrt(skin.sum()), 0.8, 3.0))
    around = cv2.GaussianBlur(inside, (0, 0), scale)[..., None] + 1e-6
    shading = cv2.GaussianBlur(pixels * inside[..., None], (0, 0), scale) / around
    rough = (pixels - shading) * inside[..., None]
    limit = OUTLIERS * robust_spread(rough[skin].mean(1))
    return np.clip(rough, -limit, limit)


def robust_spread(values: np.ndarray) -> float:
    """Standard deviation from the middle half of the values, which a few outliers leave alone."""
    return float(np.median(np.abs(values - np.median(values)))) * 1.4826


def smoothest_patch(rough: Float32[np.ndarray, "height width 3"], skin: Mask) -> Float32[np.ndarray, "size size 3"]:
    """The square of skin with the least energy among those that are all skin: no hair, no fold, no glasses."""
    distance = cv2.distanceTransform(np.pad(skin, 1).astype(np.uint8), cv2.DIST_C, 3)[1:-1, 1:-1]
    half = int(np.clip(distance.max() - 1, 2, PATCH // 2))
    energy = cv2.boxFilter((rough**2).sum(2), -1, (2 * half, 2 * half))
    energy[distance < min(half, distance.max())] = np.inf
    row, column = (max(int(place), half) for place in np.unravel_index(np.argmin(energy), energy.shape))
    return rough[row - half : row + half, column - half : column + half]


def random_phases(
    patch: Float32[np.ndarray, "size size 3"], rng: np.random.Generator
) -> Tile:
    """A seamless tile with the spectrum of a patch: its Fourier transform times one set of random phases."""
    window = np.hanning(patch.shape[0] + 2)[1:-1]
    spot = np.zeros((TILE, TILE, 3), np.float32)
    spot[: patch.shape[0], : patch.shape[1]] = (patch - patch.mean((0, 1))) * np.outer(window, window)[..., None]
    noise = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    spectrum = np.fft.rfft2(spot, axes=(0, 1)) * (noise / (np.abs(noise) + 1e-12))[..., None]
    spectrum[0, 0] = 0
    return np.fft.irfft2(spectrum, s=(TILE, TILE), axes=(0, 1)).astype(np.float32)


def edge_blur(picture: Picture) -> float:
    """The blur of a picture's sharpest edges, in pixels.

    An edge of blur σ that is blurred again by σ_0 loses the share 1 − σ / sqrt(σ² + σ_0²) of its slope; hence
    σ = σ_0 / sqrt(R² − 1) with R the ratio of the two slopes.

    Source: Zhuo & Sim 2011, "Defocus map estimation from a single image", Eq. 6.
    """
    grey = picture.astype(np.float32).mean(2)
    once, twice = (gradient(image) for image in (grey, cv2.GaussianBlur(grey, (0, 0), REBLUR)))
    edges = once >= np.percentile(once, 99)
    ratio = np.median(once[edges] / np.maximum(twice[edges], 1e-3))
    variance = REBLUR**2 / max(ratio**2 - 1, 1e-3) - BLUR_OF_DIFFERENCES
    return float(np.clip(np.sqrt(max(variance, 0.0)), 0.3, 4.0))


def gradient(grey: Float32[np.ndarray, "height width"]) -> Float32[np.ndarray, "rows columns"]:
    """Length of the gradient by differences of neighbours; the last row and column are left out."""
    return np.hypot(np.diff(grey, axis=1)[:-1], np.diff(grey, axis=0)[:, :-1])
