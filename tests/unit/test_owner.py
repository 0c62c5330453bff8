"""The owner task: in order, journal first, deadlines on time, and time never goes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from acd import events as ev
from acd.journal import Journal, Segment, places, read, writing
from acd.owner import BATCH, Clock, Owner, Step
from acd.replay import Replay
from acd.router import Output, Router
from tests.conversation import arrives, centre, group, ready

EPOCH_S = 1_763_760_000.0
START = 1_763_760_000_000
Make = Callable[..., Owner]


@pytest.fixture
async def owner_of(tmp_path: Path, nursery: trio.Nursery) -> AsyncIterator[Make]:
    """Makes an owner with these watchers; it runs when told to."""
    journals = []

    def make(*watchers: Callable[[Output, Step], None], run: bool = True, **rules: Any) -> Owner:
        router = Router(centre(group("desk", ring_ms=10_000), agents=["ann", "bob"], **rules))
        journals.append(Journal.create(tmp_path / "journal", router, START))
        owner = Owner(router, journals[-1], Clock(EPOCH_S), watchers)
        if run:
            nursery.start_soon(owner.run)
        return owner

    yield make
    nursery.cancel_scope.cancel()
    for journal in journals:
        journal.close()


class Seen:
    """A watcher that keeps what it saw."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, ev.Event, Output]] = []

    def __call__(self, outputs: Output, step: Step) -> None:
        self.steps.append((step.at, step.event, outputs))

    @property
    def events(self) -> list[ev.Event]:
        return [event for _, event, _ in self.steps]


def say(owner: Owner, *events: ev.Event) -> None:
    for event in events:
        owner.tell(event)


# --- order ----------------------------------------------------------------------------------------------------


async def test_watchers_see_a_step_in_order_and_the_teller_is_replied_to_last(owner_of: Make) -> None:
    """By the time of a reply all is told: a client's answer comes behind the events that its request caused."""
    order: list[str] = []
    owner = owner_of(lambda *_: order.append("first"), lambda *_: order.append("second"))
    owner.tell(ev.LoggedIn("ann"), lambda outputs: order.append(f"reply {len(outputs)}"))
    await trio.testing.wait_all_tasks_blocked()
    assert order == ["first", "second", "reply 1"]


async def test_an_event_is_journaled_before_anybody_sees_what_it_did(owner_of: Make, tmp_path: Path) -> None:
    journaled: list[ev.Event] = []
    owner = owner_of(lambda _, step: journaled.extend(line.item for line in list(read(tmp_path / "journal"))[1:]))
    say(owner, ev.PbxFound())
    await trio.testing.wait_all_tasks_blocked()
    assert journaled == [ev.PbxFound()]


async def test_events_are_handled_in_the_order_told_at_the_instant_told(
    owner_of: Make, autojump_clock: trio.testing.MockClock
) -> None:
    seen = Seen()
    owner = owner_of(seen)
    say(owner, ev.PbxFound())
    await trio.sleep(1.5)
    say(owner, ev.LoggedIn("ann"), ev.LoggedIn("bob"))
    await trio.sleep(1)
    assert [(at - START, event) for at, event, _ in seen.steps] == [
        (0, ev.PbxFound()),
        (1_500, ev.LoggedIn("ann")),
        (1_500, ev.LoggedIn("bob")),
    ]


async def test_many_events_are_handled_in_batches_and_none_is_lost(owner_of: Make) -> None:
    """Others have their turn between two batches."""
    seen, turns = Seen(), []
    owner = owner_of(seen)
    say(owner, *[ev.LoggedIn("ann")] * (3 * BATCH))
    assert owner.backlog() == 3 * BATCH
    while owner.backlog():
        await trio.lowlevel.checkpoint()
        turns.append(len(seen.steps))
    assert len(turns) >= 2
    # in Trio's random order two of the owner's turns may come between two of ours
    assert max(after - before for before, after in zip([0, *turns], turns)) <= 2 * (BATCH + 1)
    await trio.testing.wait_all_tasks_blocked()
    assert len(seen.steps) == 3 * BATCH


async def test_what_a_watcher_tells_is_handled_after_the_present_step(owner_of: Make) -> None:
    seen = Seen()

    def echo(_outputs: Output, step: Step) -> None:
        if step.event == ev.LoggedIn("ann"):
            owner.tell(ev.ReadyAsked("ann"))

    owner = owner_of(echo, seen)
    say(owner, ev.LoggedIn("ann"))
    await trio.testing.wait_all_tasks_blocked()
    assert seen.events == [ev.LoggedIn("ann"), ev.ReadyAsked("ann")]


# --- deadlines ------------------------------------------------------------------------------------------------


async def test_a_deadline_is_kept_at_its_instant_without_any_event(
    owner_of: Make, autojump_clock: trio.testing.MockClock
) -> None:
    """Neither a millisecond early, which would wake it twice, nor more than one late."""
    seen = Seen()
    owner = owner_of(seen)
    await trio.sleep(0.1234)
    say(owner, ev.PbxFound(), *ready("ann"), arrives("c1"))
    await trio.sleep(60)
    deadlines = [at for at, event, _ in seen.steps if isinstance(event, ev.DeadlineReached)]
    assert deadlines == [START + 123 + 10_000]
    assert owner.router.agents["ann"].reason == "no-answer"


