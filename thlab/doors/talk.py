"""``thlab talk``: the main job. A text or a recording goes in, a talking face comes out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from thlab.experiments.talk import TalkConfig
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
    command.add_argument("--system", default="talker", metavar="NAME", help="who makes the clip; see thlab systems")
    command.add_argument("--checkpoint", type=Path, help="weights of that system (default: the repository's)")
    command.add_argument("--actor", type=int, default=10, help="seed of the synthetic person (default: 10)")
    command.add_argument("--emotion", choices=EMOTIONS, default="neutral", metavar="NAME", help=", ".join(EMOTIONS))
    command.add_argument("--intensity", type=float, default=0.8, help="of the emotion, 0 to 1 (default: 0.8)")
    command.add_argument("--size", type=int, default=256, help="pixels a side, even, 64 to 1024 (default: 256)")
    command.add_argument("--seed", type=int, default=0, help="seed of head motion, blinks and light (default: 0)")
    command.add_argument("--captions", action="store_true", help="write WebVTT captions beside the clip")
    command.add_argument("--mark", action="store_true", help="also draw 'synthetic' into the picture")
    command.add_argument("-o", "--output", type=Path, default=Path("out/talk.mp4"), help="default: out/talk.mp4")
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Check everything that can be checked at once, then speak or read, and make the clip."""
    check(options)
    from thlab.experiments.talk import TalkConfig, write_captions_beside

    make = maker(options)
    names = ("actor", "emotion", "intensity", "size", "seed", "mark")
    config = TalkConfig(**{name: getattr(options, name) for name in names})
    audio, transcript = sound(options, config)
    transcript = make(audio, options.output, config, transcript=transcript, quiet=options.quiet)
    print(options.output)
    if options.captions:
        print(write_captions_beside(options.output, transcript))
    return 0


def maker(options: argparse.Namespace) -> Callable[..., Transcript | None]:
    """What makes the clip: the main job, or another system, loaded first so that a bad checkpoint is refused."""
    from thlab.experiments.checkpoints import load_system
    from thlab.experiments.talk import talk, talk_by

    if options.system == "talker" and options.checkpoint is None:
        return talk
    system = load_system(options.system, options.checkpoint)
    if options.emotion != "neutral":
        system.refuse_knobs(emotion=options.emotion)
    return partial(talk_by, system)


def sound(options: argparse.Namespace, config: TalkConfig) -> tuple[Tensor, Transcript | None]:
    """What is to be said: spoken from the text, or read from the recording."""
    from thlab.experiments.talk import say_text
    from thlab.media import read_audio
    from thlab.timebase import Transcript

    if options.text is not None:
        speech = say_text(options.text, config, accent=options.voice, rate=options.rate)
        return speech.audio, speech.transcript
    return read_audio(options.audio), Transcript(options.transcript) if options.transcript else None


def check(options: argparse.Namespace) -> None:
    """Refuse what cannot work before anything slow begins."""
    smallest, largest = SIZES
    if not smallest <= options.size <= largest or options.size % 2:
        raise ValueError(f"--size takes an even number from {smallest} to {largest}; got {options.size}")
    if not 0 <= options.intensity <= 1:
        raise ValueError(f"--intensity takes a number from 0 to 1; got {options.intensity}")
    if options.actor < 0 or options.seed < 0:
        raise ValueError(f"--actor and --seed take whole numbers from 0; got {min(options.actor, options.seed)}")
    if options.rate is not None and not RATES[0] <= options.rate <= RATES[1]:
        raise ValueError(f"--rate takes {RATES[0]} to {RATES[1]} words a minute; got {options.rate}")
    if options.output.suffix.lower() != ".mp4":
        raise ValueError(f"the clip is written as .mp4, but {options.output.name!r} ends otherwise; rename it")
    check_words(options)


def check_words(options: argparse.Namespace) -> None:
    """Transcript and captions need to fit the source."""
    if options.text is not None and options.transcript is not None:
        raise ValueError("--transcript goes with --audio; with --text the words are known already")
    if options.transcript is not None and not options.transcript.strip():
        raise ValueError("--transcript is empty; give the words of the recording, or leave it out")
    if options.captions and options.text is None and options.transcript is None:
        raise ValueError("--captions needs to know the words: give --text, or --transcript with --audio")
