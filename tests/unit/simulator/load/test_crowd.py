"""Callers and phones, in virtual time, before a switch that rings the longest idle phone after a given delay."""

from __future__ import annotations

from collections import deque
from random import Random

import pytest

from acd.cti_adapters.asterisk.ami import Framer, Message
from simulator.load.asterisk import Asterisk
from simulator.load.crowd import BUSY, OPEN, Callers, Crowd
from simulator.load.timers import Timers

AGENTS, BACKLOG = 20, 6
DELAY_S = 0.004


class Switch:
    """Half of the phones serve each entry; a decision takes `DELAY_S`."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.timers = Timers()
        self.callers = Callers(Crowd(AGENTS, BACKLOG), self.timers, lambda: self.now, Random(seed))
        devices = [f"PJSIP/{n}" for n in range(2 * AGENTS)]
        self.pbx = Asterisk(self.callers, self.timers, lambda: self.now, 1_700_000_000.0, devices, "secret")
        self.callers.pbx = self.pbx
        self.idle = {BUSY: deque(devices[:AGENTS]), OPEN: deque(devices[AGENTS:])}
        self.waiting: dict[str, deque[str]] = {BUSY: deque(), OPEN: deque()}
        self.entries: dict[str, str] = {}
        self.devices: dict[str, str] = {}
        self.heard: list[str] = []
        self.does(Action="Login", Secret="secret")
        self.does(Action="Setvar", Variable="ACD_TOKEN", Value="token")

    def does(self, **headers: str | list[str]) -> None:
        lists = {key: value if isinstance(value, list) else [value] for key, value in headers.items()}
        self.pbx.obey({"ActionID": ["id"], **lists}, self.hear)

    def hear(self, words: bytes) -> None:
        [message] = Framer(None).feed(words)
        name = message.get("UserEvent", "")
        if name:
            self.heard.append(f"{self.now:.3f} {name} {message.get('Call') or message.get('Leg')}")
            self.timers.at(self.now + DELAY_S, lambda: self.decide(name, message))

    def decide(self, name: str, message: Message) -> None:
        if name == "ACDWait" and not message["Round"]:
            self.entries[message["Call"]] = message["Entry"]
            self.waiting[message["Entry"]].append(message["Call"])
        elif name == "ACDPhone":
            device = self.devices.pop(message["Leg"])
            self.idle[BUSY if int(device[6:]) < AGENTS else OPEN].append(device)
        elif name == "ACDAfter":
            self.does(Action="Hangup", Channel=message["Call"])
        for entry in (BUSY, OPEN):
            while self.waiting[entry] and self.idle[entry]:
                self.ring(self.waiting[entry].popleft(), self.idle[entry].popleft())

    def ring(self, call: str, device: str) -> None:
        leg = f"acd-{len(self.heard):08d}-{call}"
        self.devices[leg] = device
        variables = [f"ACD_CALLER={call}", f"ACD_AGENT={device[6:]}", "ACD_OFFER=1"]
        self.does(Action="Originate", ChannelId=leg, Channel=device, Context="acd-fetch", Variable=variables)

    def live(self, seconds: float) -> None:
        until = self.now + seconds
        while self.timers.next_at() <= until:
            self.now = max(self.now, self.timers.next_at())
            self.timers.run(self.now)
        self.now = until


@pytest.fixture
def switch() -> Switch:
    switch = Switch(seed=1)
    switch.callers.fill(50)
    switch.live(5)
    switch.callers.ledger.collect(switch.now)
    return switch


def test_first_every_phone_of_the_busy_group_talks_and_the_backlog_waits(switch: Switch) -> None:
    report = switch.callers.report()
    assert (report["talking"], report["waiting"]) == (AGENTS, BACKLOG)


def test_half_of_the_calls_are_decisions_half_dispatches_at_the_rate_asked_for(switch: Switch) -> None:
    switch.callers.go_on(10, 1.0)
    switch.live(100)
    told = switch.callers.report()
    assert 400 < len(told["decision"]) < 600
    assert 400 < len(told["dispatch"]) < 600
    assert told["late"] == told["lost"] == 0
    assert {round(each) for each in (*told["decision"], *told["dispatch"])} == {round(DELAY_S * 1000)}
    assert BACKLOG - 4 <= told["waiting"] <= BACKLOG + 4


def test_another_rate_holds_from_the_next_moment(switch: Switch) -> None:
    switch.callers.go_on(10, 1.0)
    switch.live(20)
    switch.callers.go_on(2, 1.0)
    switch.callers.report()
    switch.live(100)
    assert 60 < len(switch.callers.report()["decision"]) < 140


def test_in_the_end_everybody_has_been_served(switch: Switch) -> None:
    switch.callers.go_on(10, 1.0)
    switch.live(20)
    switch.callers.drain(50)
    switch.live(20)
    told = switch.callers.report()
    assert (told["waiting"], told["talking"], told["lost"]) == (0, 0, 0)
    assert told["arrived"] == told["talks"] == told["over"]


def test_the_same_seed_gives_the_same_words() -> None:
    said = []
    for seed in (1, 1, 2):
        switch = Switch(seed)
        switch.callers.fill(50)
        switch.callers.go_on(10, 1.0)
        switch.live(20)
        said.append(switch.heard)
    assert said[0] == said[1] != said[2]


def test_a_caller_who_goes_unserved_is_lost(switch: Switch) -> None:
    waiting = next(caller for caller in switch.pbx.callers.values() if caller.talk is None)
    switch.pbx.hang_up_caller(waiting)
    assert switch.callers.report()["lost"] == 1