async def test_an_earlier_deadline_set_while_it_waits_is_kept_too(
    owner_of: Make, autojump_clock: trio.testing.MockClock
) -> None:
    seen = Seen()
    owner = owner_of(seen, client_grace_ms=2_000)
    say(owner, ev.PbxFound(), *ready("ann", "bob"), arrives("c1"))
    await trio.sleep(1)
    say(owner, ev.ClientLost("bob"))
    await trio.sleep(60)
    deadlines = [at - START for at, event, _ in seen.steps if isinstance(event, ev.DeadlineReached)]
    assert deadlines == [3_000, 10_000]


async def test_events_told_before_a_deadline_came_up_are_handled_before_it(
    owner_of: Make, mock_clock: trio.testing.MockClock
) -> None:
    """A busy spell: a ring is over while more events wait than one batch. Time must not seem to go back."""
    seen = Seen()
    owner = owner_of(seen, run=False)
    say(owner, ev.PbxFound(), *ready("ann"), arrives("c1"))
    say(owner, *[ev.LoggedIn("bob")] * (2 * BATCH))
    mock_clock.jump(9.999)
    say(owner, *[ev.LoggedIn("bob")] * (2 * BATCH))
    mock_clock.jump(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(owner.run)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    instants = [at for at, _, _ in seen.steps]
    assert instants == sorted(instants)
    assert seen.events[-1] == ev.DeadlineReached()
    assert len(seen.steps) == 4 + 4 * BATCH + 1


async def test_an_event_told_in_the_moment_a_deadline_comes_up_is_no_step_back(
    owner_of: Make, mock_clock: trio.testing.MockClock
) -> None:
    """Between the end of the wait and the owner's turn another task may tell something, at an earlier instant."""
    seen = Seen()
    owner = owner_of(seen)
    say(owner, ev.PbxFound(), *ready("ann"), arrives("c1"))
    await trio.testing.wait_all_tasks_blocked()

    async def rival() -> None:
        await trio.sleep_until(trio.current_time() + 10.0005)
        owner.tell(ev.LoggedIn("bob"))
        mock_clock.jump(0.002)

    for _ in range(20):  # the two wake in the same tick, in either order
        async with trio.open_nursery() as nursery:
            nursery.start_soon(rival)
            await trio.testing.wait_all_tasks_blocked()
            mock_clock.jump(11)
        await trio.testing.wait_all_tasks_blocked()
        say(owner, ev.ReadyAsked("ann"))
        await trio.testing.wait_all_tasks_blocked()
    instants = [at for at, _, _ in seen.steps]
    assert instants == sorted(instants)
    assert seen.events.count(ev.LoggedIn("bob")) == 20


# --- the clock ------------------------------------------------------------------------------------------------


async def test_the_clock_counts_on_from_the_start_whatever_the_systems_clock_does(
    mock_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(EPOCH_S)
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert clock.now() == START
    mock_clock.jump(1.2345)
    assert clock.now() == START + 1_234


async def test_the_clock_has_reached_an_instant_when_its_trio_time_has_come(
    mock_clock: trio.testing.MockClock,
) -> None:
    clock = Clock(EPOCH_S)
    for ms in range(0, 20_000, 7):
        at = clock.trio_time(START + ms)
        mock_clock.jump(max(0.0, at - trio.current_time()))
        assert clock.now() == START + ms
        assert clock.has_come(START + ms)
        assert not clock.has_come(START + ms + 1)
    assert not clock.has_come(None)


# --- ours -----------------------------------------------------------------------------------------------------


async def test_a_fault_ends_the_owner(owner_of: Make) -> None:
    """An owner that goes on after a fault would route by a state nobody knows."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    owner = owner_of(broken, run=False)
    say(owner, ev.PbxFound())
    with pytest.raises(ZeroDivisionError):
        await owner.run()


async def test_a_journal_that_cannot_be_written_does_not_stop_the_calls(
    owner_of: Make, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is missing is counted, and writing goes on when there is room again, from what the router is then."""
    seen = Seen()
    owner = owner_of(seen)
    with monkeypatch.context() as disk:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        disk.setattr(places, "write_all", full)
        disk.setattr(writing, "write_all", full)
        say(owner, ev.PbxFound(), ev.LoggedIn("ann"))
        await trio.testing.wait_all_tasks_blocked()
    await trio.sleep(2)
    say(owner, ev.ReadyAsked("ann"))
    await trio.testing.wait_all_tasks_blocked()
    assert seen.events == [ev.PbxFound(), ev.LoggedIn("ann"), ev.ReadyAsked("ann")]
    assert owner.journal_errors == 2
    _, head, event = [line.item for line in read(tmp_path / "journal")]
    assert isinstance(head, Segment)
    assert (head.missing, head.snapshot.agents[0].state, event) == (2, "not-ready", ev.ReadyAsked("ann"))


async def test_the_journal_proves_which_commands_were_put_out(owner_of: Make, tmp_path: Path) -> None:
    owner = owner_of()
    say(owner, ev.PbxFound(), *ready("ann"), arrives("c1"), ev.DeadlineReached())
    await trio.testing.wait_all_tasks_blocked()
    replay = Replay(read(tmp_path / "journal"))
    assert [step.outputs for step in replay][3]
    assert replay.difference is None
    assert replay.tally.commands == 1
