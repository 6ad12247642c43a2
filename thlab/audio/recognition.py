"""Voice to phones and words, offline: what is said in a recording of English, and when.

Two ways to listen, which err differently. `recognise_phones` knows only which phone likes to follow which, so it hears
what was said even in words that nobody knows, and in other languages. `recognise_words` also knows words and which
like to follow which, so it is right more often on clear speech, and wrong for whole words elsewhere. Where the text is
known, `align` beats both. All three are safe to call from any thread or process. Chapter 02.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from thlab.audio.aligner import Aligner
from thlab.audio.alignment import align
from thlab.audio.decoder import decode_phones, decode_words, dictionary, within
from thlab.audio.pauses import utterances
from thlab.audio.waveform import as_sound
from thlab.timebase import Interval, Transcript

__all__ = ["align", "dictionary", "recognise_phones", "recognise_words"]

def recognise_phones(audio: Float[Tensor, "samples"]) -> tuple[Interval, ...]:
    """The phones of a recording, in IPA, decoded without a vocabulary; gaps are silence.

    Args:
        audio: mono sound at 16 kHz, of any level and length.

    Returns:
        Phones with times in seconds; none for silence or for less than 50 ms.

    Raises:
        ValueError: the sound is not finite.

    Chapter 02.
    """
    sound = as_sound(audio)
    return tuple(phone for u in utterances(sound) for phone in within(decode_phones(u.pcm), u.start, u.end))


def recognise_words(audio: Float[Tensor, "samples"]) -> Transcript:
    """The words of a recording of English, and the phones of those words; gaps are silence.

    Args:
        audio: mono sound at 16 kHz, of any level and length.

    Returns:
        Text in small letters without punctuation; words and phones with times. All empty where nothing is heard.

    Raises:
        ValueError: the sound is not finite.

    Chapter 02.
    """
    sound = as_sound(audio)
    words = [word for u in utterances(sound) for word in within(decode_words(u.pcm), u.start, u.end)]
    spoken = Aligner(sound).phones(words)
    phones = tuple(phone for word in spoken for phone in word.phones)
    return Transcript(" ".join(word.label for word in words), tuple(word.word for word in spoken), phones, "en")
