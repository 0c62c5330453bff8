"""The scenarios that come with Switchyard keep their promises, and don't when something is broken."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from acd.ids import Instant
from acd.router import Router
from acd.rules import Strategy
from acd.shipped import config_folder
from simulator.faults import Faults
from simulator.figures import Count
from simulator.run import VirtualTime
from simulator.scenarios import Scenario, find, load, outside, with_rules, world
from tests.simulation.scenario_days import DAY, H_MS, Part, broken, figures, half_the_crews

PARTS = {
    "small": DAY,
    "bilingual": DAY,
    "chengdu-railway-2017": DAY,
    "chengdu-railway-2017-spring-festival": Part(9, 12, 1),
    "mobile-province": Part(9.5, 9.65, 0.1),
}
"""A whole day where that takes no more than some seconds; of the largest some minutes of its busiest hour."""
FAULT = Part(10.05, 10.15, 0.08)
"""In the province's south."""


def scenario(name: str) -> Scenario:
    return load(find(name))


def test_every_scenario_is_tested_here() -> None:
    assert {path.stem for path in (config_folder() / "scenarios").iterdir()} == set(PARTS)


@pytest.mark.parametrize(("name", "part"), PARTS.items())
def test_it_keeps_its_promises(name: str, part: Part) -> None:
    assert broken(scenario(name), 1, part) == set()


@pytest.mark.parametrize("seed", range(2, 6))
@pytest.mark.parametrize("name", ["small", "bilingual"])
def test_it_keeps_them_on_other_days(name: str, seed: int) -> None:
    assert broken(scenario(name), seed) == set()


@pytest.mark.parametrize(
    ("name", "part"), {**PARTS, "chengdu-railway-2017": Part(9, 12, 1), "small": Part(8, 12)}.items()
)
def test_with_half_the_crews_it_breaks_every_promise(name: str, part: Part) -> None:
    found = scenario(name)
    assert broken(half_the_crews(found), 1, part) == {promise.text() for promise in found.promises}


def test_a_careless_rule_breaks_the_promise_to_the_few(tmp_path: Path) -> None:
    """Where Chinese calls go to the most skilled, who speak English too, nobody is left for English ones."""
    text = find("bilingual").read_text(encoding="utf-8")
    assert Strategy.LEAST_SKILLED in text
    careless = tmp_path / "careless.toml"
    careless.write_text(text.replace(Strategy.LEAST_SKILLED, Strategy.MOST_SKILLED).replace("weight = 1.5", ""))
    for seed in (1, 2):
        assert broken(with_rules(scenario("bilingual"), careless), seed) == {
            "english: at least 80 % answered within 20 s",
        }


def test_regions_that_help_each_other_keep_the_promise_where_the_fault_is() -> None:
    found, promise = scenario("mobile-province"), "south: at least 80 % answered within 30 s"
    alone = {name: replace(group, steps=()) for name, group in found.rules.groups.items()}
    assert promise not in broken(found, 1, FAULT)
    assert promise in broken(replace(found, rules=replace(found.rules, groups=alone)), 1, FAULT)


def test_the_festival_is_the_ordinary_centre_with_ninety_more_at_the_same_seats() -> None:
    ordinary, festival = scenario("chengdu-railway-2017"), scenario("chengdu-railway-2017-spring-festival")
    assert (ordinary.seats, festival.seats) == (52, 52)
    assert (len(ordinary.rules.agents), len(festival.rules.agents)) == (80, 170)
    assert festival.rules.groups == ordinary.rules.groups
    target = "all: at least 85 % answered by people"
    assert [each.promises[0].text() for each in (ordinary, festival)] == [target, target]


def test_the_province_has_so_many_seats_regions_numbers_and_tiers() -> None:
    province = scenario("mobile-province")
    assert province.seats == 2000
    assert len(province.rules.entries) == 6
    assert {vip.tier for vip in province.rules.vips.values()} == {0, 2}
    assert all(province.rules.groups[region].steps for region in ("north", "east", "south", "west"))


def test_the_same_seed_is_the_same_day_in_another_process_too() -> None:
    """A scenario can be handed to one."""
    found = scenario("small")
    part = Part(8, 10)
    assert figures(pickle.loads(pickle.dumps(found)), 3, part) == figures(found, 3, part)


def test_a_scenario_lives_through_its_faults() -> None:
    """The core goes on routing behind every kind of fault, and most callers are answered."""
    faults = Faults(0.02, duplicate=0.02, reordered=0.02, link_drops_per_h=1, socket_drops_per_agent_h=0.2)
    found = replace(scenario("small"), faults=faults)
    router, count = Router(found.rules), Count(20_000)
    count.begin(router, found.begin)
    run = VirtualTime(outside(found, world(found, 1), 1), router, count.watch, found.begin)
    run.until(Instant(found.begin + 12 * H_MS))
    of_all = count.result(run.now).all
    assert of_all.offered > 400
    assert of_all.answered > 0.8 * of_all.offered
