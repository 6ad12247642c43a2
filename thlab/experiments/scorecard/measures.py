"""What is measured of a clip: names, units, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["more", "less", "one", "zero", "real"]
MARKS: dict[Better, str] = {"more": "↑", "less": "↓", "one": "1", "zero": "0", "real": "real"}
"""What stands in the column "best"."""


@dataclass(frozen=True)
class Measure:
    """A row of a table."""

    name: str
    """In JSON."""
    label: str
    """In print, with its unit."""
    better: Better
    """More, less, near one, near zero, or near what the real clip has."""
    digits: int
    """Behind the point."""
    group: str

    def text(self, number: float) -> str:
        """The number as it is printed."""
        rounded = round(number, self.digits) + 0.0  # no minus before a zero
        return f"{rounded:.{self.digits}f}".replace("-", "−").replace("inf", "∞")

    def fault(self, number: float) -> float | None:
        """How far a number is from the best, for comparisons: 0 is perfect; None where the real clip decides."""
        if self.better == "real":
            return None
        return {"more": -number, "less": number, "one": abs(number - 1), "zero": abs(number)}[self.better]


def _group(name: str, *rows: tuple[str, str, Better, int]) -> tuple[Measure, ...]:
    return tuple(Measure(key, label, better, digits, name) for key, label, better, digits in rows)


PICTURE = _group(
    "is the picture right?",
    ("psnr", "PSNR, dB", "more", 1),
    ("psnr_mouth", "  mouth only", "more", 1),
    ("ssim", "SSIM", "more", 3),
    ("ssim_mouth", "  mouth only", "more", 3),
    ("ms_ssim", "MS-SSIM", "more", 3),
    ("ms_ssim_mouth", "  mouth only", "more", 3),
    ("detail", "mouth's detail, over real", "one", 2),
    ("frechet", "Fréchet distance", "less", 3),
    ("identity", "identity, cosine", "more", 3),
)
MOUTH = _group(
    "is the mouth right?",
    ("lip_r", "lip gap, r", "more", 2),
    ("lip_spread", "lip gap, spread over real", "one", 2),
    ("sync_distance", "sync distance (LSE-D)", "less", 3),
    ("sync_confidence", "sync confidence (LSE-C)", "more", 3),
    ("sync_offset", "sync offset, frames", "real", 1),
    ("sync_offset_ms", "  in ms", "real", 0),
    ("lmd", "LMD mouth, over eyes", "less", 3),
    ("lmd_aligned", "  aligned, px", "less", 2),
    ("lmd_mean", "  where it is: mean, px", "less", 2),
    ("lmd_squared", "  squared, px²", "less", 2),
    ("lmd_summed", "  summed over points, px", "less", 1),
    ("jitter", "jitter, over real", "one", 2),
)
MEASURES = (*PICTURE, *MOUTH)
"""What is compared with a real clip, in the order of print; the mouth's first rows stand together on purpose, since a
sync distance alone rewards mush."""
NATURAL = _group(
    "does it move naturally?",
    ("motion_loop", "head motion that repeats", "real", 2),
    ("motion_patterns", "expressions in use, of 32", "real", 1),
    ("motion_upper_patterns", "  of the upper face", "real", 1),
    ("motion_blinks_a_minute", "blinks a minute", "real", 1),
    ("motion_blink_regularity", "  unevenness of intervals", "real", 2),
    ("motion_beats", "nods on beats of the voice", "real", 2),
    ("motion_intervals", "blink intervals, off by s", "less", 2),
    ("motion_spectrum", "head's spectrum, off by dB", "less", 2),
    ("motion_frechet", "Fréchet distance, motion", "less", 3),
    ("motion_upper_face", "upper face, stiller by", "zero", 3),
)
"""What a clip shows by itself, near the real one's or not."""
ALL = (*MEASURES, *NATURAL)


def by_name(measures: tuple[Measure, ...] = ALL) -> dict[str, Measure]:
    """Measures by their names."""
    return {measure.name: measure for measure in measures}
