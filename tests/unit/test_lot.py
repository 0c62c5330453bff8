"""The numbers of SplitMix64, drawn below n."""

from collections import Counter

import pytest

from acd.lot import Lot

M = 1 << 64


def splitmix64(seed: int, count: int) -> list[int]:
    """The generator as its authors wrote it, a state that grows: in arithmetic modulo 2^64 and bits by text."""
    state, numbers = seed % M, []
    for _ in range(count):
        state = (state + 11400714819323198485) % M
        z = state
        z = ((z ^ z // 2**30) * 13787848793156543929) % M
        z = ((z ^ z // 2**27) * 10723151780598845931) % M
        numbers.append(z ^ z // 2**31)
    return numbers


def draws(seed: int, count: int, n: int = M) -> list[int]:
    lot = Lot(seed)
    return [lot.draw(n) for _ in range(count)]


def test_the_published_numbers_of_the_seed_1234567() -> None:
    """Those that implementations in other languages test themselves by."""
    assert draws(1234567, 5) == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@pytest.mark.parametrize("seed", [0, 1, 42, 1 << 63, M - 1, M + 5])
def test_every_number_is_that_of_the_generator(seed: int) -> None:
    assert draws(seed, 1_000) == splitmix64(seed, 1_000)
    assert draws(seed, 1_000, 6) == [number % 6 for number in splitmix64(seed, 1_000)]


def test_a_lot_is_its_seed_and_how_often_it_was_drawn() -> None:
    """That is all a snapshot keeps."""
    lot = Lot(7)
    first = [lot.draw(100) for _ in range(10)]
    assert lot == Lot(7, draws=10)
    later = Lot(7, draws=4)
    assert [later.draw(100) for _ in range(6)] == first[4:]


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_all_below_n_and_each_alike(n: int) -> None:
    """Of 7000 draws, within five standard deviations."""
    counts = Counter(draws(3, 7_000, n))
    assert counts.keys() == set(range(n))
    mean = 7_000 / n
    assert all(abs(count - mean) <= 5 * (mean * (1 - 1 / n)) ** 0.5 for count in counts.values())
