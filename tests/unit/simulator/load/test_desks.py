"""The parent's words to a process of clients."""

from __future__ import annotations

from random import Random

import pytest
import trio

from simulator.load.desk import Desk, Notes
from simulator.load.desks import Floor, Process

AGENTS = 12


@pytest.fixture
async def process(nursery: trio.Nursery) -> Process:
    """Agents and a supervisor, all of them in, without connections."""
    process = Process(nursery)
    floor = Floor("ws://127.0.0.1:1/ws", "secret", 0.5, nursery)
    for number in range(AGENTS + 1):
        desk = Desk(floor, f"{number}", Notes(), Random(number))
        desk.is_in, desk.is_agents = True, number < AGENTS
        process._desks.append(desk)
    return process


async def test_of_those_who_are_to_be_slow_every_other_stops_reading(process: Process) -> None:
    told = await process.obey({"do": "slow_down", "number": 5})
    assert (len(told["stopped"]), len(told["slowed"])) == (3, 2)
    assert not set(told["stopped"]) & set(told["slowed"])
    there = await process.obey({"do": "collect"})
    assert there["in"] == AGENTS + 1 - 5
    assert there["slow"] == dict.fromkeys((*told["stopped"], *told["slowed"]), "")


async def test_no_more_can_be_slow_than_there_are_and_no_supervisor(process: Process) -> None:
    told = await process.obey({"do": "slow_down", "number": 99})
    assert sorted(map(int, (*told["stopped"], *told["slowed"]))) == list(range(AGENTS))


async def test_a_share_of_those_who_read_is_cut(process: Process) -> None:
    await process.obey({"do": "slow_down", "number": 3})
    assert (await process.obey({"do": "cut", "share": 0.5}))["cut"] == 5


async def test_each_collection_begins_anew(process: Process) -> None:
    process._notes.slow_offers.append(("c1", "1", 1.0))
    process._notes.failures["gone"] += 1
    told = await process.obey({"do": "collect"})
    assert (told["slow_offers"], told["failures"]) == ([("c1", "1", 1.0)], {"gone": 1})
    told = await process.obey({"do": "collect"})
    assert (told["slow_offers"], told["failures"]) == ([], {})


@pytest.mark.parametrize(("url", "family"), [("ws://[::1]:8080/ws", "AF_INET6"), ("ws://localhost:1/ws", "AF_INET")])
async def test_the_address_says_which_kind_of_socket(nursery: trio.Nursery, url: str, family: str) -> None:
    assert Floor(url, "secret", 0.5, nursery).family == getattr(trio.socket, family)
