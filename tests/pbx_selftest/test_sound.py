"""Sound: PCMU is PCMU, a tone is heard where it is and nowhere else; SDP says where it goes."""

import trio

from tests.pbx.rtp import Reception, Sound
from tests.pbx.sdp import MIRRORED, MediaPlace, build_sdp, parse_sdp
from tests.pbx.tones import AMPLITUDE, SILENT_FRAME, decode, decode_sample, encode_sample, loudness, tone_frames
from tests.pbx.tones import tone_amplitude as amplitude


def test_pcmu_is_its_own_inverse() -> None:
    """Every byte comes back as itself; 0x7f and 0xff are the two zeros."""
    assert [encode_sample(decode_sample(byte)) for byte in range(256) if byte != 0x7F] == [
        byte for byte in range(256) if byte != 0x7F
    ]
    assert (decode_sample(0xFF), decode_sample(0x00), decode_sample(0x80)) == (0, -32124, 32124)


def test_a_tone_is_found_among_others() -> None:
    """Its own amplitude at its own frequency, next to nothing at the other tones."""
    samples = decode(b"".join(tone_frames(440)[:10]))
    assert 0.95 < amplitude(samples, 440) / AMPLITUDE < 1.05
    assert all(amplitude(samples, other) < 300 for other in (620, 770, 950, 1210))


def test_silence_is_silent() -> None:
    """The silent frame and no frame at all have no loudness."""
    assert loudness(decode(SILENT_FRAME)) == loudness([]) == amplitude([], 440) == 0


def test_sdp_survives_the_way() -> None:
    """What one side builds the other reads, for each direction."""
    for direction in MIRRORED:
        place = MediaPlace("127.0.0.9", 4000, direction)
        assert parse_sdp(build_sdp(place)) == place
    assert parse_sdp(b"v=0\r\n") is None


def test_the_longest_gap_is_kept() -> None:
    """Packets are counted and the longest pause between two is kept."""
    reception = Reception()
    for at in (1.0, 1.02, 1.10, 1.12):
        reception.note(at)
    assert (reception.packets, round(reception.longest_gap_ms)) == (4, 80)


async def test_two_sounds_hear_each_other(nursery: trio.Nursery) -> None:
    """Over real sockets: the tone sent is heard, changed on the fly, and no other is."""
    one, other = Sound("127.0.0.1", 440), Sound("127.0.0.1", 620)
    one.far, other.far = ("127.0.0.1", other.port), ("127.0.0.1", one.port)
    nursery.start_soon(one.run)
    nursery.start_soon(other.run)
    assert await one.hears(620)
    assert await other.hears(440)
    assert await other.stays_deaf_to(620, 0.1)
    one.tone = 0
    assert await other.hears_nothing()
    one.tone = 950
    assert await other.hears(950)
