"""How much a run asks of the agents."""

import pytest

from simulator.load.centre import Centre
from simulator.load.plan import BUSY_SHARE, RING_S, TALK_S_MAX, TALK_S_MIN, WRAP_UP_S, Plan


def plan(agents: int, slow_agents: float = 0.0) -> Plan:
    return Plan(centre=Centre(agents=agents), slow_agents=slow_agents)


@pytest.mark.parametrize("agents", [4, 10, 60, 300, 5000])
def test_at_the_highest_rate_somebody_is_idle_for_each_caller_who_comes_at_random(agents: int) -> None:
    """Of few agents a smaller share is at work: chance is larger there."""
    asked = plan(agents)
    rate = asked.rate_max()
    at_once = rate / 2 * (asked.talk_s(rate) + RING_S + WRAP_UP_S)
    assert at_once <= max(0.5, BUSY_SHARE * agents / 2)
    assert agents < 10 or at_once + 2.5 * at_once**0.5 <= agents / 2


def test_talks_are_shorter_at_high_rates_but_not_longer_than_need_be_at_low_ones() -> None:
    asked = plan(300)
    assert asked.talk_s(10) == TALK_S_MAX
    assert TALK_S_MIN <= asked.talk_s(asked.rate_max()) < 1


def test_a_share_of_agents_is_at_least_one() -> None:
    assert [plan(300, share).slow_number() for share in (0.0, 0.001, 0.01, 0.5)] == [0, 1, 3, 150]
