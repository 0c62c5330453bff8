import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.erlang.formulas import erlang_b
from simulator.erlang.inverses import Demand, Target, agents_for, calls_for, trunks_for, with_shrinkage

EIGHTY_TWENTY = Target(service_level=0.8, within_s=20)


@pytest.mark.parametrize(("erlangs", "agents"), [(10, 14), (20, 24), (50, 56), (100, 107)])
def test_the_staffing_tables(erlangs, agents):
    assert agents_for(Demand(erlangs * 20, 180), EIGHTY_TWENTY) == agents


def test_the_example_of_pyworkforce():
    """100 calls in 30 minutes of 3 minutes each, 80 % in 20 s, shrinkage 30 %, occupancy at most 85 %."""
    demand = Demand(200, 180)
    agents = agents_for(demand, Target(service_level=0.8, within_s=20, occupancy_max=0.85))
    queue = demand.with_agents(agents)
    assert (agents, with_shrinkage(agents, 0.3)) == (14, 20)
    assert round(queue.service_level(20), 5) == 0.88835
    assert round(queue.occupancy, 6) == 0.714286


def test_an_occupancy_may_ask_for_more_agents_than_the_service_level():
    assert agents_for(Demand(2000, 180), Target(service_level=0.8, occupancy_max=0.85)) == 118
    assert agents_for(Demand(2000, 180), EIGHTY_TWENTY) == 107


@pytest.mark.parametrize(("agents", "shrinkage", "positions"), [(14, 0.3, 20), (7, 0.3, 10), (0, 0.5, 0), (1, 0, 1)])
def test_shrinkage(agents, shrinkage, positions):
    assert with_shrinkage(agents, shrinkage) == positions


@settings(deadline=None)
@given(agents=st.integers(0, 3000), hundredths=st.integers(0, 99))
def test_positions_are_the_fewest_that_leave_enough(agents, hundredths):
    positions = with_shrinkage(agents, hundredths / 100)
    assert positions * (100 - hundredths) >= agents * 100
    assert (positions - 1) * (100 - hundredths) < agents * 100


MODELS = st.sampled_from(["a", "b", "c"])
TARGETS = st.one_of(
    st.builds(Target, service_level=st.floats(0.3, 0.99), within_s=st.floats(0, 60)),
    st.builds(Target, occupancy_max=st.floats(0.3, 0.95)),
    st.builds(Target, answered=st.floats(0.3, 0.99), occupancy_max=st.floats(0.3, 0.95)),
    st.builds(Target, asa_s=st.floats(0.5, 60), blocking=st.floats(0.01, 0.5), abandonment=st.floats(0.01, 0.5)),
)


@settings(deadline=None)
@given(calls=st.floats(1, 2000), aht_s=st.floats(20, 600), patience_s=st.floats(10, 600), model=MODELS, target=TARGETS)
def test_the_fewest_agents_keep_it_and_one_fewer_does_not(calls, aht_s, patience_s, model, target):
    demand = Demand(calls, aht_s, patience_s, model)
    agents = agents_for(demand, target)
    assert target.kept(demand.with_agents(agents))
    if agents > (int(demand.erlangs) + 1 if model == "c" else 0):
        assert not target.kept(demand.with_agents(agents - 1))


@settings(deadline=None)
@given(agents=st.integers(1, 200), aht_s=st.floats(20, 600), patience_s=st.floats(10, 600), model=MODELS)
def test_the_most_calls_are_kept_and_a_few_more_are_not(agents, aht_s, patience_s, model):
    demand = Demand(0, aht_s, patience_s, model)
    target = Target(service_level=0.8, within_s=20)
    most = calls_for(agents, demand, target)
    assert target.kept(Demand(most, aht_s, patience_s, model).with_agents(agents))
    try:
        more = Demand(most * 1.0001, aht_s, patience_s, model).with_agents(agents)
    except ValueError:  # beyond the steady state
        return
    assert not target.kept(more)


def test_agents_and_calls_are_each_others_inverse():
    most = calls_for(14, Demand(0, 180), EIGHTY_TWENTY)
    assert agents_for(Demand(most, 180), EIGHTY_TWENTY) == 14
    assert agents_for(Demand(most + 0.01, 180), EIGHTY_TWENTY) == 15


@settings(deadline=None)
@given(erlangs=st.floats(0.1, 500), blocking=st.floats(0.0001, 1))
def test_the_fewest_trunks(erlangs, blocking):
    lines = trunks_for(erlangs, blocking)
    assert erlang_b(erlangs, lines) <= blocking
    assert lines == 0 or erlang_b(erlangs, lines - 1) > blocking


def test_without_calls_nobody_is_needed_and_nobody_takes_no_calls():
    assert agents_for(Demand(0, 180), EIGHTY_TWENTY) == 0
    assert calls_for(0, Demand(0, 180), EIGHTY_TWENTY) == 0


def test_answered_by_people_as_the_railway_wants_it():
    """With patience: 85 % may be answered by fewer agents than there is work."""
    demand = Demand(2000, 180, 120, "a")
    agents = agents_for(demand, Target(answered=0.85))
    assert agents == 86
    assert demand.with_agents(agents).abandonment <= 0.15 < demand.with_agents(agents - 1).abandonment


@pytest.mark.parametrize(
    ("does", "says"),
    [
        (lambda: Demand(1, 1, None, "d"), "there are Erlang a, b, c, not 'd'"),
        (lambda: Demand(1, 1, None, "a"), "Erlang A needs the callers' mean patience"),
        (lambda: Target(service_level=1.2), "service level is a share from 0 to 1, not 1.2"),
        (lambda: Target(asa_s=-2), "asa s is seconds, at least 0, not -2"),
        (lambda: Target(occupancy_max=0), "occupancy max is above 0"),
        (lambda: agents_for(Demand(1, 1), Target()), "nothing is to be kept"),
        (lambda: agents_for(Demand(1000, 3600), Target(occupancy_max=1e-6)), "not even 1,000,000 agents"),
        (lambda: trunks_for(10, 0), "blocking is a share above 0"),
        (lambda: calls_for(5, Demand(1, 180, 60, "a"), Target(occupancy_max=1)), "it limits nothing"),
        (lambda: with_shrinkage(3, 1), "shrinkage is a share of at least 0 and below 1, not 1"),
    ],
)
def test_what_can_not_be_is_said(does, says):
    with pytest.raises(ValueError, match=says):
        does()
