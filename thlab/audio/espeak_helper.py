"""The process that speaks: a bare script around libespeak-ng, run by `thlab.audio.espeak`, never imported by it.

The library keeps hidden state, so a text sounds slightly different the second time it is spoken. The script therefore
loads the library once, and forks a child for every request: each child starts from the very same state, and the same
request gives the same samples whatever came before. Being free of torch and of threads, it may fork safely.

Protocol: one JSON request a line on stdin; on stdout one JSON header a line, followed by ``bytes`` bytes of 16-bit PCM.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

SYNCHRONOUS, UTF8, END_PAUSE = 2, 1, 0x1000
NOISE_SEED = 1
"""Of the breath in some voices, which the library otherwise seeds with the time of day."""
PHONEME_EVENTS, IPA_NAMES, DO_NOT_EXIT = 1, 2, 0x8000
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4
END_OF_LIST, WORD, PHONEME = 0, 1, 7


class Name(ctypes.Union):
    """What an event carries: for phonemes, up to eight bytes of UTF-8."""

    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_ubyte * 8)]


class Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("id", ctypes.c_int),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", Name),
    ]


class Voice(ctypes.Structure):
    """``espeak_VOICE`` of speak_lib.h."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))


def load(library: str, data: str) -> tuple[ctypes.CDLL, int]:
    """The library, ready to speak, and its sample rate."""
    espeak = ctypes.CDLL(library)
    espeak.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(Voice))
    options = PHONEME_EVENTS | IPA_NAMES | DO_NOT_EXIT
    rate = espeak.espeak_Initialize(SYNCHRONOUS, 0, data.encode() or None, options)
    if rate <= 0:
        raise OSError(f"libespeak-ng found no voice data in {data or 'its own folder'}")
    return espeak, rate


def voices(espeak: ctypes.CDLL, kind: str) -> list[dict[str, Any]]:
    """The installed voices of one kind: ``""`` for languages, ``"variant"`` for speakers."""
    wanted = ctypes.create_string_buffer(kind.encode())
    found = espeak.espeak_ListVoices(ctypes.byref(Voice(languages=ctypes.addressof(wanted) if kind else None)))
    records: list[dict[str, Any]] = []
    while found[len(records)]:
        records.append(describe(found[len(records)].contents))
    return records


def describe(voice: Voice) -> dict[str, Any]:
    """A voice as plain values."""
    name, identifier = (text.decode("utf-8", "replace") for text in (voice.name, voice.identifier))
    return {"name": name, "identifier": identifier, "languages": languages(voice.languages), "gender": voice.gender}


def languages(address: int | None) -> list[str]:
    """The languages of a voice, the most fitting first: each a priority byte and a name; a zero ends them."""
    found: list[str] = []
    while address and (entry := ctypes.string_at(address)):
        found.append(entry[1:].decode("utf-8", "replace"))
        address += len(entry) + 1
    return found


def speak(espeak: ctypes.CDLL, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Speak one text: the header, with all events, and the samples."""
    if hasattr(espeak, "espeak_ng_SetRandSeed"):
        espeak.espeak_ng_SetRandSeed(NOISE_SEED)
    if espeak.espeak_SetVoiceByName(request["voice"].encode()):
        return {"error": "voice"}, b""
    for parameter, name in ((RATE, "rate"), (PITCH, "pitch"), (RANGE, "intonation"), (VOLUME, "volume")):
        espeak.espeak_SetParameter(parameter, request[name], 0)
    pieces: list[bytes] = []
    events: list[tuple[int, int, int, str]] = []
    callback = Callback(lambda *arguments: collect(pieces, events, *arguments))
    espeak.espeak_SetSynthCallback(callback)
    text = request["text"].encode() + b"\0"
    code = espeak.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 1, 0, UTF8 | END_PAUSE, None, None)
    if code:
        return {"error": f"espeak_Synth returned {code}"}, b""
    return {"events": events}, b"".join(pieces)


def collect(pieces: list[bytes], events: list[tuple[int, int, int, str]], samples: Any, count: int, batch: Any) -> int:
    """Receive one buffer of samples with its events; 0 asks for more."""
    if count > 0:
        pieces.append(ctypes.string_at(samples, 2 * count))
    index = 0
    while batch[index].type != END_OF_LIST:
        event = batch[index]
        index += 1
        if event.type in (WORD, PHONEME):
            name = bytes(event.name.string).split(b"\0")[0] if event.type == PHONEME else b""
            events.append((event.type, event.sample, event.text_position, name.decode("utf-8", "ignore")))
    return 0


def answer(espeak: ctypes.CDLL, rate: int, request: dict[str, Any]) -> None:
    """Write the answer to one request."""
    if "list" in request:
        header, samples = {"voices": voices(espeak, request["list"])}, b""
    else:
        header, samples = speak(espeak, request)
    send({**header, "rate": rate, "bytes": len(samples)}, samples)


def send(header: dict[str, Any], samples: bytes = b"") -> None:
    """One header and its samples to stdout."""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + samples)
    sys.stdout.buffer.flush()


def answer_in_child(espeak: ctypes.CDLL, rate: int, request: dict[str, Any]) -> None:
    """Answer from a fork of this process, so that its state stays untouched; a crash there becomes an error here."""
    child = os.fork()
    if child == 0:
        try:
            answer(espeak, rate, request)
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        send({"error": f"libespeak-ng crashed (status {status})", "bytes": 0})


def main(library: str, data: str) -> None:
    """Serve requests until stdin ends; without fork (Windows) only one, and the caller starts us anew."""
    try:
        espeak, rate = load(library, data)
    except OSError as problem:
        send({"error": f"library: {problem}", "bytes": 0})
        return
    for line in sys.stdin.buffer:
        if not hasattr(os, "fork"):
            answer(espeak, rate, json.loads(line))
            return
        answer_in_child(espeak, rate, json.loads(line))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
