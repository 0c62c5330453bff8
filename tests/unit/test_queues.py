"""Lines: one for each distinct set of needs, known to exactly the agents whose skills cover it."""

from dataclasses import replace
from itertools import combinations, product

import pytest

from acd import events as ev
from acd.agents import Agent
from acd.matching import place_agent, take_agent
from acd.queues import Lines
from acd.rules import AgentRecord, SkillGroup, Strategy
from acd.skills import Needs, normalized
from tests.conversation import Conversation, answered, arrives, centre, group, ready

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


# --- lines of strategies and weights --------------------------------------------------------------------------


def test_groups_share_a_line_only_with_equal_needs_strategy_and_weight() -> None:
    lines, needs = Lines(), normalized({"de": 3})
    plain = lines.of(needs)
    assert plain is lines.of(needs, Strategy.LONGEST_IDLE, 100)
    others = [lines.of(needs, Strategy.RANDOM), lines.of(needs, weight=200), lines.of(needs, Strategy.RANDOM, 200)]
    assert len({id(line) for line in [plain, *others]}) == 4
    assert [(line.strategy, line.weight) for line in others] == [
        (Strategy.RANDOM, 100),
        (Strategy.LONGEST_IDLE, 200),
        (Strategy.RANDOM, 200),
    ]


@pytest.mark.parametrize("strategy", Strategy)
def test_only_most_skilled_tells_lines_apart_by_what_is_measured(strategy: Strategy) -> None:
    """Else each group that lets others in would have lines of its own."""
    lines = Lines()
    de, en = normalized({"de": 1}), normalized({"en": 1})
    shared = lines.of(de, strategy, 100, de) is lines.of(de, strategy, 100, en)
    assert shared is (strategy is not Strategy.MOST_SKILLED)


def test_groups_of_one_line_have_one_line_of_callers() -> None:
    """And two that differ in weight alone have the same agents."""
    light, heavy = group("desk"), replace(group("heavy"), weight_percent=200)
    talk = Conversation(centre(light, group("twin"), heavy, agents=["ann"]))
    talk << [arrives("c1"), arrives("c2", "twin"), arrives("c3", "heavy")]
    lines = {name: talk.router.calls[name].lines for name in ("c1", "c2", "c3")}
    assert lines["c1"] == lines["c2"] != lines["c3"]
    assert [call.id for _, call in lines["c1"][0].calls] == ["c1", "c2"]
    assert [line.staff for line in (*lines["c1"], *lines["c3"])] == [0, 0]


def test_an_agent_stands_in_each_line_by_its_strategy() -> None:
    lines = Lines()
    skills = {"a": {"de": 9, "en": 9}, "b": {"de": 5}}
    agents = [Agent(AgentRecord(name, "", skills=normalized(each))) for name, each in skills.items()]
    opened = {strategy: lines.of(normalized({"de": 1}), strategy, 100, normalized({"de": 1})) for strategy in Strategy}
    for n, agent in enumerate(agents):
        lines.enlist(agent)
        agent.position, agent.idle_rank, agent.turn = n, 9 - n, n
    agents[0].answered.append(1)
    for agent in agents:
        place_agent(agent)
    first = {strategy: next(iter(line.agents))[1].id for strategy, line in opened.items()}
    by_b = (Strategy.LONGEST_IDLE, Strategy.RANDOM, Strategy.RING_ALL, Strategy.LEAST_OCCUPIED, Strategy.FEWEST_CALLS)
    assert first == {strategy: "b" if strategy in (*by_b, Strategy.LEAST_SKILLED) else "a" for strategy in Strategy}
    for agent in agents:
        take_agent(agent)
    assert not any(line.agents for line in lines)


# --- personal lines -------------------------------------------------------------------------------------------


def personal(skills: dict[str, int]) -> tuple[Lines, Agent]:
    lines, agent = Lines(), Agent(AgentRecord("ann", "", skills=normalized(skills)))
    lines.enlist(agent)
    return lines, agent


def test_a_personal_line_is_its_agents_alone_whatever_the_skills() -> None:
    lines, ann = personal({})
    ben = Agent(AgentRecord("ben", ""))
    lines.enlist(ben)
    line = lines.personal(ann, Strategy.LONGEST_IDLE, 100)
    assert line in ann.lines
    assert line not in ben.lines
    assert line in list(lines)
    assert line is lines.personal(ann, Strategy.LONGEST_IDLE, 100)


def test_two_strategies_or_weights_have_two_personal_lines() -> None:
    lines, ann = personal({})
    for strategy, weight in ((Strategy.RANDOM, 100), (Strategy.LONGEST_IDLE, 200), (Strategy.LONGEST_IDLE, 100)):
        line = lines.personal(ann, strategy, weight)
        assert (line.strategy, line.weight) == (strategy, weight)
    assert len(ann.personal_lines) == len(set(map(id, ann.personal_lines))) == 3


def test_a_personal_line_opened_late_knows_that_its_agent_is_ready() -> None:
    lines, ann = personal({})
    place_agent(ann)
    assert [agent.id for _, agent in lines.personal(ann, Strategy.LONGEST_IDLE, 100).agents] == ["ann"]


def test_personal_lines_are_kept_through_new_skills_and_gone_with_the_agent() -> None:
    lines, ann = personal({"de": 1})
    line = lines.personal(ann, Strategy.LONGEST_IDLE, 100)
    plain = lines.of(normalized({"de": 1}))
    lines.strike(ann)
    assert ann.lines == []
    lines.enlist(ann)
    assert sorted(map(id, ann.lines)) == sorted(map(id, (line, plain)))
    lines.strike(ann)
    lines.forget_personal(ann)
    assert list(lines) == [plain]


# --- who is there ---------------------------------------------------------------------------------------------


def staff(talk: Conversation, **needs: int) -> int:
    return talk.router.flow.lines.of(normalized(needs)).staff


def test_staff_are_those_logged_in_who_may_serve_ready_or_not() -> None:
    """In lines old and new alike."""
    rules = centre(group("desk", de=1), agents={"ann": {"de": 5}, "ben": {"de": 1, "en": 1}, "cy": {}})
    talk = Conversation(rules)
    seen = []
    for event in (
        *(ev.LoggedIn(each) for each in ("ann", "ben", "cy")),
        ev.ReadyAsked("ann"),
        arrives("c1"),
        answered("c1"),
        ev.NotReadyAsked("ben", "lunch"),
        ev.LogOutAsked("ben"),
        ev.LogOutAsked("cy"),
        ev.LogOutAsked("ann"),
        ev.CallerLeft("c1"),
    ):
        talk << event
        seen.append((staff(talk, de=1), staff(talk)))
    assert seen == [(1, 1), (2, 2), (2, 3), (2, 3), (2, 3), (2, 3), (2, 3), (1, 2), (1, 1), (1, 1), (0, 0)]
    talk << ready("ann")
    assert (staff(talk, de=5), staff(talk, de=6), staff(talk, en=1)) == (1, 0, 0)


def test_staff_follow_the_skills_and_the_agents_of_other_rules() -> None:
    rules = centre(group("desk", de=1), agents={"ann": {"de": 1}, "ben": {"de": 1}})
    talk = Conversation(rules) << ready("ann", "ben")
    other = centre(group("desk", de=1), agents={"ann": {"en": 1}, "new": {"de": 1}})
    talk.reload(other)
    assert (staff(talk, de=1), staff(talk, en=1), staff(talk)) == (0, 1, 1)
    talk << ready("new")
    assert (staff(talk, de=1), staff(talk, en=1), staff(talk)) == (1, 1, 2)
