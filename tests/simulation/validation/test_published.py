"""The published figures of ContactCenters, by the production core: few replications here, 1000 by `make validate`.

What is allowed follows from both standard errors (simulator.validation.check). That it is little enough to show
something, show wrong models, which must disagree: the last comer first, nobody loses patience, one agent too many.
"""

from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner

from acd.calls import Call, ServiceRank
from acd.ids import Instant
from acd.notices import CallConnected
from acd.router import Router
from acd.rules import Strategy
from simulator.run import VirtualRun
from simulator.validation import published
from simulator.validation.__main__ import main as validate
from simulator.validation.check import EXAMPLES, HALF_WIDTHS, ratio_of_means, replicate, verdicts
from simulator.validation.days import MMC, MMC_AB, TELETHON
from simulator.validation.published import Figure
from simulator.validation.textbook import FOREVER, textbook, textbook_rules
from simulator.world import World

FEW = 20
FEWER = 12


def disagreeing(figures, days):
    return {each.figure.name for each in verdicts(figures, days) if not each.agrees}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_published_figure_agrees(name):
    example, figures = EXAMPLES[name]
    found = verdicts(figures, replicate(example, seed=1, count=FEW, processes=1))
    assert [str(each) for each in found if not each.agrees] == []
    for each in found:
        # nothing else is allowed than what both don't know
        assert each.allowed <= HALF_WIDTHS * (each.figure.half_width + each.half_width) + 1e-12


# --- wrong models are told from the right one ---------------------------------------------------------------


def last_comer_first(call):
    return ServiceRank(not call.returned, -call.tier, -call.waiting_since, -call.ticket)


@pytest.mark.parametrize("name", ["mmc", "mmc-ab"])
def test_the_last_comer_first_is_caught(name, monkeypatch):
    """It leaves the mean wait as it is, and how many give up; but not how many are served in time."""
    monkeypatch.setattr(Call, "present_rank", last_comer_first)
    example, figures = EXAMPLES[name]
    wrong = disagreeing(figures, replicate(example, seed=1, count=FEWER, processes=1))
    assert {each for each in wrong if "in target / served" in each}
    assert "occupancy over the 8 hours" not in wrong


def test_callers_who_never_give_up_are_caught():
    for_ever = replace(MMC_AB, patience_s=FOREVER)
    wrong = disagreeing(published.MMC_AB, replicate(for_ever, seed=1, count=FEWER, processes=1))
    assert {"calls abandoned", "in target / served"} <= wrong


class DeafRouter(Router):
    """Doesn't hear that a caller who waits has left."""

    def handle(self, event, now):
        call = self.calls.get(getattr(event, "call", None))
        if type(event).__name__ == "CallerLeft" and call is not None and call.placed:
            return ()
        return super().handle(event, now)


def test_a_router_that_misses_who_gives_up_is_caught():
    """Agents are sent callers who have left: others wait for them."""
    with pytest.raises(AssertionError, match="a day ends with its last call"):
        replicate(MMC_AB, seed=1, count=1, processes=1, make_router=DeafRouter)


def test_one_agent_more_is_caught():
    more = replace(MMC, rules=textbook_rules(13))
    wrong = disagreeing(published.MMC, replicate(more, seed=1, count=FEWER, processes=1))
    assert "service level: in target / served" in wrong


def test_a_message_too_late_is_caught():
    [group] = TELETHON.rules.groups.values()
    later = replace(group, steps=(replace(group.steps[0], after_ms=240_000),))
    rules = replace(TELETHON.rules, groups={group.id: later})
    wrong = disagreeing(published.TELETHON, replicate(replace(TELETHON, rules=rules), seed=1, count=FEWER, processes=1))
    assert "messages left after 2 minutes" in wrong


def answered_by_agent(strategy):
    """How many calls each of ten agents with little to do answers in 20 hours."""
    answered = Counter()

    def watch(_event, outputs, _now):
        answered.update(each.agent for each in outputs if type(each) is CallConnected)

    rules = textbook_rules(10, of_group={"strategy": strategy})
    run = VirtualRun(World(textbook(per_h=120, talk_s=90), rules, seed=1), Router(rules), watch)
    run.until(Instant(20 * 3_600_000))
    return [answered[agent] for agent in rules.agents]


def test_the_longest_idle_have_equal_shares_of_the_calls():
    """To callers all agents are alike: whoever is chosen, the published figures hold. The agents' own don't."""
    alike, unlike = answered_by_agent(Strategy.LONGEST_IDLE), answered_by_agent(Strategy.FIXED_ORDER)
    assert sum(alike) == sum(unlike)
    assert max(alike) < 1.3 * min(alike)
    assert max(unlike) > 20 * min(unlike)


# --- the arithmetic -----------------------------------------------------------------------------------------


def test_replications_are_the_same_in_any_number_of_processes():
    assert replicate(MMC, seed=5, count=4, processes=2) == replicate(MMC, seed=5, count=4, processes=1)


def test_a_ratio_of_means_is_not_the_mean_of_ratios():
    ratio, half_width = ratio_of_means([1.0, 30.0], [10.0, 100.0])
    assert ratio == pytest.approx(31 / 110)
    assert half_width > 0


def test_a_plain_mean_has_the_plain_half_width():
    mean, half_width = ratio_of_means([1.0, 2.0, 3.0, 4.0], [1.0] * 4)
    assert mean == 2.5
    assert half_width == pytest.approx(1.96 * (5 / 3 / 4) ** 0.5)


def test_opening_hours_cut_a_stretch():
    hour = 3_600_000
    assert TELETHON.open_ms(Instant(5 * hour), Instant(7 * hour)) == hour
    assert TELETHON.open_ms(Instant(9 * hour), Instant(11 * hour)) == hour
    assert TELETHON.open_ms(Instant(24 * hour), Instant(29 * hour)) == 0
    assert TELETHON.open_ms(Instant(31 * hour), Instant(32 * hour)) == hour


def test_a_figure_beyond_what_is_allowed_disagrees():
    days = replicate(MMC, seed=1, count=3, processes=1)
    [verdict] = verdicts([Figure("calls in target", "in_target", None, 1000.0, 3.0)], days)
    assert not verdict.agrees


# --- `make validate` ---------------------------------------------------------------------------------------------


def validated(monkeypatch, mean):
    """Its output and exit code, of one hour of M/M/12 held against a figure of that mean."""
    hour = replace(MMC, closes_ms=3_600_000)
    figure = Figure("calls in target", "in_target", None, mean, 1.0)
    monkeypatch.setattr("simulator.validation.__main__.EXAMPLES", {"hour": (hour, (figure,))})
    return CliRunner(env={"COLUMNS": "120"}).invoke(validate, ["--replications", "6", "--processes", "1"])


def test_validate_prints_both_and_ends_well_when_they_agree(monkeypatch):
    result = validated(monkeypatch, mean=245.0)
    assert result.exit_code == 0
    assert result.output.startswith("seed 1: python -m simulator.validation --seed 1 --replications 6")
    assert "245 ± 1" in result.output
    assert "every figure agrees with the published one" in result.output


def test_validate_ends_with_an_error_when_one_disagrees(monkeypatch):
    result = validated(monkeypatch, mean=145.0)
    assert result.exit_code == 1
    assert "DISAGREES" in result.output
    assert "1 figures disagree" in result.output
