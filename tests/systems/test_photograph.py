"""A photograph that speaks stays the photograph: at rest to the pixel, at its border always, its person throughout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.data import astronaut

from thlab.audio.phonemes import BILABIALS, phone_class
from thlab.audio.synthesis import speak
from thlab.face.action_units import expression
from thlab.face.head import Stage, sample_person
from thlab.face.landmarks import FaceMesh
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, MIDDLE
from thlab.face.motion import Motion
from thlab.face.visemes import TARGETS, articulate
from thlab.media import Clip, Truth
from thlab.systems.photograph import Photograph, PhotographConfig, Portrait, motion_of
from thlab.timebase import frame_times, video_frames

STILL, AHEAD = np.zeros(6, np.float32), np.zeros(2, np.float32)
FINDER = FaceMesh()


def prepared(picture: np.ndarray, **options: int) -> Portrait:
    return Portrait(picture, FINDER.detect(picture)[0].points, **options)


@pytest.fixture(scope="module")
def person() -> Portrait:
    """A synthetic person with a closed mouth."""
    motion = Motion(expression()[None], STILL[None], AHEAD[None])
    return prepared(next(Stage(sample_person(18), size=320).frames(motion)))


@pytest.fixture(scope="module")
def smiling() -> Portrait:
    """A photograph of a smile that shows its teeth."""
    return prepared(astronaut())


def shown(portrait: Portrait, viseme: str = "sil", *, closed: float = 1.0, **face: float) -> np.ndarray:
    coefficients = expression(**TARGETS[viseme]) + expression(**face)
    return portrait.frame(portrait.warp(), coefficients, STILL, AHEAD, closed=closed)


def opening_read(part: np.ndarray, portrait: Portrait) -> float:
    """What the detector sees, in head units."""
    points = FINDER.detect(part)[0].points[:, :2]
    return float(np.linalg.norm(points[INNER_UPPER[MIDDLE]] - points[INNER_LOWER[MIDDLE]])) / portrait.rest.pose.scale


def test_a_closed_mouth_at_rest_is_the_photograph(person: Portrait):
    assert not person.rest.open_mouth
    assert np.abs(shown(person).astype(int) - person.framing.part).mean() < 0.1


def test_a_smile_starts_as_it_was_photographed_and_then_closes(smiling: Portrait):
    assert smiling.rest.open_mouth
    assert np.abs(shown(smiling, closed=0.0).astype(int) - smiling.framing.part).mean() < 0.5
    assert opening_read(smiling.framing.part, smiling) > 0.08
    assert opening_read(shown(smiling), smiling) < 0.03


def test_the_border_of_the_moving_part_joins_the_rest_without_a_seam(smiling: Portrait):
    pose = np.array([0.3, 0.2, 0.3, 0.1, 0.1, 0], np.float32)
    motion = Motion(expression(**TARGETS["AA"])[None], pose[None], AHEAD[None])
    (frame,) = smiling.frames(motion)
    changed = (frame != smiling.framing.picture).any(2)
    top, left = smiling.framing.top, smiling.framing.left
    height, width = smiling.framing.part.shape[:2]
    part = np.zeros_like(changed)
    part[top : top + height, left : left + width] = True
    assert changed[part].mean() > 0.3
    assert not changed[~part].any()
    edge = part.copy()
    edge[top + 1 : top + height - 1, left + 1 : left + width - 1] = False
    assert np.abs(frame.astype(int) - smiling.framing.picture)[edge].mean() < 0.7


@pytest.mark.parametrize("name", ["person", "smiling"])
def test_the_detector_reads_the_opening_that_was_asked_for(name: str, request: pytest.FixtureRequest):
    portrait = request.getfixturevalue(name)
    speech = speak("Papa saw a boat above the map.")
    track = articulate(speech.transcript.phones, frame_times(video_frames(len(speech.audio))))[::2]
    warp = portrait.warp()
    asked = [portrait.rig.place(face, STILL, AHEAD).opening for face in track]
    read = [opening_read(portrait.frame(warp, face, STILL, AHEAD), portrait) for face in track]
    assert np.corrcoef(asked, read)[0, 1] > 0.95


def test_lips_are_shut_in_the_middle_of_m_b_p(person: Portrait, smiling: Portrait):
    speech = speak("We move both boats. Papa may buy a map.")
    closures = [phone for phone in speech.transcript.phones if phone_class(phone.label) in BILABIALS]
    middles = np.array([0.5 * (phone.start + phone.end) for phone in closures])
    assert len(middles) >= 6
    for face in articulate(speech.transcript.phones, middles):
        for portrait in (person, smiling):
            assert abs(portrait.rig.place(face, STILL, AHEAD).opening) <= 0.003


def test_an_open_mouth_is_dark_inside_and_a_closed_lid_is_not(person: Portrait):
    def grey(part: np.ndarray, points: np.ndarray) -> float:
        x, y = points.mean(0)[:2].astype(int)
        return float(part[y - 2 : y + 3, x - 2 : x + 3].mean())

    rest, opened, blinking = shown(person), shown(person, "AA"), shown(person, blink=1.0)
    placed = person.rig.place(expression(**TARGETS["AA"]), STILL, AHEAD)
    mouth = placed.mesh[[INNER_UPPER[MIDDLE], INNER_LOWER[MIDDLE]]]
    assert grey(opened, mouth) < 0.6 * grey(rest, mouth)
    pupil = person.rest.irises[[0]]
    assert grey(blinking, pupil) > grey(rest, pupil) + 20


def test_the_number_of_threads_changes_no_pixel(person: Portrait):
    faces = np.stack([expression(**TARGETS[name]) for name in ("AA", "PP", "UW", "FF")])
    motion = Motion(faces, np.tile(STILL + 0.05, (4, 1)), np.tile(AHEAD, (4, 1)))
    points = FINDER.detect(person.framing.picture)[0].points
    one, three = (Portrait(person.framing.picture, points, threads=threads) for threads in (1, 3))
    for a, b in zip(one.frames(motion), three.frames(motion), strict=True):
        assert np.array_equal(a, b)


def test_a_large_face_is_scaled_down_and_the_output_is_even():
    motion = Motion(expression()[None], STILL[None], AHEAD[None])
    picture = next(Stage(sample_person(18), size=320).frames(motion))
    points = FINDER.detect(picture)[0].points
    portrait = Portrait(picture[:-1, :-1], points, PhotographConfig(largest_part=200, longest=201))
    assert max(portrait.framing.part.shape) <= 200
    assert max(portrait.size) <= 201
    assert all(side % 2 == 0 for side in portrait.size)


# -- the system -------------------------------------------------------------------------------------------------------


def driving(frames: int = 3, **truth: torch.Tensor) -> Clip:
    face = torch.zeros(frames, 30)
    face[:, 0] = torch.linspace(0, 0.7, frames)
    return Clip(truth=Truth(expression=face, **truth))


@pytest.fixture(scope="module")
def reference() -> Clip:
    return Clip(frames=torch.from_numpy(astronaut())[None])


def test_a_picture_moves_as_the_coefficients_of_a_clip_say(reference: Clip):
    clip = Photograph().animate(reference, driving())
    assert clip.frames.shape == (3, 512, 512, 3)
    assert torch.equal(clip.frames, Photograph().animate(reference, driving()).frames)
    assert (clip.frames[0] != clip.frames[2]).any()


def test_its_knobs_change_the_motion():
    turning = torch.zeros(3, 6)
    turning[:, 0] = 0.3
    turned = motion_of(driving(), Clip(truth=Truth(pose=turning)), None)
    assert turned.pose[0, 0] == pytest.approx(0.3)
    assert np.abs(motion_of(driving(), None, None).pose).max() == 0
    happy = motion_of(driving(), None, "happy").expression
    assert happy.sum() > motion_of(driving(), None, None).expression.sum()


def test_what_it_lacks_is_named(reference: Clip):
    with pytest.raises(ValueError, match="truth has no expression"):
        Photograph().animate(reference, Clip(audio=torch.zeros(16_000)))
    with pytest.raises(ValueError, match="needs a picture"):
        Photograph().animate(Clip(), driving())
    with pytest.raises(ValueError, match="knows none"):
        motion_of(driving(), Clip(audio=torch.zeros(16_000)), None)
    with pytest.raises(ValueError, match="one length"):
        motion_of(driving(), Clip(truth=Truth(pose=torch.zeros(5, 6))), None)
    with pytest.raises(ValueError, match="no face was found"):
        Photograph().animate(Clip(frames=torch.zeros(1, 64, 64, 3, dtype=torch.uint8)), driving())


def test_it_has_nothing_to_learn():
    assert not list(Photograph().parameters())
    with pytest.raises(ValueError, match="nothing to learn"):
        Photograph().losses(None, player="generator", rng=torch.Generator())
