"""Clips of sound and pictures, read from files and written to them."""

from thlab.media.atomic import atomic_path
from thlab.media.audio_files import read_audio, stream_audio, write_audio
from thlab.media.captions import write_captions
from thlab.media.clip import Audio, Batch, Clip, Frames, Truth
from thlab.media.clip_writer import ClipWriter, write_clip
from thlab.media.pictures import contact_sheet, read_picture, stamp
from thlab.media.video_files import first_moment, read_clip, read_note, stream_frames

__all__ = [
    "Audio",
    "Batch",
    "Clip",
    "ClipWriter",
    "Frames",
    "Truth",
    "atomic_path",
    "contact_sheet",
    "first_moment",
    "read_audio",
    "read_clip",
    "read_note",
    "read_picture",
    "stamp",
    "stream_audio",
    "stream_frames",
    "write_audio",
    "write_captions",
    "write_clip",
]
