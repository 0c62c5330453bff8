from random import Random

from simulator.names import caller_name, caller_number


def test_numbers_have_eleven_digits():
    rng = Random(1)
    assert all(len(number) == 11 and number.isdigit() for number in (caller_number(rng) for _ in range(1000)))


def test_names_are_none_chinese_or_latin():
    rng = Random(1)
    names = [caller_name(rng) for _ in range(1000)]
    assert 400 < names.count("") < 600
    assert sum(name.isascii() for name in names if name) > 20
    assert sum(not name.isascii() for name in names) > 300
