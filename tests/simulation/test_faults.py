"""Days with faults, by seed: nothing is lost for good, nobody is stuck, and when they are over all is as it should be.

`a_day` (see tests/simulation/faulty.py) has the promises; each test lets it live through other faults.
"""

from collections import Counter
from contextlib import suppress

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from acd import events as ev
from acd.cti_adapters.simulated import SimulatedPbx
from acd.events import CallArrived, ClientLost, DeadlineReached, LoggedIn, PbxFound, PbxLost
from acd.ids import Instant
from acd.journal import Journal, read
from acd.notices import CallFinished
from acd.replay import Replay
from acd.router import Router
from simulator.faults import Faults, Faulty
from simulator.world import World
from tests.simulation.centres import LIVELY, lively_rules
from tests.simulation.faulty import ALL, CENTRES, KINDS, Day, Tried, Watched, a_day
from tests.unit.cti_adapters.test_simulated import Owner

SEEDS = 6


def test_without_faults_it_is_as_if_there_were_no_layer():
    """The same events at the same instants, and the same answers."""
    for centre in CENTRES:
        plain = Day(centre, Faults(), 7, layer=lambda world, _faults, _seed: world)
        layered = Day(centre, Faults(), 7)
        for day in (plain, layered):
            day.until_min(15)
        assert plain.steps == layered.steps


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_alone_is_got_over(kind, centre, seed):
    """World and router agree afterwards, whoever was there has found an end, and everybody is rung again."""
    a_day(centre, KINDS[kind], seed)


@pytest.mark.parametrize("seed", range(100, 100 + 2 * SEEDS))
@pytest.mark.parametrize("centre", CENTRES)
def test_all_faults_together_are_got_over(centre, seed):
    a_day(centre, ALL, seed)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("centre", CENTRES)
def test_the_model_of_the_rules_agrees_at_every_step(centre, seed):
    """Told promptly or late, and told all anew, the router answers the same; and what it answers is foretold."""
    day = a_day(centre, ALL, seed, watched=Tried)
    day.core.replay()


SHARES = st.sampled_from([0.0, 0.05, 0.3])
RATES = st.sampled_from([0.0, 20.0, 60.0])


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    centre=st.sampled_from([*CENTRES]),
    shares=st.tuples(SHARES, SHARES, SHARES, st.sampled_from([0.0, 0.02])),
    rates=st.tuples(RATES, RATES, RATES, RATES),
)
def test_any_mixture_of_faults_is_got_over(seed, centre, shares, rates):
    late, duplicate, reordered, lost = shares
    link, clock, socket, swizzles = rates
    faults = Faults(
        late=late,
        duplicate=duplicate,
        reordered=reordered,
        lost=lost,
        link_drops_per_h=link,
        clock_jumps_per_h=clock,
        socket_drops_per_agent_h=socket,
        swizzles_per_h=swizzles,
        until_s=ALL.until_s,
    )
    a_day(centre, faults, seed)


def test_the_same_seed_gives_the_same_day_and_another_another():
    def steps(seed):
        day = Day("talkative", ALL, seed)
        day.until_min(12)
        return day.steps

    assert steps(3) == steps(3)
    assert steps(3) != steps(4)


def test_the_journal_of_such_a_day_gives_the_same_commands(tmp_path):
    path = tmp_path / "journal"
    day = Day("talkative", ALL, 5)
    journal = Journal.create(path, Router(day.rules), Instant(0))
    day.until_min(18)
    for event, outputs, now in day.steps:
        journal.append(event, now)
        journal.answered(outputs)
    journal.close()
    replay = Replay(read(path))
    assert len([*replay]) == len(day.steps)
    assert replay.difference is None


def test_everything_happens_in_days_like_these():
    """What never happens isn't tested."""
    counts = Counter()
    for seed in range(4):
        for centre in CENTRES:
            day = Day(centre, ALL, seed)
            day.until_min(18)
            counts["drops"] += day.outside.link.drops
            counts["cuts"] += day.outside.sockets.cuts
            for event, _, _ in day.steps:
                counts[type(event)] += 1
                if type(event) is CallArrived:
                    counts["found waiting"] += event.waiting_since is not None
            late = [event for event, outputs, _ in day.steps if type(event) is not DeadlineReached and not outputs]
            counts["changed nothing"] += len(late)
            counts["jumps"] += day.outside.clocks.core(Instant(0)) != 0
    assert min(counts[PbxLost], counts["drops"], counts["found waiting"]) > 50
    assert min(counts[ClientLost], counts["cuts"], counts["changed nothing"]) > 100
    assert counts[LoggedIn] > counts[ClientLost]
    assert counts["jumps"] > 8
    assert abs(counts[PbxFound] - counts[PbxLost] - 12) <= 12


# --- a test must be able to fail ------------------------------------------------------------------------------------


class Forgetful(Faulty):
    """Its survey leaves out the words of one kind."""

    swallows: type = CallArrived

    def _tell(self, event):
        if type(event) is self.swallows and self.is_looking:
            return
        super()._tell(event)

    is_looking = False

    def _look(self):
        self.is_looking = True
        super()._look()
        self.is_looking = False


def _is_caught(faults, **how):
    for seed in range(12):
        for centre in ("talkative", "winding"):
            with suppress(Exception):
                a_day(centre, faults, seed, **how)
                continue
            return True
    return False


@pytest.mark.parametrize("word", [ev.CallArrived, ev.CallerLeft, ev.OfferAccepted])
def test_a_survey_that_leaves_something_out_is_caught(word):
    layer = type("Leaves out", (Forgetful,), {"swallows": word})
    assert _is_caught(KINDS["link"], layer=layer)


@pytest.mark.parametrize(
    ("word", "kind"),
    [(ev.ClientLost, "sockets"), (ev.PhoneLeft, "duplicate"), (ev.CallerLeft, "late"), (ev.NumberFailed, "reordered")],
)
def test_a_router_that_is_deaf_to_a_word_is_caught(word, kind):
    assert _is_caught(KINDS[kind], watched=type("Deaf", (Watched,), {"deaf": (word,)}))


# --- in real time -----------------------------------------------------------------------------------------------------


async def test_a_faulty_world_runs_behind_the_port_in_real_time(autojump_clock):
    """The demo's adapter takes it for any world: links drop, clients come and go, and calls are served."""
    rules, faults = lively_rules(), Faults(late=0.1, link_drops_per_h=120, socket_drops_per_agent_h=20)
    owner, adapter = Owner(rules), SimulatedPbx(Faulty(World(LIVELY, rules, 1), faults, 1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(owner.run, adapter.observe)
        nursery.start_soon(adapter.run, owner.send_event.send_nowait, owner.commands)
        await trio.sleep(900)
        nursery.cancel_scope.cancel()
    kinds = Counter(type(event) for event, _, _ in owner.steps)
    assert min(kinds[PbxLost], kinds[ClientLost]) > 5
    assert kinds[LoggedIn] > kinds[ClientLost]
    ends = [out.outcome for _, outputs, _ in owner.steps for out in outputs if type(out) is CallFinished]
    assert len(ends) > 50
