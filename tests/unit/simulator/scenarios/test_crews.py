"""Who is there: agents of crews by number, at work in their shifts less their breaks."""

from __future__ import annotations

from typing import Any

import pytest

from acd.settings.opening import minutes
from simulator.scenarios.crews import Worker, problems, workers
from simulator.scenarios.sections import CrewSettings, ScenarioFile, WorkSettings


def file(crews: list[dict[str, Any]], agents: list[dict[str, Any]] = [], seats: int | None = None) -> ScenarioFile:  # noqa: B006
    return ScenarioFile.model_construct(
        crews=tuple(CrewSettings(**crew) for crew in crews),
        agents=tuple(WorkSettings(**agent) for agent in agents),
        seats=seats,
    )


def crew(**given: Any) -> list[Worker]:
    return [*workers(file([{"id": "day", "agents": 1} | given]))]


def test_agents_of_a_crew_are_numbered() -> None:
    assert [each.id for each in crew(agents=2)] == ["day-001", "day-002"]
    assert crew(agents=1000)[0].id == "day-0001"
    assert [each.name for each in crew(name="日班")] == ["日班 001"]


def test_single_agents_come_after_the_crews_under_their_own_names() -> None:
    everybody = workers(file([{"id": "day", "agents": 1}], [{"id": "anna", "name": "Anna Berg"}]))
    assert [(each.id, each.name) for each in everybody] == [("day-001", ""), ("anna", "Anna Berg")]


def test_who_has_no_shifts_is_always_there() -> None:
    assert crew()[0].spans is None


def spans(*texts: str) -> tuple[tuple[int, int], ...]:
    return tuple(minutes(text) for text in texts)


def test_breaks_are_had_in_turns() -> None:
    everybody = crew(agents=3, shifts=["08:00-16:00"], breaks=["11:30-12:00", "12:00-12:30"])
    first, second = spans("08:00-11:30", "12:00-16:00"), spans("08:00-12:00", "12:30-16:00")
    assert [each.spans for each in everybody] == [first, second, first]


def test_a_break_after_midnight_belongs_to_the_shift_of_the_evening() -> None:
    [agent] = crew(shifts=["22:00-06:00"], breaks=["02:00-02:30"])
    assert agent.spans == ((22 * 60, 26 * 60), (26 * 60 + 30, 30 * 60))


def test_a_break_at_the_end_of_a_shift_shortens_it() -> None:
    assert crew(shifts=["08:00-16:00"], breaks=["15:30-16:00"])[0].spans == spans("08:00-15:30")


def test_the_last_of_a_crew_have_their_day_off() -> None:
    assert [each.present for each in crew(agents=3, present=2)] == [True, True, False]


def test_shifts_may_touch() -> None:
    assert [*problems(file([{"id": "day", "agents": 1, "shifts": ["08:00-12:00", "12:00-08:00"]}]))] == []


@pytest.mark.parametrize(
    ("crews", "complaints"),
    [
        ([{"shifts": ["08:00-12:00"], "agents": 5}, {"shifts": ["12:00-16:00"], "agents": 5}], []),
        (
            [{"shifts": ["08:00-12:01"], "agents": 5}, {"shifts": ["12:00-16:00"], "agents": 5}],
            ["seats is 9, but at 12:00 there are 10 agents at work"],
        ),
        ([{"shifts": ["08:00-16:00"], "agents": 50, "present": 9}], []),
        (
            [{"shifts": ["22:00-06:00"], "agents": 5}, {"shifts": ["05:00-16:00"], "agents": 5}],
            ["seats is 9, but at 05:00 there are 10 agents at work"],
        ),
        ([{"agents": 12}], ["seats is 9, but at 00:00 there are 12 agents at work"]),
    ],
)
def test_nobody_sits_on_anothers_seat(crews: list[dict[str, Any]], complaints: list[str]) -> None:
    assert [*problems(file([{"id": f"c{n}"} | each for n, each in enumerate(crews)], seats=9))] == complaints
