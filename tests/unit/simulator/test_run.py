from acd.commands import OfferCall
from acd.events import DeadlineReached
from acd.ids import Instant
from acd.notices import OfferEnded
from acd.router import Router
from simulator.distributions import Constant
from simulator.run import VirtualRun, run_virtual
from simulator.world import World
from tests.simulation.centres import LIVELY, lively_rules, textbook, textbook_rules


def test_gives_the_figures_of_the_hours_asked():
    """60 calls an hour of a minute each, and thirty agents: everybody is answered at once."""
    summary = run_virtual(textbook_rules(30), textbook(per_h=60, talk_s=60), seed=1, hours=10)
    assert 500 < summary.calls < 700
    assert summary.answered == summary.calls
    assert summary.service_level == 1
    assert summary.queue_max == 0


def test_the_same_seed_gives_the_same_summary():
    assert run_virtual(lively_rules(), LIVELY, 1, 1) == run_virtual(lively_rules(), LIVELY, 1, 1)


def test_goes_on_from_where_it_stopped():
    """Two halves are the whole."""

    def run(*ends):
        steps = []
        virtual = VirtualRun(World(LIVELY, lively_rules(), 1), Router(lively_rules()), lambda *step: steps.append(step))
        for end in ends:
            virtual.until(Instant(end))
        return steps

    assert run(1_000_000, 2_000_000) == run(2_000_000)


def test_the_routers_deadlines_are_kept_to_the_millisecond():
    """A ring that nobody answers is over when the router said, by no event but the clock's."""
    rung_for = []
    begun = {}

    def watch(event, outputs, now):
        for out in outputs:
            if type(out) is OfferCall:
                begun[out.offer] = now
            elif type(out) is OfferEnded and type(event) is DeadlineReached:
                rung_for.append(now - begun[out.offer])

    settings = textbook(per_h=60, talk_s=60, miss_probability=1, ready_after_s=Constant(7))
    run_virtual(textbook_rules(1), settings, seed=1, hours=0.5, watch=watch)
    assert len(rung_for) > 10
    assert set(rung_for) == {15_000}
