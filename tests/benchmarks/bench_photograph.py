"""How fast photographs speak, whether their faces are found again, and whether their mouths do as they are told.

python tests/benchmarks/bench_photograph.py                  # the astronaut of scikit-image and synthetic people
python tests/benchmarks/bench_photograph.py FOLDER           # every picture in a folder

Columns: pixels of the moving part; yaw of the photograph in degrees; set-up in seconds; frames a second without
encoding; mean difference of the frame at rest from the photograph, grey levels; frames in which FaceMesh lost the face;
correlation and slope of the opening that FaceMesh reads with the one that was commanded; largest opening in the middle
of m, b and p, in head units of 10 cm. Speed counts on a machine that does nothing else: take the best of a few runs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from thlab.audio.phonemes import BILABIALS, phone_class
from thlab.audio.synthesis import Speech, speak
from thlab.experiments.photographs import FaceConfig, eyes_on_camera, portrait_of, talk_face
from thlab.experiments.talk import trained_talker
from thlab.face.head import Stage, sample_person
from thlab.face.landmarks import FaceMesh, chosen_face
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, MIDDLE
from thlab.face.motion import Motion
from thlab.media import read_picture
from thlab.systems.photograph import Portrait, held_back
from thlab.timebase import frame_times, samples_to_seconds

TEXT = "We move both boats. Papa saw a blue moon above the map."
LONGER = " Nobody believed that the old harbour would ever be so calm again before the summer ended."
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
ACTORS = (10, 18)


def portraits(folder: Path | None) -> Iterator[tuple[str, np.ndarray]]:
    """Pictures by name."""
    if folder is not None:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in PICTURES:
                yield path.name, read_picture(path)
        return
    from skimage.data import astronaut

    yield "astronaut", astronaut()
    for actor in ACTORS:
        yield f"synthetic {actor}", synthetic(actor, size=1024)


def synthetic(actor: int, *, size: int) -> np.ndarray:
    """A picture of a synthetic person."""
    still = Motion(np.zeros((1, 30), np.float32), np.zeros((1, 6), np.float32), np.zeros((1, 2), np.float32))
    return next(Stage(sample_person(actor), size=size).frames(still))


def bilabial_frames(speech: Speech, frames: int) -> np.ndarray:
    """The frame nearest to the middle of each m, b and p."""
    times = frame_times(frames)
    middles = [0.5 * (p.start + p.end) for p in speech.transcript.phones if phone_class(p.label) in BILABIALS]
    return np.array([int(np.abs(times - middle).argmin()) for middle in middles])


def measure(name: str, picture: np.ndarray, motion: Motion, closures: np.ndarray, finder: FaceMesh) -> None:
    """One line of the table."""
    faces = finder.detect(picture, most=8)
    if not faces:
        print(f"{name:28} no face is found")
        return
    began = time.perf_counter()
    portrait = Portrait(picture, chosen_face(faces, None, where=name).points)
    prepared = time.perf_counter() - began
    for _ in portrait.frames(motion[:4]):
        pass
    began = time.perf_counter()
    frames = list(portrait.frames(motion))
    speed = len(frames) / (time.perf_counter() - began)
    height, width = portrait.framing.part.shape[:2]
    yaw = np.degrees(portrait.rest.pose.angles[0])
    line = f"{name:28} {width:4}×{height:<4} {yaw:4.0f} {prepared:6.2f} {speed:6.0f} {rest_difference(portrait):7.3f}"
    print(line, following(portrait, frames, motion, closures, finder))


def rest_difference(portrait: Portrait) -> float:
    """Mean grey levels between the photograph and the frame in which nothing moves."""
    nothing = np.zeros(30, np.float32), np.zeros(6, np.float32), np.zeros(2, np.float32)
    frame = portrait.frame(portrait.warp(), *nothing, closed=0.0)
    return float(np.abs(frame.astype(float) - portrait.framing.part).mean())


def following(
    portrait: Portrait, frames: list[np.ndarray], motion: Motion, closures: np.ndarray, finder: FaceMesh
) -> str:
    """Faces lost, correlation and slope of the opening, and the opening where lips must be closed."""
    rows = zip(motion.expression, motion.pose, motion.gaze, strict=True)
    commanded = np.array([portrait.rig.place(face, held_back(pose), gaze).opening for face, pose, gaze in rows])
    framing = portrait.framing
    parts = [frame[framing.top :, framing.left :][: framing.part.shape[0], : framing.part.shape[1]] for frame in frames]
    found = [finder.detect(np.ascontiguousarray(part)) for part in parts]
    seen = np.array([bool(faces) for faces in found])
    read = [faces[0].points[[INNER_UPPER[MIDDLE], INNER_LOWER[MIDDLE]], :2] for faces in found if faces]
    opening = np.array([np.linalg.norm(upper - lower) for upper, lower in read]) / portrait.rest.pose.scale
    r = np.corrcoef(commanded[seen], opening)[0, 1]
    slope = np.polyfit(commanded[seen], opening, 1)[0]
    return f"{(~seen).sum():4}/{len(seen)} {r:6.3f} {slope:6.2f} {np.abs(commanded[closures]).max():9.4f}"


def measure_whole(folder: Path) -> None:
    """Ten seconds of sound to a file, with a moving part of 512 pixels, after import and one warm-up."""
    from PIL import Image

    path = folder / "face.png"
    Image.fromarray(synthetic(ACTORS[0], size=1024)).save(path)
    config = FaceConfig(path)
    speech = speak(TEXT + LONGER + LONGER)
    audio = speech.audio[:160_000]
    talk_face(portrait_of(config), speak("Warm up.").audio, folder / "warm.mp4", config)
    began = time.perf_counter()
    talk_face(portrait_of(config), audio, folder / "talk.mp4", config)
    spent, length = time.perf_counter() - began, samples_to_seconds(len(audio))
    print(f"from the picture to the file: {length:.1f} s of sound in {spent:.2f} s, {length / spent:.2f} × real time")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path)
    folder = options.parse_args().folder
    speech = speak(TEXT)
    motion = eyes_on_camera(trained_talker().act(speech.audio, speech.transcript, seed=3))
    closures, finder = bilabial_frames(speech, len(motion)), FaceMesh()
    heads = ("yaw", 4), ("set-up", 6), ("fps", 6), ("rest", 7), ("lost", 7), ("r", 6), ("slope", 6), ("at m b p", 9)
    print(f"{'picture':28} {'part':9}", *(f"{head:>{width}}" for head, width in heads))
    for name, picture in portraits(folder):
        measure(name, picture, motion, closures, finder)
    with tempfile.TemporaryDirectory() as place:
        measure_whole(Path(place))


if __name__ == "__main__":
    main()
