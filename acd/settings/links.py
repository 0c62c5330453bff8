"""What is wrong with how Asterisk is reached: one by [asterisk], several by [[pbx]] with trunks between them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from acd.settings.kinds import listed, twice

if TYPE_CHECKING:
    from acd.settings.whole import Settings


def links(settings: "Settings") -> Iterator[str]:
    """All of it, each in one line."""
    if settings.adapter == "asterisk" and settings.asterisk is None and not settings.pbx:
        yield 'adapter is "asterisk", but there is no [asterisk] table with at least a secret'
    if settings.asterisk is not None and settings.pbx:
        yield "there is an [asterisk] table beside [[pbx]]: one Asterisk is an [asterisk], of several each is a [[pbx]]"
    yield from _of_pbxs(settings)
    names = [each.name for each in settings.pbx]
    homes = [(f"agents.{n}.pbx", each.pbx) for n, each in enumerate(settings.agents)]
    homes += [(f"supervisors.{n}.pbx", each.pbx) for n, each in enumerate(settings.supervisors)]
    for key, home in homes:
        if home is not None and home not in names:
            yield f"{key} is {home!r}, which is no [[pbx]]'s name; there are: {listed(names)}"


def _of_pbxs(settings: "Settings") -> Iterator[str]:
    """Every one must reach the phones of every other: who is called where isn't known before."""
    names = [each.name for each in settings.pbx]
    for name in twice(names):
        yield f"pbx: name {name!r} is given twice; each must be there once"
    for n, each in enumerate(settings.pbx):
        for other in each.trunks:
            if other not in names or other == each.name:
                others = listed([name for name in names if name != each.name])
                yield f"pbx.{n}.trunks.{other}: there is no other [[pbx]] of that name; there are: {others}"
        for other in names:
            if other != each.name and other not in each.trunks:
                example = f"PJSIP/{{phone}}@to-{other}"
                yield f'pbx.{n}.trunks has no {other!r}: how phones there are rung, such as "{example}"'
