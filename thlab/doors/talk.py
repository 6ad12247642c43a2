"""``thlab talk``: the main job. A text or a recording goes in, a talking face comes out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from thlab.audio.synthesis import Speech
    from thlab.timebase import Transcript

SUMMARY = "make a face say a text or a recording, as an mp4 with sound"
EMOTIONS = ("neutral", "happy", "sad", "angry", "surprise", "disgust", "fear")
SIZES = (64, 1024)
"""Smallest and largest picture, in pixels."""
RATES = (90, 300)
"""Slowest and fastest speech, in words a minute."""


def add_options(command: argparse.ArgumentParser) -> None:
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--text", help="what to say, with a synthetic voice")
    source.add_argument("--audio", type=Path, help="a recording to say: wav, flac, mp3, ogg, m4a or a video's sound")
    command.add_argument("--transcript", help="the words of the recording, if you know them: better lips")
    command.add_argument("--voice", help="espeak-ng voice for --text, such as de (default: the actor's)")
    command.add_argument("--rate", type=int, help="words a minute for --text, 90 to 300 (default: the actor's)")
    command.add_argument("--system", metavar="NAME", help="who makes the clip; see thlab systems (default: talker)")
    command.add_argument("--checkpoint", type=Path, help="weights of that system (default: the repository's)")
    command.add_argument("--face", type=Path, help="a photograph, painting or drawing that is to speak")
    command.add_argument("--face-index", type=int, metavar="N", help="which of its faces, 0 the largest (default: 0)")
    command.add_argument("--landmarks", type=Path, metavar="FILE", help="points of that face: .pts (68), .json or .npz")
    command.add_argument("--actor", type=int, help="seed of the synthetic person (default: 10)")
    command.add_argument("--emotion", choices=EMOTIONS, default="neutral", metavar="NAME", help=", ".join(EMOTIONS))
    command.add_argument("--intensity", type=float, default=0.8, help="of the emotion, 0 to 1 (default: 0.8)")
    command.add_argument("--size", type=int, help="pixels a side, even, 64 to 1024 (default: 256)")
    command.add_argument("--seed", type=int, default=0, help="seed of head motion, blinks and light (default: 0)")
    command.add_argument("--captions", action="store_true", help="write WebVTT captions beside the clip")
    command.add_argument("--mark", action="store_true", help="also draw 'synthetic' into the picture")
    command.add_argument("-o", "--output", type=Path, default=Path("out/talk.mp4"), help="default: out/talk.mp4")
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Check everything that can be checked at once, then speak or read, and make the clip."""
    check(options)
    from thlab.experiments.talk import write_captions_beside

    transcript = talk_with_face(options) if options.face is not None else talk_as_actor(options)
    print(options.output)
    if options.captions:
        print(write_captions_beside(options.output, transcript))
    return 0


def talk_as_actor(options: argparse.Namespace) -> Transcript | None:
    """A synthetic person says it."""
    from thlab.experiments.talk import TalkConfig, say_text

    make = maker(options)
    names = ("actor", "emotion", "intensity", "size", "seed", "mark")
    given = {name: getattr(options, name) for name in names}
    config = TalkConfig(**{name: value for name, value in given.items() if value is not None})
    audio, transcript = sound(options, partial(say_text, config=config))
    return make(audio, options.output, config, transcript=transcript, quiet=options.quiet)


def talk_with_face(options: argparse.Namespace) -> Transcript | None:
    """The face of a photograph says it."""
    try:
        from thlab.experiments import photographs
    except ImportError as error:
        raise ValueError(f"--face needs OpenCV and MediaPipe ({error}); run: pip install -e '.[faces]'") from None
    names = ("face", "face_index", "landmarks", "emotion", "intensity", "seed", "mark")
    config = photographs.FaceConfig(**{name: getattr(options, name) for name in names})
    portrait = photographs.portrait_of(config)  # first, so that a picture without a face is refused at once
    if portrait.framing.scale < 1 and not options.quiet:
        height, width = portrait.size
        print(f"the picture is scaled to {width}×{height}: a moving face has at most 512 pixels", file=sys.stderr)
    audio, transcript = sound(options, partial(photographs.say_for_face, config=config))
    return photographs.talk_face(portrait, audio, options.output, config, transcript=transcript, quiet=options.quiet)


def maker(options: argparse.Namespace) -> Callable[..., Transcript | None]:
    """What makes the clip: the main job, or another system, loaded first so that a bad checkpoint is refused."""
    from thlab.experiments.checkpoints import load_system
    from thlab.experiments.talk import talk, talk_by

    if options.system in (None, "talker") and options.checkpoint is None:
        return talk
    system = load_system(options.system or "talker", options.checkpoint)
    if options.emotion != "neutral":
        system.refuse_knobs(emotion=options.emotion)
    return partial(talk_by, system)


def sound(options: argparse.Namespace, say: Callable[..., Speech]) -> tuple[Tensor, Transcript | None]:
    """What is to be said: spoken from the text, or read from the recording."""
    from thlab.media import read_audio
    from thlab.timebase import Transcript

    if options.text is not None:
        speech = say(options.text, accent=options.voice, rate=options.rate)
        return speech.audio, speech.transcript
    return read_audio(options.audio), Transcript(options.transcript) if options.transcript else None


def check(options: argparse.Namespace) -> None:
    """Refuse what cannot work before anything slow begins."""
    smallest, largest = SIZES
    if options.size is not None and (not smallest <= options.size <= largest or options.size % 2):
        raise ValueError(f"--size takes an even number from {smallest} to {largest}; got {options.size}")
    if not 0 <= options.intensity <= 1:
        raise ValueError(f"--intensity takes a number from 0 to 1; got {options.intensity}")
    if (options.actor or 0) < 0 or options.seed < 0:
        raise ValueError(f"--actor and --seed take whole numbers from 0; got {min(options.actor or 0, options.seed)}")
    if options.rate is not None and not RATES[0] <= options.rate <= RATES[1]:
        raise ValueError(f"--rate takes {RATES[0]} to {RATES[1]} words a minute; got {options.rate}")
    if options.output.suffix.lower() != ".mp4":
        raise ValueError(f"the clip is written as .mp4, but {options.output.name!r} ends otherwise; rename it")
    check_face(options)
    check_words(options)


def check_face(options: argparse.Namespace) -> None:
    """A photograph brings its own person and size, and only one system animates it."""
    if options.face is None:
        for name in ("face_index", "landmarks"):
            if getattr(options, name) is not None:
                raise ValueError(f"--{name.replace('_', '-')} goes with --face; give the picture, or leave it out")
        if options.system == "photograph":
            raise ValueError("--system photograph animates a picture; give one with --face")
        return
    for name, reason in (("actor", "the person is the one in the picture"), ("size", "the picture has its own size")):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} does not go with --face: {reason}; leave one of them out")
    if options.system not in (None, "photograph") or options.checkpoint is not None:
        raise ValueError("--face is animated by the system photograph, which has no checkpoint; leave the others out")
    if options.face_index is not None and (options.face_index < 0 or options.landmarks is not None):
        raise ValueError("--face-index counts the faces that are found from 0; --landmarks names the face itself")


def check_words(options: argparse.Namespace) -> None:
    """Transcript and captions need to fit the source."""
    if options.text is not None and options.transcript is not None:
        raise ValueError("--transcript goes with --audio; with --text the words are known already")
    if options.transcript is not None and not options.transcript.strip():
        raise ValueError("--transcript is empty; give the words of the recording, or leave it out")
    if options.captions and options.text is None and options.transcript is None:
        raise ValueError("--captions needs to know the words: give --text, or --transcript with --audio")
