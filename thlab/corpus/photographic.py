"""Rendered faces made to look as if they had been photographed anyhow: what a network needs to work on photographs.

Every disturbance draws from one generator, works on a batch in [0, 1] and leaves some pictures alone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from PIL import Image
from torch import Tensor
from torch.nn import functional

from thlab.face.head.landmarks import MIRRORED

Pictures = Float[Tensor, "batch 3 height width"]


@dataclass(frozen=True)
class PhotoConfig:
    """How rough the treatment is; chances are shares of the pictures."""

    margin: float = 1.4
    """Side of a crop, in the longer sides of the landmarks' box."""
    shift: float = 0.10
    """Largest shift of a crop, in its sides."""
    zoom: float = 0.18
    """Largest change of scale: from 1/(1 + zoom) to 1 + zoom."""
    turn: float = 0.5
    """Largest turn, radians."""
    squeeze: float = 0.12
    """Largest change of the aspect: faces differ more in proportions than ours do."""
    mirror: float = 0.5
    textured: float = 0.7
    """Chance of another background."""
    occluded: float = 0.35
    blurred: float = 0.5
    grey: float = 0.25
    noise: float = 0.06
    """Largest standard deviation."""
    jpeg: float = 0.5


# -- where the camera stands ------------------------------------------------------------------------------------------


def crop_boxes(landmarks: Float[Tensor, "batch 68 2"], *, margin: float) -> Float[Tensor, "batch 3"]:
    """The square around landmarks: the x and y of its middle, and its side, ``margin`` longer sides of their box."""
    low, high = landmarks.amin(1), landmarks.amax(1)
    return torch.cat([(low + high) / 2, margin * (high - low).amax(1, keepdim=True)], 1)


def random_views(
    landmarks: Float[Tensor, "batch 68 2"], *, size: int, config: PhotoConfig, rng: torch.Generator
) -> Float[Tensor, "batch 2 3"]:
    """Maps from the pixels of the pictures to those of crops: jittered, turned, scaled, squeezed and mirrored."""
    batch = len(landmarks)
    boxes = crop_boxes(landmarks, margin=config.margin)
    zoom, turn, squeeze, x, y = (2 * torch.rand(5, batch, generator=rng) - 1).unbind()
    angle, stretch = config.turn * turn, torch.exp(config.squeeze * squeeze)
    scale = size / boxes[:, 2] * (1 + config.zoom) ** zoom
    flip = 1 - 2 * (torch.rand(batch, generator=rng) < config.mirror).float()
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [torch.stack([cos * stretch * flip, -sin * stretch], -1), torch.stack([sin * flip, cos], -1)]
    straight = scale[:, None, None] * torch.stack(rows, 1)
    middle = size * (0.5 + config.shift * torch.stack([x, y], -1))
    shift = middle - torch.einsum("bij,bj->bi", straight, boxes[:, :2])
    return torch.cat([straight, shift[..., None]], -1)


