"""Numbers and names of callers: made up, in Chinese and in Latin letters."""

from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN_NAMES = ("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "秀英", "建国", "晓明", "志强", "雨欣", "子涵")
CHINESE_NAMES = tuple(surname + given for surname in SURNAMES for given in GIVEN_NAMES)
LATIN_NAMES = ("Anna Berg", "Tom Keller", "Maria Silva", "John Doyle", "Aiko Mori", "Ivan Petrov", "Zoë Martin")
MOBILE_PREFIXES = ("130", "135", "136", "139", "150", "158", "177", "186", "189")

NUMBERS_EACH = 100_000_000
"""By each prefix."""
FIRST_NUMBERS = tuple(int(prefix) * NUMBERS_EACH for prefix in MOBILE_PREFIXES)
PREFIXES = len(MOBILE_PREFIXES)


def caller_number(rng: Random) -> str:
    """A mobile number of eleven digits."""
    prefix, number = divmod(int(rng.random() * PREFIXES * NUMBERS_EACH), NUMBERS_EACH)
    return str(FIRST_NUMBERS[prefix] + number)


def caller_name(rng: Random) -> str:
    """A name as the network may give it: mostly none, else mostly Chinese."""
    luck = rng.random()
    if luck < 0.5:
        return ""
    if luck < 0.9:
        return CHINESE_NAMES[int((luck - 0.5) / 0.4 * len(CHINESE_NAMES))]
    return LATIN_NAMES[int((luck - 0.9) / 0.1 * len(LATIN_NAMES))]
