"""Rows: what is put stands sorted, what is taken is gone, at any length."""

from bisect import insort
from random import Random

import pytest

from acd.rows import CHUNK_MAX, Row

Entry = tuple[int, str]


def row_of(*numbers: int) -> Row[Entry]:
    row: Row[Entry] = Row()
    for number in numbers:
        row.put((number, f"e{number}"))
    return row


def numbers(row: Row[Entry]) -> list[int]:
    return [number for number, _ in row]


def is_sound(row: Row[Entry]) -> bool:
    """No chunk is empty but the only one, and none is longer than allowed."""
    return all(row.chunks) * (max(map(len, row.chunks)) <= CHUNK_MAX) == 1 or row.chunks == [[]]


def test_an_empty_row_is_false_and_has_nothing() -> None:
    row = row_of()
    assert not row
    assert len(row) == 0
    assert numbers(row) == []
    with pytest.raises(IndexError):
        row.nth(0)


def test_what_is_put_stands_sorted_however_it_came() -> None:
    for order in ((1, 2, 3), (3, 2, 1), (2, 3, 1)):
        row = row_of(*order)
        assert row
        assert numbers(row) == [1, 2, 3]
        assert row.chunks[0][0] == (1, "e1")


def test_what_is_taken_is_gone_and_the_rest_stays() -> None:
    row = row_of(1, 2, 3)
    row.take((2, "e2"))
    assert numbers(row) == [1, 3]
    row.take((1, "e1"))
    row.take((3, "e3"))
    assert not row
    row.put((5, "e5"))
    assert numbers(row) == [5]


def test_taking_what_does_not_stand_there_is_our_own_fault() -> None:
    with pytest.raises(AssertionError):
        row_of(1, 3).take((2, "e2"))


@pytest.mark.parametrize("count", [1, 999, CHUNK_MAX, CHUNK_MAX + 1, 3_500])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_nth_has_n_before_it(count: int, backwards: bool) -> None:
    """Over all chunks; and there is none behind the last."""
    row = row_of(*(range(count - 1, -1, -1) if backwards else range(count)))
    assert len(row) == count
    assert [row.nth(n)[0] for n in range(count)] == list(range(count))
    assert is_sound(row)
    with pytest.raises(IndexError):
        row.nth(count)


@pytest.mark.parametrize("seed", range(3))
def test_a_long_row_is_a_sorted_list(seed: int) -> None:
    """Put and taken at random places, far beyond one chunk and back to nothing."""
    random, row, plain = Random(seed), row_of(), []
    for grows in (True, False):
        for number in random.sample(range(10**9), 4_000):
            if grows or random.random() < 0.2:
                insort(plain, (number, f"e{number}"))
                row.put((number, f"e{number}"))
            if plain and (not grows or random.random() < 0.1):
                row.take(plain.pop(random.choice((0, -1, random.randrange(len(plain))))))
        assert list(row) == plain
        assert row.nth(len(plain) // 2) == plain[len(plain) // 2]
    while plain:
        row.take(plain.pop(random.randrange(len(plain))))
        assert is_sound(row)
    assert not row
    assert row.chunks == [[]]
