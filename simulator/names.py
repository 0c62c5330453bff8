"""Numbers and names of callers: made up, in Chinese and in Latin letters."""

from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN_NAMES = ("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "秀英", "建国", "晓明", "志强", "雨欣", "子涵")
LATIN_NAMES = ("Anna Berg", "Tom Keller", "Maria Silva", "John Doyle", "Aiko Mori", "Ivan Petrov", "Zoë Martin")
MOBILE_PREFIXES = ("130", "135", "136", "139", "150", "158", "177", "186", "189")


def caller_number(rng: Random) -> str:
    """A mobile number of eleven digits."""
    return f"{rng.choice(MOBILE_PREFIXES)}{rng.randrange(100_000_000):08d}"


def caller_name(rng: Random) -> str:
    """A name as the network may give it: mostly none, else mostly Chinese."""
    luck = rng.random()
    if luck < 0.5:
        return ""
    return rng.choice(SURNAMES) + rng.choice(GIVEN_NAMES) if luck < 0.9 else rng.choice(LATIN_NAMES)
