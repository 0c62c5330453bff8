"""Who hears a replayed stream: each in a process of its own, which prints its seconds (clock and processor) as JSON.

    python -m benchmarks.ami_listeners adapter|daemon|panoramisk|panoramisk-some PORT AGENTS

The clock runs from the word that the play begins to the stream's last word. *adapter*: our AMI adapter alone, what it
tells is only counted. *daemon*: with owner, journal and router behind it, which has every call answered as it was (so
it is waited for at each ring): all but the sockets. *panoramisk*: bare, one callback for all events.
*panoramisk-some*: with patterns for the two that we need.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trio
from panoramisk.manager import Manager

from acd import events as ev
from acd.commands import Command, OfferCall
from acd.cti_adapters.asterisk.adapter import AsteriskAdapter
from acd.ids import AgentId, GroupId
from acd.journal import Journal
from acd.notices import CallConnected
from acd.outbox import PbxOutbox
from acd.owner import Clock, Owner, Step
from acd.router import Output, Router
from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup
from acd.settings import AsteriskSettings
from benchmarks.ami_player import FOLLOWS, MARKER

PLAY_S_MAX = 120.0
GROUP = GroupId("desk")


class Stopwatch:
    """Clock and processor seconds."""

    def __init__(self) -> None:
        self._begun = (0.0, 0.0)
        self.passed: dict[str, float] = {}

    def start(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        clock, processor = self._begun
        self.passed = {"clock_s": time.perf_counter() - clock, "processor_s": time.process_time() - processor}


def settings(port: int, user: str = "x") -> AsteriskSettings:
    return AsteriskSettings.model_validate({"port": port, "user": user, "secret": "x", "answer_s_max": 60.0})


class Told:
    """The other side of the adapter's port: times the play, and passes on."""

    def __init__(self, watch: Stopwatch, pass_on: Callable[[Any], None]) -> None:
        self._watch, self._pass_on = watch, pass_on
        self.over = trio.Event()

    def __call__(self, event: Any) -> None:
        if isinstance(event, ev.PbxFound):
            self._watch.start()
        self._pass_on(event)
        if isinstance(event, ev.CallArrived) and event.caller_number == MARKER:
            self._watch.stop()
            self.over.set()


async def adapter(port: int, _agents: int) -> dict[str, Any]:
    """The adapter alone."""
    watch, counted = Stopwatch(), Counter[str]()
    told = Told(watch, lambda event: counted.update([type(event).__name__]))
    send, receive = trio.open_memory_channel[Command](1)
    ours = AsteriskAdapter(settings(port))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ours.run, told, receive)
        await _until_over(told)
        nursery.cancel_scope.cancel()
    send.close()
    return {**watch.passed, "events": ours.events_seen.total(), "arrived": counted["CallArrived"]}


async def daemon(port: int, agents: int) -> dict[str, Any]:
    """All but the sockets. The clock stops when the router has had the last word."""
    names = [AgentId(str(1001 + number)) for number in range(agents)]
    rules = Rules(
        groups={GROUP: SkillGroup(GROUP, ring_ms=15_000, wrap_up_ms=0)},
        entries={"8001": EntryPoint("8001", GROUP)},
        agents={name: AgentRecord(name, f"PJSIP/{name}") for name in names},
    )
    watch, counted, over = Stopwatch(), Counter[str](), trio.Event()
    ours, clock, router = AsteriskAdapter(settings(port, FOLLOWS)), Clock(time.time()), Router(rules)
    outbox = PbxOutbox(ours.obey)

    def count(outputs: Output, step: Step) -> None:
        counted.update(type(each).__name__ for each in outputs if isinstance(each, OfferCall | CallConnected))
        if isinstance(step.event, ev.PbxFound):
            watch.start()
        if isinstance(step.event, ev.CallArrived) and step.event.caller_number == MARKER:
            watch.stop()
            over.set()

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        journal = Journal.create(Path(folder) / "journal.jsonl", router, clock.now())
        owner = Owner(router, journal, clock, [outbox.watch, count])
        for name in names:
            owner.tell(ev.LoggedIn(name))
            owner.tell(ev.ReadyAsked(name))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(owner.run)
            nursery.start_soon(ours.run, owner.tell, outbox.commands)
            with trio.fail_after(PLAY_S_MAX):
                await over.wait()
            nursery.cancel_scope.cancel()
        journal.close()
    return {**watch.passed, "events": ours.events_seen.total(), "connected": counted["CallConnected"]}


async def _until_over(told: Told) -> None:
    with trio.fail_after(PLAY_S_MAX):
        await told.over.wait()


async def panoramisk(port: int, patterns: list[str]) -> dict[str, Any]:
    """The library as its documentation shows it; the callback does no more than look at the event."""
    watch, counted, over = Stopwatch(), Counter[str](), asyncio.Event()

    def hear(_manager: Any, event: Any) -> None:
        counted["heard"] += 1
        if event.number == MARKER:
            watch.stop()
            over.set()

    manager = Manager(host="127.0.0.1", port=port, username="x", secret="x", encoding="utf8", ping_delay=600)
    for pattern in patterns:
        manager.register_event(pattern, hear)
    await manager.connect()
    await manager.authenticated_future
    begun = manager.send_action({"Action": "Ping", "ActionID": "go"}, as_list=False)
    begun.add_done_callback(lambda _: None)
    await begun
    watch.start()
    await asyncio.wait_for(over.wait(), PLAY_S_MAX)
    manager.close()
    return {**watch.passed, "heard": counted["heard"]}


def main() -> None:
    who, port, agents = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if who == "panoramisk":
        told = asyncio.run(panoramisk(port, ["*"]))
    elif who == "panoramisk-some":
        told = asyncio.run(panoramisk(port, ["UserEvent", "OriginateResponse"]))
    else:
        told = trio.run({"adapter": adapter, "daemon": daemon}[who], port, agents)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
