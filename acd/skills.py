"""Skills, levels and needs: who may serve whom.

An agent *has* skills at levels 1..10; a call *needs* skills at minimum levels. An agent may serve a call when
every need's level is reached. Both sides are kept as sorted tuples, so that equal sets are one dictionary key.
"""

from collections.abc import Iterable, Mapping

from acd.ids import SkillId

LEVEL_MIN = 1
LEVEL_MAX = 10

Skills = tuple[tuple[SkillId, int], ...]
"""What an agent can do: (skill, level) sorted by skill, each skill once."""
Needs = tuple[tuple[SkillId, int], ...]
"""What a call asks for: (skill, minimum level) sorted by skill, each skill once."""


def normalized(levels: Mapping[SkillId, int]) -> Skills:
    """`levels` as one sorted tuple: the canonical form of a set of skills or of needs.

    Raises ValueError for a level outside 1..10.
    """
    for skill, level in levels.items():
        if not LEVEL_MIN <= level <= LEVEL_MAX:
            raise ValueError(f"skill {skill!r} has level {level}; levels go from {LEVEL_MIN} to {LEVEL_MAX}")
    return tuple(sorted(levels.items()))


def combined(*needs: Needs) -> Needs:
    """All of `needs` at once: where a skill is asked for twice, the higher level counts."""
    asked = [each for each in needs if each]
    if len(asked) <= 1:
        return asked[0] if asked else ()
    highest: dict[SkillId, int] = {}
    for skill, level in (pair for each in asked for pair in each):
        highest[skill] = max(level, highest.get(skill, LEVEL_MIN))
    return tuple(sorted(highest.items()))


def cover(skills: Skills, needs: Needs) -> bool:
    """Whether somebody with `skills` may serve a call with `needs`; no needs are covered by everybody."""
    levels = dict(skills)
    return all(levels.get(skill, 0) >= level for skill, level in needs)


def covered_by(skills: Skills, many: Iterable[Needs]) -> list[Needs]:
    """Those of `many` that `skills` cover, in the order given."""
    levels = dict(skills)
    return [needs for needs in many if all(levels.get(skill, 0) >= level for skill, level in needs)]
