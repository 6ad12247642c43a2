"""Every correlation that the corpus claims to plant is there, measured over many performances."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from thlab.audio.synthesis import Speech
from thlab.corpus.performance import LIMITS, Performance, acting_style, perform
from thlab.corpus.sentences import sentence
from thlab.corpus.voices import Line, say, voice_of
from thlab.face.action_units import EMOTION_NAMES, EXPRESSION_INDEX
from thlab.face.head.person import sample_person
from thlab.face.visemes import VISEME_INDEX

Takes = dict[int, list[list[Performance]]]


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def every(performances: Takes) -> Iterator[tuple[int, Performance]]:
    return ((actor, take) for actor, spoken in performances.items() for takes in spoken for take in takes)


def mode(performance: Performance, name: str) -> np.ndarray:
    return performance.motion.expression[:, EXPRESSION_INDEX[name]]


def blink_onsets(performance: Performance) -> np.ndarray:
    return (performance.blink[1:] > 0.3) & (performance.blink[:-1] <= 0.3)


def test_the_same_seed_gives_the_same_performance_and_another_seed_another(speeches: dict[int, list[Speech]]):
    def act(seed: int) -> Performance:
        return perform(speeches[0][0], acting_style(0), rng=np.random.default_rng(seed))

    np.testing.assert_array_equal(act(1).motion.pose, act(1).motion.pose)
    assert np.abs(act(1).motion.pose - act(2).motion.pose).max() > 0.02


def test_the_seed_changes_head_and_eyes_but_not_the_mouth(performances: Takes):
    first, second = performances[1][0][:2]
    for name in ("jaw_open", "pucker", "roll_in", "lip_tuck"):
        np.testing.assert_allclose(mode(first, name), mode(second, name), atol=1e-6)
    np.testing.assert_array_equal(first.viseme, second.viseme)


def test_a_slow_part_of_head_pitch_follows_prosody(performances: Takes):
    found = [correlation(take.motion.pose[:, 1], take.emphasis) for _, take in every(performances)]
    assert 0.3 < np.mean(found) < 0.8


def test_yaw_and_roll_owe_prosody_nothing(performances: Takes):
    for axis in (0, 2):
        found = [correlation(take.motion.pose[:, axis], take.emphasis) for _, take in every(performances)]
        assert abs(np.mean(found)) < 0.12


def test_most_of_the_head_movement_is_random_given_the_sound(performances: Takes):
    spread = [np.std([t.motion.pose[:, 0] for t in takes], 0).mean() for s in performances.values() for takes in s]
    assert np.mean(spread) > 0.08


def test_yaw_has_three_modes_where_a_gaussian_has_one(performances: Takes):
    yaw = np.concatenate([
        take.motion.pose[:, 0] / acting_style(actor).pose_gain for actor, take in every(performances)
    ])  # fmt: skip
    counts, edges = np.histogram(yaw, bins=np.linspace(-0.45, 0.45, 31))
    middles = 0.5 * (edges[1:] + edges[:-1])
    for sign in (-1, 1):
        side = counts[(sign * middles > 0.16) & (sign * middles < 0.32)].max()
        valley = counts[(sign * middles > 0.08) & (sign * middles < 0.16)].min()
        assert side > 1.25 * valley < counts[np.abs(middles) < 0.05].max()


def test_gestures_of_every_regime_happen_and_move_their_own_axis(performances: Takes):
    regime = np.concatenate([take.regime for _, take in every(performances)])
    assert (np.bincount(regime, minlength=4) / len(regime) > 0.06).all()
    roll = {kind: [] for kind in range(4)}
    for _, take in every(performances):
        for kind in range(4):
            roll[kind].extend(np.abs(take.unexplained_pose[take.regime == kind, 2]))
    assert np.mean(roll[3]) > 1.15 * np.mean(roll[0])


def test_pose_stays_within_its_limits_and_moves_smoothly(performances: Takes):
    for _, take in every(performances):
        assert (np.abs(take.motion.pose) < LIMITS).all()
        assert np.abs(np.diff(take.motion.pose[:, :3], axis=0)).max() < 0.1


def test_blinks_come_at_a_human_rate_and_rather_in_pauses(performances: Takes):
    in_pause = in_speech = pause = speech = 0
    for _, take in every(performances):
        onset = blink_onsets(take)
        in_pause += (onset & take.pause[1:]).sum()
        in_speech += (onset & ~take.pause[1:]).sum()
        pause += take.pause.sum()
        speech += (~take.pause).sum()
    a_minute = (in_pause + in_speech) / (pause + speech) * 1500
    assert 12 < a_minute < 45
    assert in_pause / pause > 1.5 * in_speech / speech


def test_a_blink_is_followed_by_a_time_without_one():
    from thlab.face.blinks import blink_times

    moments = blink_times(np.random.default_rng(0), np.zeros(25 * 600, bool), per_minute=25.0)
    intervals = np.diff(moments)
    assert intervals.min() > 0.1
    assert (intervals < 0.5).mean() < 0.5 * (1 - np.exp(-0.5 / intervals.mean()))


def test_some_blinks_stop_halfway_and_most_do_not():
    from thlab.face.blinks import blink_track

    rng = np.random.default_rng(0)
    depths = np.array([blink_track(rng, np.array([0.5]), 25).max() for _ in range(300)])
    assert 0.04 < (depths < 0.8).mean() < 0.25
    assert (depths > 0.97).mean() > 0.7


def test_amplitude_of_the_mouth_belongs_to_the_person(performances: Takes):
    amplitudes = [acting_style(actor).speaking.amplitude for actor in performances]
    opening = [np.mean([mode(takes[0], "jaw_open").max() for takes in s]) for s in performances.values()]
    assert correlation(np.array(amplitudes), np.array(opening)) > 0.7


def test_asymmetry_of_the_mouth_belongs_to_the_person(performances: Takes):
    for actor, spoken in performances.items():
        pulled = mode(spoken[0][0], "mouth_side")
        assert np.sign(pulled.sum()) == np.sign(acting_style(actor).speaking.asymmetry)


def test_liveliness_of_the_head_belongs_to_the_person(speeches: dict[int, list[Speech]]):
    gains, spreads = [], []
    for actor in range(16):
        style = acting_style(actor)
        takes = [perform(speeches[0][0], style, rng=np.random.default_rng([actor, k])) for k in range(6)]
        gains.append(style.pose_gain)
        spreads.append(np.mean([np.abs(np.diff(take.motion.pose[:, :3], axis=0)).mean() for take in takes]))
    assert correlation(np.array(gains), np.array(spreads)) > 0.8


def test_louder_syllables_open_the_mouth_further(speeches: dict[int, list[Speech]]):
    from thlab.corpus.prosody import prosody
    from thlab.face.visemes import articulate
    from thlab.timebase import frame_times

    found = []
    for actor, spoken in speeches.items():
        for speech in spoken:
            take = perform(speech, acting_style(actor), rng=np.random.default_rng(0))
            heard = prosody(speech.audio.numpy(), len(take.motion))
            times, style = frame_times(len(take.motion)), acting_style(actor).speaking
            plain = articulate(speech.transcript.phones, times, style=style)
            open_ = plain[:, 0] > 0.15
            found.append(correlation(mode(take, "jaw_open")[open_] / plain[open_, 0], heard.loudness[open_]))
    assert np.mean(found) > 0.6


def test_brows_follow_prosody_only_a_little(performances: Takes):
    brows = [(mode(take, "brow_inner"), take.emphasis) for _, take in every(performances)]
    found = [correlation(brow, emphasis) for brow, emphasis in brows if brow.std() > 0]
    assert 0.03 < np.mean(found) < 0.35


def test_eyes_undo_the_turning_of_the_head(performances: Takes):
    found = [correlation(take.motion.gaze[:, 0], take.motion.pose[:, 0]) for _, take in every(performances)]
    assert np.mean(found) < -0.6
    jumps = np.concatenate([np.abs(np.diff(take.motion.gaze[:, 0])) for _, take in every(performances)])
    assert np.quantile(jumps, 0.99) > 8 * np.median(jumps)


@pytest.mark.parametrize("emotion", [name for name in EMOTION_NAMES if name != "neutral"])
def test_an_emotion_shows_in_the_face_and_keeps_the_closures(emotion: str, speeches: dict[int, list[Speech]]):
    speech, style = speeches[2][0], acting_style(2)
    plain = perform(speech, style, rng=np.random.default_rng(0))
    felt = perform(speech, style, emotion=emotion, rng=np.random.default_rng(0))
    assert np.abs(felt.motion.expression - plain.motion.expression).sum(1).mean() > 0.4
    shut = mode(plain, "roll_in") > 0.47
    assert shut.any()
    assert mode(felt, "jaw_open")[shut].max() < 0.02


def test_the_sad_hold_their_heads_lower_and_still(speeches: dict[int, list[Speech]]):
    def pose(emotion: str) -> np.ndarray:
        rngs = (np.random.default_rng(seed) for seed in range(12))
        return np.stack([perform(speeches[0][0], acting_style(0), emotion=emotion, rng=r).motion.pose for r in rngs])

    assert pose("sad")[..., 1].mean() > pose("happy")[..., 1].mean() + 0.06
    assert np.diff(pose("sad")[..., 0], axis=1).std() < 0.7 * np.diff(pose("happy")[..., 0], axis=1).std()


def test_phones_show_in_the_mouth(performances: Takes):
    for _, take in every(performances):
        bilabial = take.viseme == VISEME_INDEX["PP"]
        open_ = take.viseme == VISEME_INDEX["AA"]
        if bilabial.any() and open_.any():
            assert mode(take, "jaw_open")[open_].mean() > mode(take, "jaw_open")[bilabial].mean() + 0.1


# -- voices -----------------------------------------------------------------------------------------------------------


def test_pitch_and_formants_can_be_guessed_from_the_face():
    people = [sample_person(seed) for seed in range(400)]
    voices = [voice_of(person) for person in people]
    age = np.array([person.age for person in people])
    pitch, tract = (np.array([getattr(voice, name) for voice in voices]) for name in ("pitch", "tract"))
    for female in (True, False):
        these = np.array([person.female == female for person in people])
        assert correlation(age[these], pitch[these]) < -0.4
        assert correlation(age[these], tract[these]) > 0.4
    assert {voice.timbre for voice, person in zip(voices, people, strict=True) if person.female}.isdisjoint(
        voice.timbre for voice, person in zip(voices, people, strict=True) if not person.female
    )


def test_larger_people_have_deeper_voices():
    from thlab.corpus.voices import build_of

    people = [sample_person(seed) for seed in range(400)]
    build = np.array([build_of(person) for person in people])
    rest = np.array([voice_of(person).tract - 0.0016 * (person.age - 40) for person in people])
    assert correlation(build, rest) > 0.5


def test_women_are_heard_higher_than_men(speeches: dict[int, list[Speech]]):
    from thlab.corpus.prosody import prosody

    hertz: dict[bool, list[float]] = {True: [], False: []}
    for actor, spoken in speeches.items():
        for speech in spoken:
            pitch = prosody(speech.audio.numpy(), len(speech.audio) // 640).median_pitch
            hertz[sample_person(actor).female].append(pitch)
    assert min(hertz[True]) > 1.2 * max(hertz[False])


def test_a_longer_vocal_tract_lowers_formants_but_neither_pitch_nor_rate():
    from dataclasses import replace

    from thlab.corpus.prosody import prosody

    voice = replace(voice_of(sample_person(3)), accent="en-us", timbre="m3", pitch=50.0, rate=160.0)
    short, long = say([Line(sentence(4), replace(voice, tract=tract)) for tract in (0.92, 1.12)])
    low, high = (prosody(s.audio.numpy(), len(s.audio) // 640).median_pitch for s in (long, short))
    assert abs(np.log2(high / low)) < 0.12
    assert len(long.audio) == pytest.approx(len(short.audio), rel=0.08)
    assert _spectral_shift(long, short) == pytest.approx(np.log2(1.12 / 0.92), abs=0.1)


def _spectral_shift(a: Speech, b: Speech) -> float:
    """Octaves by which the long-term spectrum of b lies above that of a."""
    octaves = np.arange(8.6, 11.9, 1 / 96)

    def envelope(speech: Speech) -> np.ndarray:
        frames = speech.audio.numpy()[: len(speech.audio) // 512 * 512].reshape(-1, 512) * np.hanning(512)
        power = (np.abs(np.fft.rfft(frames)) ** 2).mean(0)
        level = np.interp(2**octaves, np.fft.rfftfreq(512, 1 / 16000), np.log(power + 1e-9))
        smooth = np.convolve(level, np.hanning(25) / 12, mode="same")
        return np.gradient(smooth)

    first, second = envelope(a), envelope(b)
    shifts = np.arange(-48, 49)
    inner = slice(60, -60)
    scores = [correlation(first[inner], np.roll(second, -shift)[inner]) for shift in shifts]
    return float(shifts[int(np.argmax(scores))]) / 96


def test_a_sentence_keeps_its_time_across_emotions_when_told_to_and_is_warped_otherwise():
    voice = voice_of(sample_person(2))

    def phones(emotion: str, keep_time: bool) -> np.ndarray:
        (speech,) = say([Line(sentence(7), voice, emotion, 1.0, keep_time)])
        return np.array([phone.start for phone in speech.transcript.phones])

    neutral = phones("neutral", False)
    for emotion in ("sad", "fear"):
        kept, warped = phones(emotion, True), phones(emotion, False)
        assert len(kept) == len(warped) == len(neutral)
        assert np.abs(kept - neutral).max() < 0.12
        assert np.abs(warped - neutral).max() > 0.2


def test_emotions_change_the_voice():
    from thlab.corpus.prosody import prosody

    voice = voice_of(sample_person(2))
    spoken = say([Line(sentence(7), voice, emotion) for emotion in ("sad", "neutral", "surprise")])
    pitch = [prosody(s.audio.numpy(), len(s.audio) // 640).median_pitch for s in spoken]
    assert pitch[0] < pitch[1] < pitch[2]
    assert spoken[0].audio.abs().mean() < spoken[1].audio.abs().mean()
