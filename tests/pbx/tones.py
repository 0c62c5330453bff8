"""Sound as numbers: PCMU both ways, sine tones, and how much of a tone is in what was heard. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

RATE = 8000
FRAME_SAMPLES = 160  # 20 ms
AMPLITUDE = 8000
BIAS, CLIP = 0x84, 32635
SILENT_FRAME = b"\xff" * FRAME_SAMPLES


def encode_sample(sample: int) -> int:
    """One 16-bit sample as a PCMU byte (ITU-T G.711)."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), CLIP) + BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def decode_sample(byte: int) -> int:
    """The 16-bit sample that a PCMU byte stands for."""
    inverted = ~byte & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + BIAS << (inverted >> 4 & 0x07)) - BIAS
    return -magnitude if inverted & 0x80 else magnitude


DECODED = tuple(decode_sample(byte) for byte in range(256))


def decode(payload: bytes) -> list[int]:
    """The samples of a PCMU payload."""
    return [DECODED[byte] for byte in payload]


@cache
def tone_frames(hertz: int) -> tuple[bytes, ...]:
    """One second of a sine tone as 20 ms frames, to be repeated without a seam; 0 Hz is silence."""
    if hertz == 0:
        return (SILENT_FRAME,)
    step = 2 * math.pi * hertz / RATE
    sound = bytes(encode_sample(round(AMPLITUDE * math.sin(step * place))) for place in range(RATE))
    return tuple(sound[at : at + FRAME_SAMPLES] for at in range(0, RATE, FRAME_SAMPLES))


def tone_amplitude(samples: Sequence[int], hertz: float) -> float:
    """The amplitude of that frequency in the samples (Goertzel): about AMPLITUDE for our own tones."""
    if not samples:
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * hertz / RATE)
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = max(before * before + last * last - coefficient * before * last, 0.0)
    return 2 * math.sqrt(power) / len(samples)


def loudness(samples: Sequence[int]) -> float:
    """The root mean square of the samples; 0 for none."""
    return math.sqrt(sum(s * s for s in samples) / len(samples)) if samples else 0.0
