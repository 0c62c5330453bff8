"""A bad scenario is told by file, key, value and what is allowed; a good one is all that a world needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.hours import Opening
from acd.ids import Instant
from acd.rules import Strategy
from acd.shipped import config_folder
from simulator.distributions import Exponential
from simulator.faults import Faults, Faulty
from simulator.scenarios import Figure, Promise, ScenarioError, find, load, outside, with_rules, world
from simulator.shifts import Shift
from tests.unit.simulator.scenarios.files import GOOD, text, written

H_MS = 3_600_000

BAD: dict[str, tuple[tuple[str, str], str]] = {
    "no title": (('title = "A desk"\n', ""), "title: is missing"),
    "a misspelt key": (("seats = 3", "seat = 3"), "seat: there is no such key; look for a misspelling"),
    "an unknown zone": (
        ("Asia/Shanghai", "Asia/Chengdu"),
        "zone: Input should be a time zone that is known here, such as Asia/Shanghai, Europe/Berlin or UTC "
        "(it is 'Asia/Chengdu')",
    ),
    "a beginning with an offset": (
        ("2026-03-02T00:00:00", "2026-03-02T00:00:00Z"),
        "begins: Input should be a time without an offset, such as 2017-03-01T00:00:00: zone says whose it is "
        "(it is datetime.datetime(2026, 3, 2, 0, 0, tzinfo=datetime.timezone.utc))",
    ),
    "nobody calls": (
        ('[[demand]]\nentry = "8001"\ncalls_per_day = 240\nshape = { "08:00" = 2, "12:00" = 1, "18:00" = 0 }\n', ""),
        "demand: is missing",
    ),
    "demand without a number": (
        ('calls_per_day = 240\nshape = { "08:00" = 2, "12:00" = 1, "18:00" = 0 }', ""),
        "demand.0: needs one of calls_per_day, calls_per_h, journal; it has none",
    ),
    "demand with two numbers": (
        ("calls_per_day = 240", "calls_per_day = 240\ncalls_per_h = 3"),
        "demand.0: needs one of calls_per_day, calls_per_h, journal; it has calls_per_day and calls_per_h",
    ),
    "a shape of nothing": (("calls_per_day", "calls_per_h"), "demand.0: shape has no effect without calls_per_day"),
    "an empty shape": (
        ('{ "08:00" = 2, "12:00" = 1, "18:00" = 0 }', "[]"),
        "demand.0.shape: Input should be 24 numbers, one for each hour, or 48, for each half hour, or a table by times "
        'of day, such as { "08:00" = 3, "18:00" = 1 }',
    ),
    "a shape of no calls": (
        ('{ "08:00" = 2, "12:00" = 1, "18:00" = 0 }', '{ "08:00" = 0 }'),
        "demand.0.shape: Input should have a number above 0; nobody would call",
    ),
    "a shape with a wrong time": (
        ('"12:00"', '"24:00"'),
        'demand.0.shape: \'24:00\' is not a time of day, from "00:00" to "23:59"',
    ),
    "a shape with a time twice": (('"12:00"', '"8:00"'), "demand.0.shape: 08:00 is given twice"),
    "a shape with a negative number": (
        ('"12:00" = 1', '"12:00" = -1'),
        "demand.0.shape: Input should have numbers of at least 0 and no others",
    ),
    "a rate of zero": (
        ('calls_per_day = 240\nshape = { "08:00" = 2, "12:00" = 1, "18:00" = 0 }', "calls_per_h = 0"),
        "demand.0.calls_per_h: Input should have a number above 0; nobody would call (it is 0)",
    ),
    "an unknown entry point": (
        ('entry = "8001"', 'entry = "8002"'),
        "demand.0.entry is '8002', which is no entry point's number; there are: 8001",
    ),
    "an entry point twice": (
        ("[people]", '[[demand]]\nentry = "8001"\ncalls_per_h = 3\n[people]'),
        "demand: entry '8001' is given twice; each must be there once",
    ),
    "a wrong distribution": (
        ("{ exponential = 120 }", "{ gaussian = 120 }"),
        "people.talk_s: 'gaussian' is no distribution; there are constant, exponential, uniform, lognormal, empirical",
    ),
    "a wrong distribution of callers": (
        ("calls_per_day = 240", "calls_per_day = 240\npatience_s = { uniform = [9, 3] }"),
        "demand.0.patience_s: uniform goes from the lower to the higher: 9 is above 3",
    ),
    "a probability above 1": (
        ("calls_per_day = 240", "calls_per_day = 240\nretry_probability = 20"),
        "demand.0.retry_probability: Input should be less than or equal to 1 (it is 20)",
    ),
    "a probability of everybody above 1": (
        ("talk_s =", "retry_probability = 20\ntalk_s ="),
        "people.retry_probability is from 0 to 1, not 20",
    ),
    "a rate of people": (("talk_s =", "load = 1\ntalk_s ="), "people.load: [[demand]] says that"),
    "scaled time": (("talk_s =", "time_scale = 2\ntalk_s ="), "people.time_scale: nothing changes that"),
    "nobody works": (
        (GOOD[GOOD.index("[[crews]]") : GOOD.index("[[groups]]")], ""),
        "nobody works here; it needs [[crews]] or [[agents]]",
    ),
    "a crew twice": (
        ("[[agents]]", '[[crews]]\nid = "day"\nagents = 1\npresent = 0\n[[agents]]'),
        "crews: id 'day' is given twice; each must be there once",
    ),
    "more present than there are": (
        ("agents = 2", "agents = 2\npresent = 3"),
        "crews.0: present is 3, but there are only 2 agents",
    ),
    "a skill that nothing needs": (
        ("skills = { desk = 5 }", "skills = { desks = 5 }"),
        "crews.0.skills: 'desks' is needed by no group, step or entry point; these are: desk",
    ),
    "a skill that nobody has": (
        ('group = "desk"', 'group = "desk"\nneeds = { english = 2 }'),
        "demand.0.entry: calls to '8001' need desk 3, english 2, which no crew and no agent has",
    ),
    "shifts that overlap": (
        ('"13:00-18:00"', '"11:30-18:00"'),
        "crews.0.shifts: 08:00-12:00 and 11:30-18:00 overlap; an agent works one shift at a time",
    ),
    "shifts that overlap in the night": (
        ('"13:00-18:00"', '"20:00-09:00"'),
        "crews.0.shifts: 08:00-12:00 and 20:00-09:00 overlap; an agent works one shift at a time",
    ),
    "a shift without an end": (
        ('"13:00-18:00"', '"13:00"'),
        "crews.0.shifts.1: Input should be like \"08:00-18:00\"; a day goes from 00:00 to 24:00 (it is '13:00')",
    ),
    "a break outside of shifts": (
        ("skills = { desk = 5 }", 'skills = { desk = 5 }\nbreaks = ["11:45-12:15"]'),
        "crews.0.breaks: 11:45-12:15 lies in none of its shifts; these are 08:00-12:00, 13:00-18:00",
    ),
    "breaks without shifts": (
        ("skills = { desk = 9 }", 'skills = { desk = 9 }\nbreaks = ["12:00-12:15"]'),
        "agents.0: breaks has no effect without shifts",
    ),
    "too few seats": (("seats = 3", "seats = 2"), "seats is 2, but at 08:00 there are 3 agents at work"),
    "an unknown figure": (
        ('"service_level"', '"asa"'),
        "promises.0.figure: Input should be 'service_level', 'answered_share', 'abandonment', 'sent_elsewhere_share', "
        "'refused_share', 'mean_wait_s', 'p90_wait_s', 'longest_wait_s' or 'occupancy' (it is 'asa')",
    ),
    "a promise of an unknown group": (
        ("within_s = 20", 'within_s = 20\ngroup = "door"'),
        "promises.0.group is 'door', which is no group's id; there are: desk",
    ),
    "a promise of nothing": (
        ("at_least = 0.8", ""),
        "promises.0: promises nothing; it needs at_least or at_most",
    ),
    "a promise in percent": (
        ("at_least = 0.8", "at_least = 80"),
        "promises.0: service_level is a share from 0 to 1, such as 0.85 for 85 %",
    ),
    "a service level without its time": (
        ("within_s = 20", ""),
        "promises.0: service_level needs within_s, the seconds within which calls are to be answered",
    ),
    "a time of another figure": (
        ('"service_level"', '"abandonment"'),
        "promises.0: within_s has no effect on abandonment, only on service_level",
    ),
    "bounds the wrong way": (
        ("at_least = 0.8", "at_least = 0.8\nat_most = 0.7"),
        "promises.0: at_least is above at_most",
    ),
    "a fault more than certain": (
        ("", "\n[faults]\nlost = 1.5\n"),
        "faults.lost is from 0 to 1, not 1.5",
    ),
    "an unknown group of an entry point": (
        ('group = "desk"', 'group = "door"'),
        "entry_points.0.group is 'door', which is no group's id; there are: desk",
    ),
    "a misspelt key of a group": (
        ("needs = { desk = 3 }", "needs = { desk = 3 }\nring = 3"),
        "groups.0.ring: there is no such key; look for a misspelling",
    ),
    "no such journal": (
        ('calls_per_day = 240\nshape = { "08:00" = 2, "12:00" = 1, "18:00" = 0 }', 'journal = "lost.jsonl"'),
        "demand.0.journal: there is no journal lost.jsonl",
    ),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_exactly(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = written(tmp_path, text(change))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert str(caught.value).replace(f"{tmp_path}/lost", "lost") == f"{path}: {message}"


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, text(("seats = 3", "seats = 0"), ("agents = 2", "agents = 0"), ("at_least = 0.8", "")))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == ["seats", "crews.0.agents", "promises.0"]


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "title =")
    with pytest.raises(ScenarioError, match=r"desk\.toml: is not TOML: "):
        load(path)


def test_a_good_file_is_a_scenario(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text(("", "\n[faults]\nlate = 0.01\nlink_drops_per_h = 0.5\n"))))
    assert (scenario.name, scenario.title, scenario.about) == ("desk", "A desk", "Two people at one desk.")
    assert scenario.begin == Instant(20_514 * 24 * H_MS)
    assert (scenario.day_ms, scenario.interval_ms, scenario.seats) == (24 * H_MS, H_MS // 2, 3)
    assert (scenario.warm_up_days, scenario.days, scenario.replications) == (0, 1, 20)
    assert scenario.promises == (Promise(Figure.SERVICE_LEVEL, None, 0.8, None, 20),)
    assert scenario.faults == Faults(late=0.01, link_drops_per_h=0.5)
    assert [*scenario.rules.agents] == ["day-001", "day-002", "anna"]
    assert scenario.rules.agents["anna"].skills == (("desk", 9),)
    people = scenario.people
    assert people.talk_s == Exponential(120)
    assert people.simulated_agents == ("day-001", "day-002", "anna")
    assert set(people.shifts) == {"day-001", "day-002"}
    assert people.shifts["day-001"] == (Shift(8 * H_MS, 12 * H_MS), Shift(13 * H_MS, 18 * H_MS))


def test_who_has_the_day_off_stays_at_home(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text(("agents = 2", "agents = 7\npresent = 2"))))
    assert len(scenario.rules.agents) == 8
    assert scenario.people.simulated_agents == ("day-001", "day-002", "anna")


def test_the_world_begins_on_the_first_day(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text()))
    assert world(scenario, 1).begins == scenario.begin


def test_faults_stand_between_the_world_and_the_core(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text(("", "\n[faults]\nlate = 0.01\n"))))
    everybody = world(scenario, 1)
    assert isinstance(outside(scenario, everybody, 1), Faulty)
    assert outside(load(written(tmp_path, text())), everybody, 1) is everybody


# --- other rules ------------------------------------------------------------------------------------------------------

OTHER = (
    ("needs = { desk = 3 }", 'needs = { desk = 8 }\nstrategy = "round-robin"'),
    ("[[crews]]", '[[crews]]\nid = "other"\nagents = 1\npresent = 0\nskills = { desk = 1 }\n[[crews]]'),
)


def test_other_rules_route_the_same_people(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text()))
    other = with_rules(scenario, written(tmp_path, text(*OTHER), "other.toml"))
    assert other.rules.groups["desk"].strategy is Strategy.ROUND_ROBIN
    assert other.rules.agents == scenario.rules.agents
    assert (other.people, other.promises, other.name) == (scenario.people, scenario.promises, scenario.name)


def test_a_daemons_configuration_is_rules_too(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text(("8001", "12306"), ('number = "8001"', 'number = "12306"'))))
    change = (('group = "desk"', 'group = "tickets"'), ('id = "desk"', 'id = "tickets"'))
    assert load(written(tmp_path, text(*change), "t.toml")).rules.groups
    without_vips = (config_folder() / "demo.toml").read_text(encoding="utf-8").replace('agent = "1010"', "")
    demo = written(tmp_path, without_vips.replace("agent_wait_s = 10", ""), "demo.toml")
    other = with_rules(scenario, demo)
    assert "timetable" in other.rules.groups
    assert [*other.rules.agents] == ["day-001", "day-002", "anna"]


def test_rules_that_dont_fit_the_people_are_refused(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text(("within_s = 20", 'within_s = 20\ngroup = "desk"'))))
    demo = config_folder() / "demo.toml"
    with pytest.raises(ScenarioError) as caught:
        with_rules(scenario, demo)
    assert str(caught.value).splitlines() == [
        f"{demo}: the demand of desk is '8001', which is no entry point's number; "
        "there are: 12300, 12306, 12307, 12308, 12309",
        f"{demo}: a promise of desk is 'desk', which is no group's id; "
        "there are: lost-property, tickets, tickets-english, timetable, vip",
        f"{demo}: vip_classes: agent is '1010', which in desk is no agent's id; there are: anna, day-001, day-002",
    ]


def test_rules_that_are_wrong_themselves_are_refused(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, text()))
    with pytest.raises(ScenarioError, match=r"other\.toml: groups\.0\.ring_s: "):
        with_rules(scenario, written(tmp_path, text(("needs = { desk = 3 }", "ring_s = 0")), "other.toml"))


def test_opening_hours_of_other_rules_go_by_the_scenarios_clock(tmp_path: Path) -> None:
    """Nine in Berlin is four in the afternoon on the wall in Shanghai."""
    scenario = load(written(tmp_path, text()))
    hours = '[[hours]]\nid = "office"\nzone = "Europe/Berlin"\nweek = { mon-fri = ["09:00-17:00"] }\n[[groups]]'
    other = with_rules(scenario, written(tmp_path, text(("[[groups]]", hours)), "other.toml"))
    office = other.rules.hours["office"]
    assert office.at(Instant(scenario.begin + 16 * H_MS - 1)) is Opening.CLOSED
    assert office.at(Instant(scenario.begin + 16 * H_MS)) is Opening.OPEN


# --- where scenarios are ----------------------------------------------------------------------------------------------


def test_a_scenario_that_comes_with_switchyard_is_found_by_its_name() -> None:
    assert find("small") == config_folder() / "scenarios" / "small.toml"


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    path = written(tmp_path, text())
    assert find(path) == find(str(path)) == path


def test_what_is_neither_is_told() -> None:
    with pytest.raises(ScenarioError) as caught:
        find("smal")
    assert str(caught.value) == (
        "smal: is no file, and no scenario that comes with Switchyard; these do: bilingual, chengdu-railway-2017, "
        "chengdu-railway-2017-spring-festival, mobile-province, small"
    )
