import pytest

from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup
from simulator.arrivals import Poisson, Recorded
from simulator.distributions import Constant, Exponential, Uniform
from simulator.kinds import Kind
from simulator.settings import SimulatorSettings, arrivals, from_table, simulated_agents

RULES = Rules(
    groups={"desk": SkillGroup("desk", wrap_up_ms=30_000)},
    entries={"1": EntryPoint("1", "desk"), "2": EntryPoint("2", "desk")},
    agents={"ann": AgentRecord("ann", "P/1"), "bob": AgentRecord("bob", "P/2")},
)


def test_a_table_is_read():
    table = {
        "talk_s": {"exponential": 60},
        "patience_s": 30,
        "break_every_s": "never",
        "load": 1,
        "pbx_latency_ms": 5,
        "calls_per_h": {"1": 40},
        "simulated_agents": ["ann"],
        "wrap_up_s": None,
    }
    assert from_table(table) == SimulatorSettings(
        talk_s=Exponential(60),
        patience_s=Constant(30),
        break_every_s=None,
        load=1,
        pbx_latency_ms=5,
        calls_per_h={"1": 40},
        simulated_agents=("ann",),
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"talks_s": 1}, "simulator.talks_s is no setting; there are agent_ends_probability"),
        ({"talk_s": "long"}, "simulator.talk_s: 'long' is no distribution"),
        ({"load": "high"}, "simulator.load: a number of at least 0 is wanted, not 'high'"),
        ({"pbx_latency_ms": 0.5}, "simulator.pbx_latency_ms: a whole number"),
        ({"simulated_agents": "ann"}, "simulator.simulated_agents: a list of agents' ids is wanted, not 'ann'"),
        ({"calls_per_h": 40}, "simulator.calls_per_h: a table of calls per hour"),
        ({"calls_per_h": {"1": -1}}, "simulator.calls_per_h: a number of at least 0"),
        ({"miss_probability": 2}, "miss_probability is from 0 to 1, not 2"),
        ({"time_scale": 0}, "time_scale is above 0, not 0"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(table, said):
    with pytest.raises(ValueError) as error:
        from_table(table)
    assert said in str(error.value)


def test_scale_shortens_everything_but_ringing():
    settings = SimulatorSettings(
        time_scale=4, talk_s=Constant(200), answer_s=Constant(5), break_every_s=None, calls_per_h={"1": 30}
    )
    scaled = settings.in_scale()
    assert (scaled.talk_s, scaled.answer_s, scaled.calls_per_h) == (Constant(50), Constant(5), {"1": 120})
    assert scaled.break_every_s is None
    assert scaled.in_scale() == scaled


def test_without_rates_the_load_is_spread_evenly():
    """Two agents, each call 180 s in all: 40 calls an hour fill both."""
    settings = SimulatorSettings(load=1, answer_s=Constant(10), talk_s=Constant(140), wrap_up_s=Constant(60))
    assert arrivals(settings, RULES) == {"1": Poisson(20), "2": Poisson(20)}
    assert arrivals(SimulatorSettings(calls_per_h={"2": 7}), RULES) == {"2": Poisson(7)}
    assert arrivals(settings, Rules()) == {}


def test_arrivals_take_the_place_of_rates():
    given = SimulatorSettings(calls_per_h={"1": 3, "2": 7}, arrivals={"2": Recorded((5,))})
    assert arrivals(given, RULES) == {"1": Poisson(3), "2": Recorded((5,))}
    assert arrivals(SimulatorSettings(arrivals={"2": Recorded((5,))}), RULES) == {"2": Recorded((5,))}


def test_everybody_is_simulated_or_those_named():
    assert simulated_agents(SimulatorSettings(), RULES) == ("ann", "bob")
    assert simulated_agents(SimulatorSettings(simulated_agents=("bob",)), RULES) == ("bob",)


def test_unknown_agents_and_entries_are_named():
    with pytest.raises(ValueError, match="no agent has the id 'eve'"):
        simulated_agents(SimulatorSettings(simulated_agents=("eve",)), RULES)
    with pytest.raises(ValueError, match="shifts: no agent has the id 'eve'"):
        simulated_agents(SimulatorSettings(shifts={"eve": ()}), RULES)
    for key, value in (("calls_per_h", 1), ("arrivals", Poisson(1)), ("callers", Kind())):
        with pytest.raises(ValueError, match=f"{key}: no entry point has the number '3'"):
            arrivals(SimulatorSettings(**{key: {"3": value}}), RULES)


def test_latencies_may_be_told_as_uniform():
    assert from_table({"answer_s": {"uniform": [1, 2]}}).answer_s == Uniform(1, 2)