def viewed(pictures: Float[Tensor, "batch c height width"], views: Float[Tensor, "batch 2 3"], size: int) -> Tensor:
    """Pictures through their views, ``size`` pixels a side; what lies outside repeats the border."""
    height, width = pictures.shape[-2:]
    last = torch.tensor([0.0, 0.0, 1.0]).expand(len(views), 1, 3)
    back = torch.linalg.inv(torch.cat([views, last], 1))[:, :2]
    to_pixels = torch.tensor([[size / 2, 0, size / 2], [0, size / 2, size / 2], [0, 0, 1.0]])
    to_share = torch.tensor([[2 / width, 0, -1], [0, 2 / height, -1], [0, 0, 1.0]])
    theta = (to_share @ torch.cat([back, last], 1) @ to_pixels)[:, :2]
    grid = functional.affine_grid(theta, [len(pictures), pictures.shape[1], size, size], align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def points_viewed(
    landmarks: Float[Tensor, "batch 68 2"], views: Float[Tensor, "batch 2 3"]
) -> Float[Tensor, "batch 68 2"]:
    """Landmarks in the pixels of their crops; a mirrored face has its right eye on its other side."""
    moved = torch.einsum("bij,bpj->bpi", views[:, :, :2], landmarks) + views[:, None, :, 2]
    mirrored = torch.linalg.det(views[:, :, :2]) < 0
    return torch.where(mirrored[:, None, None], moved[:, torch.from_numpy(MIRRORED)], moved)


# -- what is in front of it -------------------------------------------------------------------------------------------


def textures(count: int, size: int, rng: torch.Generator) -> Float[Tensor, "count 3 size size"]:
    """Procedural surroundings: noise of several grains in two or three colours, some of it striped or torn to edges."""
    total = torch.zeros(count, 3, size, size)
    for cells in (2, 4, 8, 16, 32):
        weight = torch.rand(count, 1, 1, 1, generator=rng) ** 2
        grain = torch.rand(count, 3, cells, cells, generator=rng) - 0.5
        total += weight * functional.interpolate(grain, (size, size), mode="bilinear", align_corners=False)
    grid = torch.arange(size) / size
    angle, count_of = 3.14 * torch.rand(count, generator=rng), 3 + 20 * torch.rand(count, generator=rng)
    along = torch.cos(angle)[:, None, None] * grid + torch.sin(angle)[:, None, None] * grid[:, None]
    stripes = torch.sin(6.28 * count_of[:, None, None] * along)[:, None]
    total += _some(count, 0.3, rng) * stripes * (torch.rand(count, 3, 1, 1, generator=rng) - 0.5)
    torn = torch.where(total > 0, 0.4, -0.4) * torch.rand(count, 3, 1, 1, generator=rng)
    total = torch.lerp(total, torn, _some(count, 0.3, rng))
    return (torch.rand(count, 3, 1, 1, generator=rng) + total).clamp(0, 1)


def with_background(
    pictures: Pictures, free: Float[Tensor, "batch 1 height width"], share: float, rng: torch.Generator
) -> Pictures:
    """Put textures behind some of the people; ``free`` is 1 where there is nobody."""
    chosen = _some(len(pictures), share, rng)
    return torch.lerp(pictures, textures(len(pictures), pictures.shape[-1], rng), free * chosen)


def with_occluders(pictures: Pictures, share: float, rng: torch.Generator) -> Pictures:
    """Hide a part of some faces behind a textured bar or ellipse: hands, hair, microphones, other people."""
    batch, size = len(pictures), pictures.shape[-1]
    grid = torch.arange(size) / size
    x, y, long, short, angle = torch.rand(5, batch, 1, 1, generator=rng).unbind()
    dx, dy = grid - x, grid[:, None] - y
    cos, sin = torch.cos(3.14 * angle), torch.sin(3.14 * angle)
    across = (cos * dx + sin * dy) / (0.10 + 0.35 * long)
    down = (cos * dy - sin * dx) / (0.04 + 0.14 * short)
    round_or_square = torch.where(torch.rand(batch, 1, 1, generator=rng) < 0.5, 2.0, 8.0)
    inside = (across.abs() ** round_or_square + down.abs() ** round_or_square < 1)[:, None].float()
    return torch.lerp(pictures, textures(batch, size, rng), inside * _some(batch, share, rng))


# -- what the camera and the years do ---------------------------------------------------------------------------------


def recoloured(pictures: Pictures, grey: float, rng: torch.Generator) -> Pictures:
    """Another white balance, exposure, contrast and gamma; light from a side; some without colour."""
    batch = len(pictures)
    luma = (pictures * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True)
    pictures = torch.lerp(luma.expand_as(pictures), pictures, 0.4 + 1.0 * torch.rand(batch, 1, 1, 1, generator=rng))
    pictures = torch.lerp(pictures, luma.expand_as(pictures), _some(batch, grey, rng))
    gamma = torch.exp(0.35 * torch.randn(batch, 1, 1, 1, generator=rng))
    balance = 1 + 0.12 * torch.randn(batch, 3, 1, 1, generator=rng)
    grid = torch.linspace(-1, 1, pictures.shape[-1])
    slope = 0.25 * torch.randn(2, batch, 1, 1, 1, generator=rng)
    lit = (1 + slope[0] * grid + slope[1] * grid[:, None]).clamp(0.3, 2)
    contrast = torch.exp(0.3 * torch.randn(batch, 1, 1, 1, generator=rng))
    shown = pictures.clamp(1e-4, 1) ** gamma * balance * lit
    middle = shown.mean((1, 2, 3), keepdim=True)
    return (middle + contrast * (shown - middle) + 0.08 * torch.randn(batch, 1, 1, 1, generator=rng)).clamp(0, 1)


def softened(pictures: Pictures, share: float, rng: torch.Generator) -> Pictures:
    """Out of focus, or enlarged from few pixels."""
    size = pictures.shape[-1]
    fine = functional.avg_pool2d(functional.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    few = functional.interpolate(functional.avg_pool2d(pictures, 2), (size, size), mode="bilinear", align_corners=False)
    coarse = functional.avg_pool2d(functional.pad(few, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    kind = torch.randint(3, (len(pictures), 1, 1, 1), generator=rng)
    soft = torch.where(kind == 0, fine, torch.where(kind == 1, few, coarse))
    return torch.lerp(pictures, soft, _some(len(pictures), share, rng))


def grained(pictures: Pictures, most: float, rng: torch.Generator) -> Pictures:
    """Noise of the sensor, in each picture of its own strength."""
    strength = most * torch.rand(len(pictures), 1, 1, 1, generator=rng) ** 2
    return (pictures + strength * torch.randn(pictures.shape, generator=rng)).clamp(0, 1)


def compressed(pictures: Pictures, share: float, rng: torch.Generator) -> Pictures:
    """Some of the pictures after JPEG of quality 15 to 80."""
    chosen = torch.rand(len(pictures), generator=rng) < share
    quality = torch.randint(15, 80, (len(pictures),), generator=rng)
    after = pictures.clone()
    for row in torch.nonzero(chosen)[:, 0].tolist():
        after[row] = _through_jpeg(pictures[row], int(quality[row]))
    return after


def _through_jpeg(picture: Float[Tensor, "3 height width"], quality: int) -> Float[Tensor, "3 height width"]:
    whole = (255 * picture + 0.5).clamp(0, 255).to(torch.uint8).movedim(0, -1).numpy()
    with io.BytesIO() as buffer:
        Image.fromarray(whole).save(buffer, "JPEG", quality=quality)
        with Image.open(buffer) as read:
            return torch.from_numpy(np.array(read)).movedim(-1, 0).float() / 255


def _some(count: int, share: float, rng: torch.Generator) -> Float[Tensor, "count 1 1 1"]:
    """1 for about such a share of the pictures, else 0."""
    return (torch.rand(count, 1, 1, 1, generator=rng) < share).float()


# -- all together -----------------------------------------------------------------------------------------------------


def photographs(
    pictures: UInt8[Tensor, "batch height width 3"],
    landmarks: Float[Tensor, "batch 68 2"],
    background: Bool[Tensor, "batch height width"],
    *,
    size: int,
    rng: torch.Generator,
    config: PhotoConfig | None = None,
) -> tuple[Float[Tensor, "batch 3 size size"], Float[Tensor, "batch 68 2"]]:
    """Crops of rendered faces, roughly treated, and where their landmarks are in them.

    Args:
        pictures: as rendered.
        landmarks: in their pixels.
        background: where there is nobody.
        size: pixels a side of the crops.

    Returns:
        Pictures in [0, 1], and landmarks in their pixels, centres at .5; some may lie outside.

    Notebook: 06, "Landmarks".
    """
    config = config or PhotoConfig()
    views = random_views(landmarks.float(), size=size, config=config, rng=rng)
    stack = torch.cat([pictures.movedim(-1, 1).float() / 255, background[:, None].float()], 1)
    crops = viewed(stack, views, size)
    seen = with_background(crops[:, :3], crops[:, 3:], config.textured, rng)
    seen = with_occluders(seen, config.occluded, rng)
    seen = softened(recoloured(seen, config.grey, rng), config.blurred, rng)
    return compressed(grained(seen, config.noise, rng), config.jpeg, rng), points_viewed(landmarks.float(), views)
