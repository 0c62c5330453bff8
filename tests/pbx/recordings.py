"""What is in a recorded file: its tones, moment by moment."""

from __future__ import annotations

import wave
from array import array
from itertools import pairwise
from pathlib import Path

from tests.pbx.tones import FRAME_SAMPLES, RATE, decode, loudness, tone_amplitude

MOMENT_FRAMES = 10  # 0.2 s
TONE_AMPLITUDE_MIN = 1500.0
SILENCE_LOUDNESS_MAX = 50.0


def samples_of(path: Path) -> list[int]:
    """A file of 8 kHz, one channel: .wav with 16 bits, or .ulaw."""
    if path.suffix == ".ulaw":
        return decode(path.read_bytes())
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return array("h", file.readframes(file.getnframes())).tolist()


def tones_of(path: Path, tones: dict[str, int]) -> list[str]:
    """Who is heard in the file, each change once: names in order, joined by +; "" is silence, "?" any other sound.

    What lasts for less than two moments is passed over: a change falls into the midst of one.
    """
    samples, step = samples_of(path), MOMENT_FRAMES * FRAME_SAMPLES
    moments = [_who(samples[at : at + step], tones) for at in range(0, len(samples) - step + 1, step)]
    steady = [who for who, after in pairwise(moments) if who == after]
    return [who for n, who in enumerate(steady) if n == 0 or steady[n - 1] != who]


def seconds_of(path: Path) -> float:
    """How long it is."""
    return len(samples_of(path)) / RATE


def _who(samples: list[int], tones: dict[str, int]) -> str:
    there = [name for name, hertz in sorted(tones.items()) if tone_amplitude(samples, hertz) >= TONE_AMPLITUDE_MIN]
    if there:
        return "+".join(there)
    return "" if loudness(samples) <= SILENCE_LOUDNESS_MAX else "?"
