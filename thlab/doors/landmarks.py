"""``thlab landmarks PICTURE``: the 68 points of a face, written and drawn; or how far finders are from marked ones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from itertools import tee
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thlab.experiments.landmark_accuracy import Accuracy
    from thlab.face.landmarks import Detector

SUMMARY = "find the 68 landmarks of a face in a picture or a video"
DETECTORS = ("mediapipe", "own", "face-alignment")


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", metavar="PICTURE_OR_VIDEO", type=Path, nargs="?", help="any format and size")
    command.add_argument(
        "-o", "--output", type=Path,
        help="file for the points: .pts (iBUG), .json or .npz; of a video .npz (default: out/NAME.pts or .npz); "
        "the drawing goes beside it",
    )  # fmt: skip
    command.add_argument("--detector", choices=DETECTORS, help="who looks (default: mediapipe; with --compare all)")
    command.add_argument("--face-index", type=int, help="which face, from 0 by size (default: the largest)")
    command.add_argument("--download", action="store_true", help="let face-alignment fetch its weights, about 190 MB")
    command.add_argument(
        "--compare", type=Path, metavar="FOLDER", help="print each detector's error on marked pictures (.pts, imglab)"
    )


def run(options: argparse.Namespace) -> int:
    if (options.source is None) == (options.compare is None):
        raise ValueError("expected a picture or a video, or --compare FOLDER; see 'thlab landmarks --help'")
    if options.compare is not None:
        return _compare(options)
    from thlab.experiments.detectors import detector_of
    from thlab.experiments.landmark_accuracy import PICTURES
    from thlab.media.pictures import is_picture

    if not options.source.is_file():
        raise ValueError(f"expected a picture or a video, but there is no file at {options.source}")
    name = options.detector or "mediapipe"
    if is_picture(options.source) or options.source.suffix.lower() in PICTURES:
        detector = detector_of(name, download=options.download)
        written = _of_picture(options.source, options.output, detector, options.face_index)
    else:
        following = None if name == "mediapipe" else detector_of(name, download=options.download)
        written = _of_video(options.source, options.output, following, options.face_index)
    for path in written:
        print(path)
    return 0


def _of_picture(source: Path, output: Path | None, detector: Detector, index: int | None) -> list[Path]:
    from PIL import Image

    from thlab.face.landmarks import chosen_face
    from thlab.face.landmarks.drawing import drawn
    from thlab.media import atomic_path, read_picture
    from thlab.media.points_files import write_points

    output = output or Path("out") / f"{source.stem}.pts"
    drawing = output.with_suffix(".png")
    if drawing.resolve() == source.resolve():
        drawing = output.with_name(f"{output.stem}-points.png")
    picture = read_picture(source)
    points = chosen_face(detector.detect(picture, most=8), index, where=str(source)).ibug()
    write_points(points, output)
    with atomic_path(drawing) as part:
        Image.fromarray(drawn(picture, [points])).save(part, "PNG")
    return [output, drawing]


def _of_video(source: Path, output: Path | None, detector: Detector | None, index: int | None) -> list[Path]:
    """Points of every frame, with memory that does not grow with the pictures."""
    if index is not None:
        raise ValueError("--face-index is for pictures; in a video the largest face is followed")
    import numpy as np

    from thlab.face.landmarks import follow
    from thlab.face.landmarks.drawing import drawn
    from thlab.face.landmarks.tracking import light_track
    from thlab.media import ClipWriter, atomic_path, stream_frames
    from thlab.media.atomic import check_suffix

    output = output or Path("out") / f"{source.stem}.npz"
    seen, shown = tee(stream_frames(source))
    first = next(shown)
    check_suffix(output, (".npz",), what="the track of a video")
    height, width, _ = drawn(first.numpy(), []).shape
    faces = []
    with ClipWriter(output.with_suffix(".mp4"), (height, width), note=None, title=None) as writer:
        for frame, face in zip(_again(first, shown), follow(seen, detector), strict=True):
            faces.append(None if face is None else (face.ibug(), face.ibug_visible()))
            points = [] if face is None else [face.ibug()]
            writer.write(drawn(frame.numpy(), points))
        landmarks, visible, found = light_track(faces)
    with atomic_path(output) as part, part.open("wb") as file:
        np.savez_compressed(file, landmarks=landmarks, visible=visible, found=found)
    return [output, output.with_suffix(".mp4")]


def _again(first: object, rest: Iterable) -> Iterable:
    yield first
    yield from rest


def _compare(options: argparse.Namespace) -> int:
    from thlab.experiments.detectors import detector_of
    from thlab.experiments.landmark_accuracy import accuracy, annotated_faces, table_of

    faces, missing = annotated_faces(options.compare)
    rows: list[Accuracy] = []
    refused = []
    for name in [options.detector] if options.detector else DETECTORS:
        try:
            detector = detector_of(name, download=options.download)
        except ValueError as error:
            if options.detector:
                raise
            refused.append(f"{name}: {error}")
            continue
        rows.append(accuracy(detector, faces))
    pictures = len({face.picture for face in faces})
    elsewhere = f"; {missing} more in pictures that are not there" if missing else ""
    print(f"{len(faces)} marked faces in {pictures} pictures{elsewhere}")
    print("errors in % of the distance of the eyes' outer corners; box: of the diagonal of the marked points' box")
    print("\n".join(table_of(rows)))
    for line in refused:
        print(line, file=sys.stderr)
    return 0 if rows else 2
