"""Lines: one for each distinct set of needs, known to exactly the agents whose skills cover it."""

from itertools import combinations, product

import pytest

from acd.agents import Agent
from acd.matching import place_agent
from acd.queues import Lines
from acd.rules import AgentRecord, SkillGroup
from acd.skills import Needs, normalized
from tests.conversation import Conversation, arrives, centre, group, ready

SKILLS = ("billing", "de", "vip")
EVERY_NEED = [
    normalized(dict(zip(names, levels)))
    for count in range(3)
    for names in combinations(SKILLS, count)
    for levels in product((2, 5), repeat=count)
]
EVERY_SKILL = [normalized({**dict(each), "other": 1}) for each in EVERY_NEED] + EVERY_NEED


def enlisted(lines: Lines) -> list[Agent]:
    agents = [Agent(AgentRecord(f"a{n}", "", skills=skills)) for n, skills in enumerate(EVERY_SKILL)]
    for agent in agents:
        lines.enlist(agent)
    return agents


def reaches(agent: Agent, needs: Needs) -> bool:
    has = dict(agent.record.skills)
    return all(skill in has and has[skill] >= level for skill, level in needs)


def test_equal_needs_share_a_line_and_different_ones_do_not() -> None:
    lines = Lines()
    assert lines.of(normalized({"de": 3, "vip": 1})) is lines.of(normalized({"vip": 1, "de": 3}))
    assert lines.of(normalized({"de": 3})) is not lines.of(normalized({"de": 4}))
    assert len(list(lines)) == 3


@pytest.mark.parametrize("lines_first", [True, False], ids=["lines first", "agents first"])
def test_an_agent_knows_exactly_the_lines_its_skills_cover(lines_first: bool) -> None:
    """Each once, whichever was there first: the agent or the line."""
    lines = Lines()
    if lines_first:
        opened = [lines.of(needs) for needs in EVERY_NEED]
        agents = enlisted(lines)
    else:
        agents = enlisted(lines)
        opened = [lines.of(needs) for needs in reversed(EVERY_NEED)]
    for agent in agents:
        expected = {line.needs for line in opened if reaches(agent, line.needs)}
        assert {line.needs for line in agent.lines} == expected
        assert len(agent.lines) == len(expected)


def test_a_line_opened_late_knows_who_stands_ready() -> None:
    """In the order of idleness, and nobody who doesn't."""
    lines = Lines()
    agents = {name: Agent(AgentRecord(name, "", skills=normalized({"de": 5}))) for name in ("late", "early", "away")}
    for agent in agents.values():
        lines.enlist(agent)
    agents["late"].idle_rank, agents["early"].idle_rank = 2, 1
    place_agent(agents["late"])
    place_agent(agents["early"])
    line = lines.of(normalized({"de": 4}))
    assert [agent.id for _, agent in line.agents] == ["early", "late"]
    assert not lines.of(normalized({"de": 6})).agents


def test_needs_never_met_before_find_a_ready_agent() -> None:
    """A call may bring needs that no group has."""
    talk = Conversation(centre(group("desk"), agents={"ann": {"de": 3}, "ben": {"de": 7}}))
    talk << ready("ann", "ben") << arrives("c1", needs=normalized({"de": 5}))
    assert talk.offered() == [("c1", "ben")]


def test_a_skill_that_nobody_has_lets_the_call_wait() -> None:
    talk = Conversation(centre(group("desk"), agents=["ann"])) << ready("ann")
    talk << arrives("c1", needs=normalized({"zz": 1}))
    assert talk.offered() == []
    assert talk.router.calls["c1"].placed


def test_a_group_has_sensible_times_when_none_are_given() -> None:
    """A phone rings for some seconds, and after a call there is time to write things down."""
    desk = SkillGroup("desk")
    assert (desk.needs, desk.ring_ms, desk.wrap_up_ms) == ((), 15_000, 30_000)
